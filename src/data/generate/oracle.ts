/** The best that a model can do on generated rows: the AUC of their true probabilities. */
import { exactAuc } from "../../metrics/index.js";
import type { GeneratedTask } from "./tasks.js";

/** AUCs of the true probabilities; `null` where a class has no rows. */
export interface OracleAuc {
  readonly label: string;
  /** The label in whose positive rows it is measured (`clk` for purchases); `null`: all rows. */
  readonly within: string | null;
  readonly overall: number | null;
  /** In domain order. */
  readonly domains: readonly (number | null)[];
}

/** By task. */
export function oracleAucs(tasks: readonly GeneratedTask[], domain: Int32Array, domains: number): OracleAuc[] {
  return tasks.map(({ name, labels, truth, within }) => {
    const auc = (takes: (row: number) => boolean): number | null => {
      const rows: number[] = [];
      for (let row = 0; row < labels.length; row++)
        if ((within === null || within[row] === 1) && takes(row)) rows.push(row);
      const scores = Float32Array.from(rows, (row) => truth[row] as number);
      return exactAuc(
        scores,
        Float32Array.from(rows, (row) => labels[row] as number),
      );
    };
    return {
      label: name,
      within: within === null ? null : "clk",
      overall: auc(() => true),
      domains: Array.from({ length: domains }, (_, index) => auc((row) => domain[row] === index)),
    };
  });
}
