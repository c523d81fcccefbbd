/** Encodes a part of a table's rows by its plan: features, labels, sample weights and domains. */
import { Numbering } from "../../util/growing.js";
import type { Work } from "../../util/turns.js";
import { asIds, numberIn, numberText, writtenAsIds } from "../cells.js";
import type { EncodedData, FeatureColumn } from "../encoded/encoded.js";
import { Fault } from "../row-findings.js";
import { columnRows, type RawColumn, type TextColumn, valueAt } from "../table/column.js";
import { encodeIds } from "./id.js";
import { domainNumbers, encodeTargets } from "./labels.js";
import type { ComputedFeature, EncodingPlan } from "./plan.js";
import { encodeRaw } from "./raw.js";
import type { Report } from "./report.js";
import { encodeSequence, isSequenceFeature } from "./sequence.js";

/** Combo features: the cartesian product of several columns' values, joined with `_` (TorchEasyRec `ComboFeature`). */

/** Separates crossed values in the text column that {@link crossColumns} makes. */
export const crossSeparator = "\x1d";

/** The crossed values as one text column, the first column outermost; each distinct combination is built once. */
function crossColumns(columns: readonly RawColumn[], separator: string): TextColumn {
  const rows = columns[0] === undefined ? 0 : columnRows(columns[0]);
  const coded = columns.map((column) => coding(column, separator));
  const keys = new Numbering<string>();
  const words: string[] = [];
  const codes = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    let key = "";
    let isEmpty = false;
    for (const { codes: columnCodes, tokens } of coded) {
      const code = columnCodes[row]!;
      if (code < 0 || tokens[code]!.length === 0) isEmpty = true;
      key += `${code},`;
    }
    const code = isEmpty ? -1 : keys.of(key);
    if (code >= 0) words[code] ??= cross(coded.map(({ codes, tokens }) => tokens[codes[row]!]!));
    codes[row] = code;
  }
  return { kind: "text", codes, words };
}

function cross(lists: readonly string[][]): string {
  let products: string[] = lists[0]!;
  for (const list of lists.slice(1)) products = products.flatMap((left) => list.map((right) => `${left}_${right}`));
  return products.join(crossSeparator);
}

function coding(column: RawColumn, separator: string): { codes: Int32Array; tokens: string[][] } {
  if (column.kind === "text") {
    return {
      codes: column.codes,
      tokens: column.words.map((word) => word.split(separator).filter((part) => part !== "")),
    };
  }
  const lists = new Numbering<string>();
  const tokens: string[][] = [];
  const codes = Int32Array.from({ length: columnRows(column) }, (_, row) => {
    const list = [valueAt(column, row)]
      .flat()
      .filter((item) => item !== null && item !== "" && !Number.isNaN(item))
      .map((item) => (typeof item === "number" ? numberText(item) : String(item)));
    if (list.length === 0) return -1;
    const code = lists.of(list.join(crossSeparator));
    tokens[code] ??= list;
    return code;
  });
  return { codes, tokens };
}

/** The columns as read, for ids and for everything else. The two differ if a file stores numbers as text. */
export type ReadColumns = Readonly<{ ids: ReadonlyMap<string, RawColumn>; values: ReadonlyMap<string, RawColumn> }>;

export function* encodingPart(plan: EncodingPlan, read: ReadColumns, rows: number): Work<EncodedData> {
  const { report } = plan;
  const features = new Map<string, FeatureColumn>();
  for (const { feature, columns: columnNames } of plan.features) {
    report.about(feature.name, columnNames.join(" × "));
    const column = yield* encodeFeature(feature, columnNames, read, plan);
    if (column !== null) features.set(feature.name, column);
    yield;
  }
  report.about("");
  return { rows, features, ...(yield* encodeTargets(plan, read.values)), warnings: [] };
}

function* encodeFeature(
  feature: ComputedFeature,
  names: readonly string[],
  read: ReadColumns,
  { table, report, encoded, written, hashed, spec }: EncodingPlan,
): Work<FeatureColumn | null> {
  const separator = feature.separator ?? usualSeparator(encoded);
  const values = (encoded ? null : hashed?.get(feature.name)) ?? null;
  // If the spec sets a separator, rows may contain several ids, whether or not these rows do.
  const several = feature.kind === "id" && feature.separator !== null && feature.separator !== "\x1d";
  const options = { encoded, separator, defaultValue: feature.defaultValue, several, values };
  if (feature.kind !== "combo" && isSequenceFeature(feature)) {
    const column = feature.kind === "id" ? asIds(read.ids.get(names[0]!)!) : read.values.get(names[0]!)!;
    return yield* encodeSequence(feature, column, options, report);
  }
  if (feature.kind === "raw") return encodeRaw(feature, read.values.get(names[0]!)!, options, report);
  const crosses = feature.kind === "combo";
  const cutsNumbers = /^[\d.eE+-]+$/.test(separator);
  const numbers = names.map((columnName) => written.includes(columnName) && !cutsNumbers);
  const rest = crosses ? (word: string): string => numberText(numberIn(word)) : undefined;
  const idColumns = names.map((columnName, index) => {
    const column = asNumberedDomains(read.ids.get(columnName)!, columnName, feature, spec);
    if (table.isText && !written.includes(columnName)) warnOfDecimals(columnName, column, report);
    return numbers[index] && column.kind === "text" ? writtenAsIds(column, rest) : asIds(column);
  });
  if (!crosses) return yield* encodeIds(feature, idColumns[0]!, { ...options, numbers: numbers[0] === true }, report);
  const crossed = crossColumns(idColumns, separator);
  return yield* encodeIds(feature, crossed, { ...options, separator: crossSeparator }, report);
}

function asNumberedDomains(
  column: RawColumn,
  name: string,
  feature: ComputedFeature,
  { domains }: EncodingPlan["spec"],
): RawColumn {
  const isBuckets = feature.kind === "id" && feature.encoding.kind === "buckets";
  return isBuckets && domains?.column === name ? domainNumbers(column, domains.names) : column;
}

/** Warns about cells such as `7.0` in a text column, which may be the integer 7 in another file of the same data. */
function warnOfDecimals(name: string, column: RawColumn, report: Report): void {
  if (column.kind !== "text") return;
  const isDecimal = (word: string): boolean => word.endsWith("0") && /^-?\d+\.0+$/.test(word);
  const message = "an integer with zeros after the point in a column of text: used as text, not as that number";
  report.warn("integer with a point", name, message, Fault.ofWords(column, isDecimal, String));
}

/** TorchEasyRec's separator of several values in one text. */
export function usualSeparator(encoded: boolean): string {
  return encoded ? "\x03" : "\x1d";
}
