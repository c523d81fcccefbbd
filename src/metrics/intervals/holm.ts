/**
 * Corrects p values for multiple tests.
 */

/**
 * Holm's step-down correction: the probability of rejecting any true null hypothesis stays below the level for any
 * dependence between the tests (Holm 1979).
 * @param pValues `null` without a test: not counted
 */
export function holm(pValues: readonly (number | null)[]): (number | null)[] {
  const tests = pValues.flatMap((p, place) => (p === null ? [] : [{ p, place }])).sort((a, b) => a.p - b.p);
  const adjusted = pValues.map((): number | null => null);
  let most = 0;
  tests.forEach(({ p, place }, rank) => {
    most = Math.max(most, Math.min(1, p * (tests.length - rank)));
    adjusted[place] = most;
  });
  return adjusted;
}
