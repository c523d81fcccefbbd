/** Cases of the form of `golden/feature_modes.json`: a feature, a column of data, and what TorchEasyRec makes of it. */

import { specFromConfig } from "../../src/core/config/spec-from-config.js";
import { encode } from "../../src/core/data/encode/encode.js";
import type { BagColumn, FeatureColumn } from "../../src/core/data/encoded/encoded.js";
import { openTable } from "../../src/core/data/table/open.js";
import { positionRule, positionsIn } from "../../src/core/engine/core/sequences.js";
import { PepnetError } from "../../src/core/errors/index.js";
import { featureWidth, findFeature, tableRows } from "../../src/core/spec/feature/feature.js";
import type { ModelSpec } from "../../src/core/spec/model.js";
import { assertComputable } from "../../src/core/spec/validate/model.js";
import { type Check, compare } from "../check.js";

/** A feature with the columns that it is given. */
export interface ModeEntry {
  readonly kind: string;
  readonly mode: string;
  readonly config: string;
  readonly column?: string;
  readonly fg_encoded_multival_sep?: string;
  readonly is_sequence?: boolean;
  readonly output_dim?: number;
  readonly rows?: number | null;
  readonly error?: string;
  readonly rows_error?: string;
  readonly cases?: readonly ModeCase[];
}

interface ModeCase {
  readonly column: { readonly type: string; readonly values: readonly unknown[] };
  readonly parsed?: {
    readonly values: readonly (number | string | readonly (number | string)[])[];
    readonly lengths?: readonly number[];
    /** Positions of each row of a sequence. */
    readonly seq_lengths?: readonly number[];
    /** Values of each position. */
    readonly key_lengths?: readonly number[];
    readonly weights?: readonly number[];
  };
  readonly embedded?: { readonly all?: { readonly data: readonly (number | string)[] } };
  readonly error?: string;
  readonly embed_error?: string;
  /** Why the numbers mean nothing there. */
  readonly not_defined?: string;
}

/** What became of a case. */
export interface ModeOutcome {
  readonly checks: readonly Check[];
  readonly note: string | null;
}

/** The model of one feature. Throws as opening a config does, and for a feature that is not computed here. */
export function specOfEntry(entry: ModeEntry): ModelSpec {
  const spec = openEntry(entry);
  assertComputable(spec);
  return spec;
}

function openEntry(entry: ModeEntry): ModelSpec {
  const separator = entry.fg_encoded_multival_sep;
  const own = separator === undefined ? "" : `fg_encoded_multival_sep: ${JSON.stringify(separator)}`;
  return specFromConfig(`
    data_config { fg_mode: ${entry.mode} ${own} label_fields: "y" }
    ${entry.config}
    model_config {
      feature_groups { group_name: "all" ${groupOf(entry)} group_type: DEEP }
      pepnet { task_towers { tower_name: "t" label_name: "y" losses { binary_cross_entropy {} } } }
    }`);
}

function groupOf({ column = "f", is_sequence: isSequence }: ModeEntry): string {
  const names = `feature_names: ${JSON.stringify(column)}`;
  return isSequence ? `sequence_groups { group_name: "s" ${names} } sequence_encoders { pooling_encoder {} }` : names;
}

/** Whether TorchEasyRec can make the feature's table at all. */
export function hasTable({ error, rows_error, cases = [], output_dim }: ModeEntry): boolean {
  if (error !== undefined || rows_error !== undefined || output_dim === 0) return false;
  return cases.some((each) => each.embed_error === undefined);
}

/** A table whose rows belong to ids as training meets them. */
function followsHistory({ config }: ModeEntry): boolean {
  return /\bzch\b/.test(config);
}

/** The sizes of a feature and of its table. */
export function checkSizes(entry: ModeEntry): readonly Check[] {
  const feature = findFeature(openEntry(entry), entry.column ?? "f")!;
  return [
    compare("output_dim", [featureWidth(feature)], [entry.output_dim ?? 0]),
    ...(entry.rows == null || followsHistory(entry) ? [] : [compare("rows", [tableRows(feature) ?? 0], [entry.rows])]),
  ];
}

