/** Rates in SQL, from counts by level: each is smoothed towards its parent's rate, and a window's rate towards that of all history. */
import type { PriorColumn, PriorsPlan } from "./plan.js";
import { type StrengthStep, strengthSql } from "./strength.js";

/** Strengths over time by level, label, and all history or a window (`0`: all). The whole log has none. */
export type Strengths = readonly (readonly (readonly (readonly StrengthStep[])[])[])[];

/** The column of a count or a rate inside queries. @param window `null`: all history */
export function innerColumn(
  level: number,
  label: number,
  kind: "n" | "s" | "rate" | "age" | "last",
  window: number | null = null,
): string {
  return `p${level}_${label}_${kind}${window === null ? "" : `_${window}`}`;
}

export function columnSql({ level, label, kind, window }: PriorColumn): string {
  return innerColumn(level, label, kind, window);
}

/** The windows that are counted at a level: only those of columns. */
export function windowsAt(plan: PriorsPlan, level: number): PriorsPlan["windows"] {
  return plan.levels[level]!.isAsked ? plan.windows : [];
}

/**
 * SQL of rows with rates beside their counts. @param relation SQL with the counts of every level as {@link innerColumn}
 * names them, and the time `t`
 */
export function ratesSql(plan: PriorsPlan, strengths: Strengths, relation: string): string {
  const { levels, labels } = plan;
  const shrunk = (level: number, label: number, window: number | null, parent: string): string => {
    const [n, s, name] = (["n", "s", "rate"] as const).map((kind) => innerColumn(level, label, kind, window));
    const k = strengthSql(strengths[level]![label]![window === null ? 0 : window + 1]!, "t");
    return `(${s} + ${k} * ${parent}) / (${n} + ${k}) AS ${name}`;
  };
  const stages: string[][] = [];
  const add = (stage: number, column: string): void => {
    stages[stage] ??= [];
    stages[stage]!.push(column);
  };
  for (const [level, { columns, parent }] of levels.entries()) {
    for (const label of labels.keys()) {
      const rate = innerColumn(level, label, "rate");
      if (parent < 0) {
        const [n, s] = [innerColumn(level, label, "n"), innerColumn(level, label, "s")];
        add(0, `(${s} + 0.5::DOUBLE) / (${n} + 1::DOUBLE) AS ${rate}`);
        continue;
      }
      add(columns.length, shrunk(level, label, null, innerColumn(parent, label, "rate")));
      for (const window of windowsAt(plan, level).keys()) {
        add(columns.length + 1, shrunk(level, label, window, rate));
      }
    }
  }
  return stages.reduce((from, columns) => `(SELECT *, ${columns.join(", ")} FROM ${from})`, relation);
}
