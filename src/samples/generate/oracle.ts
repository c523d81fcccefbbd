import { exactAuc } from "../../metrics/index.js";
import type { LogRows } from "./rows.js";

/** AUCs of the true probabilities; `null` if a class has no rows. */
export interface OracleAuc {
  readonly label: string;
  /** The label whose positive rows it is measured on (`clk` for purchases); `null`: all rows. */
  readonly within: string | null;
  /** Over all rows, or the rows of the task's space if it has one; `null` if a class is missing. */
  readonly overall: number | null;
  readonly domains: readonly (number | null)[];
}

interface Scores {
  readonly truth: Float32Array;
  readonly labels: Float32Array;
  readonly domain: Int32Array;
  rows: number;
}

/** By task. Takes 12 bytes per measured row. @param domainOf each user's domain */
export function oracleAucs(log: LogRows, domainOf: Int32Array, domains: number): OracleAuc[] {
  const scores = new Map<string, Scores>();
  for (const { impressions, tasks } of log.blocks()) {
    const clicks = tasks[0]!.labels;
    for (const [index, { name, labels, truth }] of tasks.entries()) {
      const measured = index === 0 ? labels.length : clicks.reduce((sum, click) => sum + click, 0);
      const taskScores = withRoom(scores.get(name), measured);
      scores.set(name, taskScores);
      for (let row = 0; row < labels.length; row++) {
        if (index > 0 && clicks[row] === 0) continue;
        taskScores.truth[taskScores.rows] = truth[row]!;
        taskScores.labels[taskScores.rows] = labels[row]!;
        taskScores.domain[taskScores.rows++] = domainOf[impressions.user[row]!]!;
      }
    }
  }
  return [...scores].map(([label, taskScores], index) => ({
    label,
    within: index === 0 ? null : "clk",
    overall: oracleAuc(taskScores, null),
    domains: Array.from({ length: domains }, (_, domain) => oracleAuc(taskScores, domain)),
  }));
}

function withRoom(scores: Scores | undefined, more: number): Scores {
  const rows = scores?.rows ?? 0;
  if (scores !== undefined && rows + more <= scores.truth.length) return scores;
  const room = Math.max(rows + more, rows * 2);
  const grown = { truth: new Float32Array(room), labels: new Float32Array(room), domain: new Int32Array(room), rows };
  if (scores !== undefined) {
    grown.truth.set(scores.truth);
    grown.labels.set(scores.labels);
    grown.domain.set(scores.domain);
  }
  return grown;
}

function oracleAuc({ truth, labels, domain, rows }: Scores, domainNumber: number | null): number | null {
  if (domainNumber === null) return exactAuc(truth.subarray(0, rows), labels.subarray(0, rows));
  const domains = domain.subarray(0, rows);
  const takes = (_: number, row: number): boolean => domains[row] === domainNumber;
  return exactAuc(truth.subarray(0, rows).filter(takes), labels.subarray(0, rows).filter(takes));
}
