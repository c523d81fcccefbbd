/** Warns about columns of a model whose distribution differs from that of the training rows by more than chance. */
import type { ModelSpec } from "../../spec/index.js";
import { fixed } from "../../util/text/format.js";
import { sourceColumns } from "../encode/plan.js";
import { describe } from "../summary/describe.js";
import type { Table } from "../table/table.js";
import type { Finding } from "./finding.js";
import { columnPath } from "./reported.js";

/** The usual convention: a population stability index from here on is a large shift. */
const LARGE = 0.25;

/** One finding for each of the columns that drifted far, beyond the noise of samples of these sizes. */
export async function driftFindings(table: Table, training: Table, spec: ModelSpec): Promise<Finding[]> {
  const columns = spec.features.flatMap((feature) => sourceColumns(table, feature, spec));
  const present = [...new Set(columns)].filter((name) => table.has(name) && training.has(name));
  if (present.length === 0 || table.rows === 0 || training.rows === 0) return [];
  const { drift } = await describe(table.select(...present), {
    against: training,
    spec: { ...spec, features: spec.features.filter(({ kind }) => kind === "id") },
  });
  return (drift?.columns ?? []).flatMap(({ name, psi, psiFloor, isBeyondNoise }): Finding[] => {
    if (!isBeyondNoise || psi === null || psi < LARGE) return [];
    return [
      {
        severity: "warning",
        path: columnPath(table, name),
        message: `differs from the training rows: its population stability index is ${fixed(psi, 2)}, and two random samples of these sizes stay below ${fixed(psiFloor)}`,
        rows: null,
        examples: [],
        expected: "rows like those that the model learns from",
        fix: 'look at it: (await test.describe({ model, against: train })).chart("drift")',
      },
    ];
  });
}
