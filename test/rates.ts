/** How often a rule errs where nothing is to be found. `npm run bench -- truth` prints all of these. */

export interface Rate {
  readonly name: string;
  readonly wrong: number;
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
