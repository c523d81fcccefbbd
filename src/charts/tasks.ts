/** How charts speak of tasks and domains, and what they are compared with. */
import type { Evaluation, TaskEvaluation } from "../metrics/types.js";
import { plotText } from "./text.js";

/** The best AUC that any model can reach (planted data), or another mark to compare with. */
export interface AucReference {
  /** The tower. */
  readonly tower: string;
  /** Over all rows; `null` where it is not known. */
  readonly overall: number | null;
  /** In domain order; empty where there are no domains. */
  readonly domains: readonly (number | null)[];
}

/** `cvr (within clk)`: the rows that a task's metrics are over are part of its name. */
export function taskName({ tower, within }: Pick<TaskEvaluation, "tower" | "within">): string {
  return within === null ? tower : `${tower} (within ${within})`;
}

/** The domains' names, with numbers where the data has none. */
export function domainNames(evaluation: Evaluation): string[] {
  const domains = Math.max(evaluation.domainNames.length, ...evaluation.tasks.map((task) => task.domains.length));
  return nameDomains(evaluation.domainNames, domains);
}

/** `names`, filled up to `total` by `domain 3`. */
export function nameDomains(names: readonly string[], total: number): string[] {
  return Array.from({ length: total }, (_, domain) => names[domain] ?? `domain ${domain}`);
}

/** The reference of one tower. */
export function referenceOf(references: readonly AucReference[] | undefined, tower: string): AucReference | undefined {
  return references?.find((reference) => reference.tower === tower);
}

/** A hover line with both names escaped. */
export function hoverName(task: string, domain: string): string {
  return `${plotText(task)}, ${plotText(domain)}`;
}
