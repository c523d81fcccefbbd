/** Columns that get the same features, as one list of names in the code of a wide table. */

import { stringLiteral } from "../../core/util/code-text.js";
import { getOrMake } from "../../core/util/growing.js";
import { count } from "../../core/util/text.js";
import { argumentCode, type BuilderCall } from "./builder-calls.js";

/** A column with the calls that build its features. */
export interface ColumnCalls {
  readonly column: string;
  readonly calls: readonly BuilderCall[];
}

/** Columns whose calls differ only in the column's name. */
export type AlikeColumns = readonly ColumnCalls[];

/** Tables of fewer columns have a line for each. */
const wideTable = 50;
/** Fewer alike columns have a line for each feature, too. */
const leastAlike = 3;
const lineWidth = 116;

/** For a wide table, groups of columns that are alike; otherwise each column alone, in their order. */
export function alikeTogether(columns: readonly ColumnCalls[]): readonly AlikeColumns[] {
  if (columns.length < wideTable) return columns.map((each) => [each]);
  return alike(columns, template).flatMap((group) =>
    group.length < leastAlike ? group.map((each) => [each]) : [group],
  );
}

export function featureCalls(groups: readonly AlikeColumns[]): readonly BuilderCall[] {
  return groups.flatMap((columns) => columns.flatMap(({ calls }) => calls));
}

/** The lines of code that list the features of columns. */
export function alikeCode(columns: AlikeColumns): readonly string[] {
  const [first] = columns;
  if (columns.length === 1) return first!.calls.map((call) => `    ${argumentCode(call)},`);
  const codes = first!.calls.map((call) => argumentCode(call, nameCode(first!.column)));
  const names = wrapped(columns.map(({ column }) => `${stringLiteral(column)},`)).map((line) => `      ${line}`);
  if (codes.length === 1) return ["    ...[", ...names, `    ].map((name) => ${codes[0]}),`];
  return ["    ...[", ...names, "    ].flatMap((name) => [", ...codes.map((code) => `      ${code},`), "    ]),"];
}

/** A column's code with the variable `name` for its name; equal for columns that are alike. */
function template({ column, calls }: ColumnCalls): string {
  return calls.map((call) => argumentCode(call, nameCode(column))).join();
}

/** @returns the code of a text, in which the variable `name` holds the name of the column */
function nameCode(column: string): (text: string) => string {
  return (text) => {
    if (text === column) return "name";
    if (text === `context:${column}`) return `\`context:\${name}\``;
    const rest = text.startsWith(column) ? text.slice(column.length) : "";
    return /^_\w+$/.test(rest) ? `\`\${name}${rest}\`` : stringLiteral(text);
  };
}

/** Reasons by column; for a wide table, by groups of columns whose reasons differ only in numbers, with the first column's reason. */
export function alikeReasons<Column extends { readonly column: string; readonly reason: string }>(
  columns: readonly Column[],
): readonly { readonly columns: string; readonly reason: string }[] {
  if (columns.length < wideTable) return columns.map(({ column, reason }) => ({ columns: column, reason }));
  return alike(columns, ({ reason }) => reason.replace(/[\d.,]+/g, "#")).map((group) => {
    const { column, reason } = group[0]!;
    const others = group.length === 1 ? "" : ` and ${count(group.length - 1, "column")} like it`;
    return { columns: column + others, reason };
  });
}

/** Lists of items with the same key, in the order of their first item. */
function alike<Item>(items: readonly Item[], key: (item: Item) => string): readonly (readonly Item[])[] {
  const groups = new Map<string, Item[]>();
  for (const item of items) getOrMake(groups, key(item), () => []).push(item);
  return [...groups.values()];
}

function wrapped(words: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < lineWidth) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
