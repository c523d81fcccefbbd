/** How often a rule errs where nothing is to be found. `npm run bench -- truth` prints all of these. */

export interface Rate {
  readonly name: string;
  readonly wrong: number;
  /** Fewer, if these say enough. */
  readonly of: number;
  /** What a rule that errs in 5% of cases exceeds in about one series of a hundred. */
  readonly atMost: number;
}

/** Throws for rates above what they may be. */
export function expectRates(rates: readonly Rate[]): void {
  const high = rates.filter(({ wrong, atMost }) => wrong > atMost);
  const text = high.map(({ name, wrong, of, atMost }) => `${name}: ${wrong} of ${of}, at most ${atMost}`).join("; ");
  if (high.length > 0) throw new Error(text);
}

/** Whether series are tried to their ends, to print them. */
export const series: { areWhole: boolean } = { areWhole: false };

/**
 * Tries cases 1, 2 … up to `of`, each of which errs or not by each rule. Most series end early, by Wald's sequential
 * test: when a rule that errs so often that the whole series would show it 29 times in 30 would have erred more often
 * already, 199 times in 200. So the strength is that of the whole series.
 */
export async function triedRates(
  rules: readonly Omit<Rate, "wrong">[],
  errs: (seed: number) => readonly boolean[] | Promise<readonly boolean[]>,
): Promise<Rate[]> {
  const wrong = rules.map(() => 0);
  const most = Math.max(...rules.map(({ of }) => of));
  for (let seed = 1; seed <= most; seed++) {
    for (const [rule, hasErred] of (await errs(seed)).entries()) if (hasErred) wrong[rule]!++;
    if (!series.areWhole && rules.every((rule, at) => isSurelyRare(wrong[at]!, seed, rule))) break;
  }
  return rules.map((rule, at) => ({ ...rule, wrong: wrong[at]! }));
}

function isSurelyRare(wrong: number, tried: number, { of, atMost }: Omit<Rate, "wrong">): boolean {
  const limit = atMost / of;
  const tooOften = limit + 1.9 * Math.sqrt((limit * (1 - limit)) / of);
  const likelier = wrong * Math.log(tooOften / 0.05) + (tried - wrong) * Math.log((1 - tooOften) / 0.95);
  return likelier < -Math.log(200);
}
