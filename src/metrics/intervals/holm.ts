/** P values corrected for their number. */

/**
 * Holm's step-down correction: the chance that any true null hypothesis among them is rejected stays below the level,
 * however they depend on each other (Holm 1979).
 *
 * @param pValues `null` where there is no test: those do not count
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
