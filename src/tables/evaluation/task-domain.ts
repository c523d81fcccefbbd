/** Rows of results by task and domain, and the columns that name both. */
import type { Column } from "../column.js";
import { ALL_ROWS, taskName } from "../names/index.js";

/** The names of a task. */
interface NamedTask {
  readonly tower: string;
  readonly label: string;
  readonly within: string | null;
}

/** The values of one task on all rows (`domain` −1) or in one domain. */
export interface TaskDomain<Task, Value> {
  readonly task: Task;
  readonly domain: number;
  readonly value: Value;
}

/** Of each task: all rows, then the domains. */
export function byTaskAndDomain<Task, Value>(
  tasks: readonly (Task & { readonly overall: Value; readonly domains: readonly Value[] })[],
): TaskDomain<Task, Value>[] {
  return tasks.flatMap((task) =>
    [task.overall, ...task.domains].map((value, index) => ({ task, domain: index - 1, value })),
  );
}

/** In records the tower, label and rows of a task; in tables `cvr (within clk)`. */
export function taskColumns<Row extends { readonly task: NamedTask }>(): readonly Column<Row>[] {
  return [
    { key: "task", kind: "text", value: ({ task }) => task.tower },
    { key: "label", kind: "text", value: ({ task }) => task.label },
    { key: "within", kind: "text", value: ({ task }) => task.within ?? "all" },
    { heading: "task", kind: "text", value: ({ task }) => taskName(task) },
  ];
}

/** In records the domain's number and name (−1 and `all`: all rows); in tables its name. */
export function domainColumns<Row extends { readonly domain: number }>(
  names: readonly string[],
  heading = "domain",
): readonly Column<Row>[] {
  const name = (domain: number): string => names[domain] ?? `domain ${domain}`;
  return [
    { key: "domain", kind: "count", value: ({ domain }) => domain },
    { key: "domain_name", kind: "text", value: ({ domain }) => (domain < 0 ? "all" : name(domain)) },
    { heading, kind: "text", value: ({ domain }) => (domain < 0 ? ALL_ROWS : name(domain)) },
  ];
}
