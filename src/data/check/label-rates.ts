/** Rates that are this number of standard errors apart differ by more than chance. */
const FAR = 5;
const DIFFERENT = 0.25;

/** With fewer rows, rates are not compared. */
const FEW_ROWS = 100;

export interface LabelRate {
  readonly rows: number;
  readonly positives: number;
}

/** Whether the rates differ by more than chance, and by more than a quarter. */
export function ratesDiffer(first: LabelRate, second: LabelRate): boolean {
  const rows = first.rows + second.rows;
  if (Math.min(first.rows, second.rows) < FEW_ROWS) return false;
  const pooled = (first.positives + second.positives) / rows;
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / first.rows + 1 / second.rows));
  const [a, b] = [first.positives / first.rows, second.positives / second.rows];
  return Math.abs(a - b) > Math.max(FAR * error, DIFFERENT * Math.min(a, b));
}
