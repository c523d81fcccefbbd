/**
 * Reads each row's user for evaluations, comparisons, counterfactuals, reports and studies. The column is the one that
 * the caller names, else the key of the model's first `grouped_auc`, else none. It is never guessed from names, and
 * always read from the data, so the result does not depend on where rows are stored.
 */
import type { Table } from "../../data/index.js";
import { expressionColumn, type ModelSpec } from "../../spec/index.js";
import type { UserColumn } from "../../train/index.js";
import { count } from "../../util/text/format.js";

/** The users of rows, with notes. */
export interface Users {
  /** `null`: unknown, so single rows are drawn. */
  readonly column: UserColumn | null;
  readonly notes: readonly string[];
}

/**
 * Reads the column. Throws a DataError if it does not exist or holds lists.
 *
 * @param name a column of the data, or an id feature, whose column is read; `null`: none; `undefined`: the model's
 */
export async function resolveUsers(spec: ModelSpec, table: Table, name: string | null | undefined): Promise<Users> {
  const userColumn = name === undefined ? groupingKey(spec) : name;
  if (userColumn === null) return { column: null, notes: [] };
  const { userCodes } = await import("../../data/index.js");
  const source =
    name !== undefined && table.has(userColumn) ? userColumn : (featureColumn(spec, userColumn) ?? userColumn);
  const values = (await table.read([source])).get(source)!;
  const codes = userCodes(source, values);
  return { column: { name: source, codes }, notes: unknownNotes(source, codes) };
}

/** The key of the model's first grouped AUC. */
function groupingKey({ towers }: ModelSpec): string | null {
  for (const { metrics } of towers) {
    for (const metric of metrics) if (metric.kind === "grouped_auc") return metric.groupingKey;
  }
  return null;
}

/** The column of the data behind a feature. */
function featureColumn({ features }: ModelSpec, name: string): string | null {
  const feature = features.find((candidate) => candidate.name === name);
  return feature !== undefined && "expression" in feature ? expressionColumn(feature.expression) : null;
}

function unknownNotes(name: string, codes: Int32Array): readonly string[] {
  const unknown = codes.reduce((sum, code) => sum + (code < 0 ? 1 : 0), 0);
  if (unknown === 0) return [];
  const rows = unknown === 1 ? "1 row has" : `${count(unknown, "row")} have`;
  return [`${rows} no ${name}: intervals draw such rows one by one, and the AUC by user excludes them`];
}
