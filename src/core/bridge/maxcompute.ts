/** SQL that creates MaxCompute tables with the columns of exported rows, for TorchEasyRec's `OdpsDataset`. */
import type { ColumnInfo } from "../data/table/column.js";
import { listNames } from "../util/names.js";

/** The name of the SQL file in an export's folder. */
export const maxComputeFile = "maxcompute.sql";

/** A Parquet file of the folder, and its columns as they were written. */
export interface WrittenColumns {
  readonly file: string;
  readonly columns: readonly ColumnInfo[];
}

/** MaxCompute's names of the types that exported columns have; TorchEasyRec reads all of them. */
const types: Readonly<Record<string, string>> = { BIGINT: "BIGINT", FLOAT: "FLOAT", VARCHAR: "STRING" };

/** @returns a `CREATE TABLE` for each file, named after it: `train.parquet` becomes `pepnet_train` */
export function maxComputeTables(files: readonly WrittenColumns[]): string {
  return `-- MaxCompute tables for TorchEasyRec's OdpsDataset, with the columns of the Parquet files in this folder.
-- pepnet's docs/cluster.md says how rows get there and how to train on them. pepnet did not try this on MaxCompute.
SET odps.sql.type.system.odps2 = true; -- for FLOAT
${files.map(tableText).join("")}`;
}

function tableText({ file, columns }: WrittenColumns): string {
  const names = columns.map(({ name }) => name);
  const lines = columns.map(({ name, sourceType }) => `  ${quoted(name)} ${typeName(sourceType)}`);
  return `
${refusedNames(names)}CREATE TABLE IF NOT EXISTS pepnet_${file.replace(/\.parquet$/, "")} (
${lines.join(",\n")}
);
`;
}

/** Names that MaxCompute does not take, as a comment. Its names ignore upper and lower case. */
function refusedNames(names: readonly string[]): string {
  const lower = names.map((name) => name.toLowerCase());
  const refused = names.filter((name, at) => !/^\w{1,128}$/.test(name) || lower.indexOf(lower[at]!) !== at);
  if (refused.length === 0) return "";
  const list = listNames(refused).replace(/\s+/g, " ");
  return `-- MaxCompute takes letters, digits and _ in names, and ignores case. Rename before you export: ${list}\n`;
}

function quoted(name: string): string {
  return `\`${name.replaceAll("`", "``").replace(/\s+/g, " ")}\``;
}

/** `FLOAT[][]` becomes `ARRAY<ARRAY<FLOAT>>`. */
function typeName(sourceType: string): string {
  if (sourceType.endsWith("[]")) return `ARRAY<${typeName(sourceType.slice(0, -2))}>`;
  const name = types[sourceType];
  if (name === undefined) throw new Error(`exported columns have no type ${sourceType}`);
  return name;
}