/** Encodes a case's column and compares what reaches the model. */
export async function checkModeCase(entry: ModeEntry, golden: ModeCase): Promise<ModeOutcome> {
  const name = entry.column ?? "f";
  const fails = golden.error ?? golden.embed_error ?? entry.rows_error;
  const numbersOnly = !JSON.stringify(golden.parsed ?? null).match(/NaN|Infinity/);
  try {
    const table = await openTable({ [name]: valuesOf(golden) as never });
    const spec = specOfEntry(entry);
    const { features } = await encode(table, spec, { labels: false });
    const column = features.get(name)!;
    if (fails !== undefined) return { checks: [agrees], note: "read here, an error in TorchEasyRec" };
    if (entry.is_sequence) return { checks: compareSequence(spec, name, golden, column as BagColumn), note: null };
    return { checks: compareColumn(entry, golden, column), note: null };
  } catch (error) {
    if (fails !== undefined) return { checks: [agrees], note: "refused, as in TorchEasyRec" };
    if (followsHistory(entry) && error instanceof PepnetError)
      return { checks: [agrees], note: "refused: rows of zch follow the history of training, in TorchEasyRec too" };
    if (entry.is_sequence && shiftsPositions(golden) && error instanceof PepnetError)
      return { checks: [agrees], note: "refused: TorchEasyRec shifts later positions" };
    if (!numbersOnly && error instanceof PepnetError) return { checks: [agrees], note: "refused: not finite" };
    throw error;
  }
}

/** The column as an array; maps are written as lists of pairs. */
function valuesOf({ column: { type, values } }: ModeCase): unknown[] {
  if (!type.startsWith("map")) return [...values];
  return values.map((pairs) => pairs && new Map(pairs as [unknown, unknown][]));
}

const agrees: Check = { name: "refusal", difference: 0, share: 0 };

/** Several values at a position of a sequence of single values, or values that positions share. */
function shiftsPositions({ parsed, not_defined: undefinedThere }: ModeCase): boolean {
  const positions = (parsed?.seq_lengths ?? []).reduce((sum, length) => sum + length, 0);
  return undefinedThere !== undefined || (parsed?.key_lengths ?? parsed?.values ?? []).length !== positions
    ? true
    : (parsed?.key_lengths ?? []).some((length) => length !== 1);
}

/** The values of a sequence, and the number of positions of each row. */
function compareSequence(spec: ModelSpec, name: string, golden: ModeCase, column: BagColumn): readonly Check[] {
  const { parsed } = golden;
  if (parsed === undefined) return [];
  const rule = positionRule(spec, name);
  const { ids, weights, offsets } = column;
  const values = weights ?? ids.filter((id) => id >= 0);
  const lengths = Array.from({ length: offsets.length - 1 }, (_, row) => positionsIn(column, row, rule));
  return [
    compare("values", values, parsed.values.flat().map(Number)),
    compare("seq_lengths", lengths, parsed.seq_lengths ?? []),
  ];
}

function compareColumn(entry: ModeEntry, golden: ModeCase, column: FeatureColumn): readonly Check[] {
  const { parsed, embedded } = golden;
  const checks: Check[] = [];
  if (parsed !== undefined) checks.push(...compareParsed(parsed, column));
  const expected = embedded?.all?.data;
  const pooling = /pooling: "mean"/.test(entry.config) ? "mean" : "sum";
  if (expected !== undefined) checks.push(compare("embedded", embed(column, pooling), expected.map(Number)));
  return checks;
}

function compareParsed(parsed: NonNullable<ModeCase["parsed"]>, column: FeatureColumn): readonly Check[] {
  const values = parsed.values.flat().map(Number);
  if (column.kind === "dense") return [compare("values", column.values, values)];
  const { ids, lengths, weights } = jagged(column);
  const checks = [compare("values", ids, values), compare("lengths", lengths, parsed.lengths ?? [])];
  // Weights that the feature does not ask for are read there and have no effect.
  if (weights !== null && parsed.weights !== undefined) checks.push(compare("weights", weights, parsed.weights));
  return checks;
}

function jagged(column: Exclude<FeatureColumn, { kind: "dense" }>) {
  if (column.kind === "ids") {
    const there = column.ids.filter((id) => id >= 0);
    return { ids: there, lengths: Array.from(column.ids, (id) => (id >= 0 ? 1 : 0)), weights: null };
  }
  const lengths = Array.from({ length: column.offsets.length - 1 }, (_, row) => {
    return column.offsets[row + 1]! - column.offsets[row]!;
  });
  return { ids: column.ids, lengths, weights: column.weights };
}

/** Looks a column up in the file's table, whose row r is [r + 0.5, −r]. */
function embed(column: FeatureColumn, pooling: "sum" | "mean"): readonly number[] {
  if (column.kind === "dense") return [...column.values];
  const { ids, lengths, weights } = jagged(column);
  let at = 0;
  return lengths.flatMap((length) => {
    const sum = [0, 0];
    for (let item = 0; item < length; item++, at++) {
      const weight = weights?.[at] ?? 1;
      sum[0]! += weight * (ids[at]! + 0.5);
      sum[1]! -= weight * ids[at]!;
    }
    return pooling === "mean" && length > 0 ? sum.map((value) => value / length) : sum;
  });
}
