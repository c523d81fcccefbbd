/** Results with a time, training rows or domains to compare, for charts of drift. */

import type { DriftReport } from "../../src/data/index.js";
import { type BinnedColumn, driftReport } from "../../src/data/summary/drift.js";
import { taobaoFields } from "./results.js";

/** A test set of 3,000 rows against 12,000 training rows: age and price moved, user ids only by chance. */
export function drift(names: readonly string[], columns: readonly string[] = taobaoFields): DriftReport {
  const shares = [0.25, 0.2, 0.2, 0.2, 0.15];
  const binned = columns.map((name, c): BinnedColumn => {
    const shift = c === 2 ? 0.12 : c === 5 ? -0.05 : c === 7 ? 0.03 : 0.004 * ((c % 5) - 2);
    const bins = shares.map((share, bin) => ({
      name: c === 7 ? `${bin * 20} to ${(bin + 1) * 20}` : `value ${bin + 1}`,
      training: Math.round(12_000 * share),
      here: Math.round(3000 * (share + (bin === 0 ? shift : bin === 4 ? -shift : 0))),
    }));
    const unseen = c === 0 ? { unseen: 0.061, unseenByChance: 0.058 } : { unseen: null, unseenByChance: null };
    return { name, by: c === 7 ? "quantiles" : "values", bins, ...unseen };
  });
  const counts = (rows: number, rate: number) => ({ rows, positives: Math.round(rows * rate) });
  return driftReport({
    training: "train.parquet",
    trainingRows: 12_000,
    rows: 3000,
    columns: binned,
    labels: ["clk", "buy"].map((label, l) => {
      const rate = [0.12, 0.014][l]!;
      const domains = (rows: number, shift: number) =>
        names.map((_, d) =>
          counts(rows / names.length, rate + (d === names.length - 1 ? shift : 0.002 * ((d % 3) - 1))),
        );
      return {
        training: { label, ...counts(12_000, rate), domains: domains(12_000, 0) },
        here: { label, ...counts(3000, rate * 1.02), domains: domains(3000, l === 0 ? 0.07 : 0) },
      };
    }),
    notes: ["time_stamp: times always differ"],
  });
}
