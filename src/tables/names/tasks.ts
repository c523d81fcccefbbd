/** Display names of tasks and domains, and reference AUCs. */
import type { Evaluation, TaskEvaluation } from "../../metrics/index.js";

/** The best AUC that any model can reach (generated data), or another reference. */
export interface AucReference {
  /** The tower. */
  readonly tower: string;
  /** Over all rows; `null` if unknown. */
  readonly overall: number | null;
  /** In domain order; empty without domains. */
  readonly domains: readonly (number | null)[];
}

/** The name of all domains together. */
export const ALL_ROWS = "all rows";

/** `cvr (within clk)`: the rows that a task's metrics are over are part of its name. */
export function taskName({ tower, within }: Pick<TaskEvaluation, "tower" | "within">): string {
  return within === null ? tower : `${tower} (within ${within})`;
}

/** The names of an evaluation's domains, with numbers if the data has none. */
export function domainNames(evaluation: Pick<Evaluation, "domainNames" | "tasks">): string[] {
  return namesByDomain(evaluation.domainNames, evaluation.tasks);
}

/** The names of a result's domains: as many as its tasks have. */
export function namesByDomain(
  names: readonly string[],
  tasks: readonly { readonly domains: readonly unknown[] }[],
): string[] {
  return nameDomains(names, Math.max(names.length, ...tasks.map(({ domains }) => domains.length)));
}

/** The domains that charts draw beside all rows: none if there is only one, which is all rows. */
export function drawnDomains(
  names: readonly string[],
  tasks: readonly { readonly domains: readonly unknown[] }[],
): string[] {
  const all = namesByDomain(names, tasks);
  return all.length < 2 ? [] : all;
}

/** `names`, filled up to `total` by `domain 3`. */
export function nameDomains(names: readonly string[], total: number): string[] {
  return Array.from({ length: total }, (_, domain) => names[domain] ?? `domain ${domain}`);
}

/** The reference of one tower. */
export function findReference(
  references: readonly AucReference[] | undefined,
  tower: string,
): AucReference | undefined {
  return references?.find((reference) => reference.tower === tower);
}
