/** Encodes a part of a table's rows by its plan: features, labels, sample weights and domains. */
import type { ModelSpec } from "../../spec/model.js";
import { lacksZone } from "../../util/iso-time.js";
import type { Work } from "../../util/turns.js";
import { asIds, numberIn, numberText, writtenAsIds } from "../cells.js";
import type { EncodedData, FeatureColumn } from "../encoded/encoded.js";
import { Fault } from "../row-findings.js";
import type { RawColumn } from "../table/column.js";
import { crossColumns, crossSeparator } from "./crosses.js";
import { encodeIds } from "./id.js";
import { domainNumbers, encodeTargets } from "./labels.js";
import type { ComputedFeature, EncodingPlan } from "./plan.js";
import { encodeRaw } from "./raw.js";
import { encodeSequence, isSequenceFeature } from "./sequence.js";

/** The columns as read, for ids and for everything else. The two differ if a file stores numbers as text. */
export type ReadColumns = Readonly<{ ids: ReadonlyMap<string, RawColumn>; values: ReadonlyMap<string, RawColumn> }>;

export function* encodingPart(plan: EncodingPlan, read: ReadColumns, rows: number): Work<EncodedData> {
  const { report } = plan;
  const features = new Map<string, FeatureColumn>();
  for (const { feature, columns: names } of plan.features) {
    report.about(feature.name, names.join(" × "));
    const column = yield* encodeFeature(feature, names, read, plan);
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
  plan: EncodingPlan,
): Work<FeatureColumn | null> {
  const { report, encoded, hashed } = plan;
  const separator = feature.separator ?? usualSeparator(encoded);
  const values = (encoded ? null : hashed?.get(feature.name)) ?? null;
  // If the spec sets a separator, rows may contain several ids, whether or not these rows do.
  const several = feature.kind === "id" && feature.separator !== null && feature.separator !== "\x1d";
  const options = { encoded, separator, defaultValue: feature.defaultValue, several, values };
  // A separator of digits cuts numbers, so that they are texts like others.
  const isWritten = (name: string): boolean => plan.written.includes(name) && !/^[\d.eE+-]+$/.test(separator);
  const columns = names.map((name) => featureColumn(feature, name, read, plan.spec, isWritten(name)));
  const [column] = columns as [RawColumn];
  if (feature.kind !== "combo" && isSequenceFeature(feature)) {
    return yield* encodeSequence(feature, column, options, report);
  }
  for (const [at, name] of names.entries()) warnOfTexts(feature, name, columns[at]!, plan);
  if (feature.kind === "raw") return encodeRaw(feature, column, options, report);
  if (feature.kind === "id") {
    return yield* encodeIds(feature, column, { ...options, numbers: isWritten(names[0]!) }, report);
  }
  const crossed = crossColumns(columns, separator);
  return yield* encodeIds(feature, crossed, { ...options, separator: crossSeparator }, report);
}

/** A column as a feature reads it. @param isWritten whether its numbers are ids as a file of texts writes them */
function featureColumn(
  feature: ComputedFeature,
  name: string,
  read: ReadColumns,
  { domains }: ModelSpec,
  isWritten: boolean,
): RawColumn {
  if (feature.kind === "raw") return read.values.get(name)!;
  const column = read.ids.get(name)!;
  if (feature.kind === "id" && isSequenceFeature(feature)) return asIds(column);
  const isDomain = feature.kind === "id" && feature.encoding.kind === "buckets" && domains?.column === name;
  const ids = isDomain ? domainNumbers(column, domains.names) : column;
  if (!isWritten || ids.kind !== "text") return asIds(ids);
  return feature.kind === "id" ? writtenAsIds(ids) : writtenAsIds(ids, (word) => numberText(numberIn(word)));
}

/** Warns of texts that another reader of the same data may take for another value. */
function warnOfTexts({ kind }: ComputedFeature, name: string, column: RawColumn, plan: EncodingPlan): void {
  const { table, written, report } = plan;
  if (column.kind !== "text") return;
  if (kind === "raw") {
    const zoneless = Fault.ofWords(column, (word) => lacksZone(word.trim()), String);
    report.warn("time without a zone", name, "a time without a zone, used as UTC", zoneless);
  } else if (table.isText && !written.includes(name)) {
    const isDecimal = (word: string): boolean => word.endsWith("0") && /^-?\d+\.0+$/.test(word);
    const message = "an integer with zeros after the point in a column of text: used as text, not as that number";
    report.warn("integer with a point", name, message, Fault.ofWords(column, isDecimal, String));
  }
}

/** TorchEasyRec's separator of several values in one text. */
export function usualSeparator(encoded: boolean): string {
  return encoded ? "\x03" : "\x1d";
}
