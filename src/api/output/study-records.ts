/** A study as records: one row a variant, task, domain and seed, under snake-case names. */
import type { StudyCell, StudyReport } from "../../ablation/index.js";
import type { ResultRow } from "./frames.js";

/** The rows; `domain` −1 and `domain_name` "all": all rows. Differences are empty for the model itself. */
export function studyRecords(report: StudyReport): ResultRow[] {
  const { domainNames, tasks } = report;
  const model = report.variants[0];
  return report.variants.flatMap((variant) =>
    tasks.flatMap((task, at) => {
      const cells = (of: typeof variant | undefined): StudyCell[] => {
        const own = of?.tasks[at];
        return own === undefined ? [] : [own.overall, ...own.domains];
      };
      return cells(variant).flatMap((cell, index) =>
        variant.runs.map(({ seed, seconds, kept }, run): ResultRow => {
          const base = model?.runs.findIndex((other) => other.seed === seed) ?? -1;
          const [value, of] = [cell.bySeed[run] ?? null, cells(model)[index]?.bySeed[base] ?? null];
          return {
            variant: variant.name,
            ...Object.fromEntries(Object.entries(variant.settings)),
            task: task.tower,
            metric: task.metric,
            domain: index - 1,
            domain_name: index === 0 ? "all" : (domainNames[index - 1] ?? String(index - 1)),
            seed,
            value,
            difference: variant === model || value === null || of === null ? null : value - of,
            mean_difference: cell.difference?.mean ?? null,
            low: cell.difference?.low ?? null,
            high: cell.difference?.high ?? null,
            verdict: cell.difference?.verdict.kind ?? null,
            seconds,
            kept,
          };
        }),
      );
    }),
  );
}
