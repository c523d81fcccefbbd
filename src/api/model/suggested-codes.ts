/** Whether statistics of codes and of their pairs, in a random order, would help: measured on rows that are held out. */
import { labelsBy } from "../../core/data/derived-values.js";
import type { PriorsKey } from "../../core/data/priors/plan.js";
import { joinColumns, type RawColumn, type ScalarColumn } from "../../core/data/table/column.js";
import { DataError } from "../../core/errors/index.js";
import type { ModelSpec } from "../../core/spec/model.js";
import { everyRow } from "../../core/util/numbers.js";
import { count, ends, fixed, signed } from "../../core/util/text.js";
import { inTurns } from "../../core/util/turns.js";
import { tenthsField, valueField } from "../../lab/domains/columns.js";
import { type Field, fitFloor } from "../../lab/domains/floor.js";
import { type ClearPair, clearPairs } from "../../lab/domains/pairs.js";
import type { Dataset } from "../data/dataset.js";
import { type AucGain, type LogParts, priorColumns, surestGain, usersOf } from "./regressed.js";
import type { SuggestedPriors } from "./suggested-priors.js";

/** With fewer rows, a gain is hardly beyond noise. */
const leastRows = 2000;
/** Of larger tables, as many rows are drawn. */
const mostRows = 10_000;
const mostCodes = 12;
const mostPairs = 5;
/** Numbers that are no codes are categories of equal numbers of rows. */
const numberParts = 20;
const level = 0.05;

/** A column that the model reads. */
export interface ReadColumn {
  readonly name: string;
  /** Whether pairs with it are too sparse for a network to learn, because it has many values. */
  readonly isCode: boolean;
}

/**
 * For rows without times, whose order says nothing.
 * @param labels the label columns, which hold 0 and 1
 * @param columns of features, with one value a row
 * @returns `null`: too few rows, no pair of codes that tells more than both alone, or no gain beyond noise
 */
export async function suggestedCodes(
  data: Dataset,
  spec: ModelSpec,
  labels: readonly string[],
  columns: readonly ReadColumn[],
): Promise<SuggestedPriors | null> {
  const hasCodes = columns.filter(({ isCode }) => isCode).length > 1;
  if (!hasCodes || data.table.roles.time !== undefined || data.rows < leastRows) return null;
  const rows = data.rows > mostRows ? data.sample(mostRows) : data;
  const parts = await rows.split({ train: 4, test: 1 });
  const names = columns.map(({ name }) => name);
  const read = await joined(parts, [...labels, ...names]);
  const fields = columns.map(({ name, isCode }) => asField(name, read.get(name)!, isCode));
  const codes = fields.filter((_, at) => columns[at]!.isCode);
  const trials: Trial[] = [];
  for (const label of labels) {
    const truths = labelsBy(label, read.get(label)!);
    trials.push({ label, truths, logits: await additive(fields, truths, parts.train.rows) });
  }
  const pairs = await pairsOf(codes, trials, parts.train.rows);
  if (pairs.length === 0) return null;
  const keys = [...new Set(pairs.flat()), ...pairs];
  const counted = await countedParts(parts, labels, keys);
  if (counted === null) return null;
  const more = await joined(counted, priorColumns(parts.train, counted.train));
  const added = [...more].map(([name, column]) => asField(name, column, false));
  const gain = surestGain(await gainsOf(trials, [...fields, ...added], parts, await usersOf(spec, parts.test)));
  return gain !== null && gain.value > 0 && gain.pValue < level ? proposal(labels, keys, pairs.length, gain) : null;
}

/** The columns of the training rows, then of the test rows. */
async function joined({ train, test }: LogParts, names: readonly string[]): Promise<Map<string, ScalarColumn>> {
  const [first, second] = [await train.table.read(names), await test.table.read(names)];
  const part = (columns: ReadonlyMap<string, RawColumn>, name: string) => columns.get(name) as ScalarColumn;
  return new Map(names.map((name) => [name, joinColumns([part(first, name), part(second, name)])]));
}

function asField(name: string, column: ScalarColumn, isCode: boolean): Field {
  return column.kind === "number" && !isCode ? tenthsField(name, column, numberParts) : valueField(name, column);
}

/** A label, and the logits of an additive model of all columns, fitted to the training rows; both of all rows. */
interface Trial {
  readonly label: string;
  readonly truths: Float32Array;
  readonly logits: Float64Array;
}

function additive(fields: readonly Field[], truths: Float32Array, trainRows: number): Promise<Float64Array> {
  return inTurns(fitFloor(fields, truths, { rows: everyRow(trainRows) }));
}

/** The clearest pairs of any label in the training rows. */
async function pairsOf(codes: readonly Field[], trials: readonly Trial[], trainRows: number) {
  const most = [...codes]
    .sort((a, b) => b.levels - a.levels)
    .slice(0, mostCodes)
    .map((field) => ({ ...field, codes: field.codes.subarray(0, trainRows) }));
  const best = new Map<string, ClearPair>();
  for (const { truths, logits } of trials) {
    const ofTraining = [logits.subarray(0, trainRows), truths.subarray(0, trainRows)] as const;
    for (const pair of await inTurns(clearPairs(most, ...ofTraining))) {
      const key = JSON.stringify(pair.columns);
      if (pair.score > (best.get(key)?.score ?? 0)) best.set(key, pair);
    }
  }
  const clearest = [...best.values()].sort((a, b) => b.score - a.score).slice(0, mostPairs);
  return clearest.map(({ columns }) => columns);
}

/** What the fields add on test rows, by label. */
async function gainsOf(
  trials: readonly Trial[],
  fields: readonly Field[],
  { train }: LogParts,
  users: Int32Array | null,
): Promise<AucGain[]> {
  const { deLong } = await import("../../core/metrics/delong.js");
  const gains: AucGain[] = [];
  for (const { label, truths, logits } of trials) {
    const full = await additive(fields, truths, train.rows);
    const [a, b] = [full, logits].map((each) => Float32Array.from(each.subarray(train.rows)));
    const gain = deLong(a!, b!, truths.subarray(train.rows), { users });
    if (gain !== null) gains.push({ ...gain, label });
  }
  return gains;
}

/** `null`: the data have columns of these names. */
async function countedParts(
  { train, test }: LogParts,
  labels: readonly string[],
  by: readonly PriorsKey[],
): Promise<LogParts | null> {
  try {
    const counted = await train.priors(labels, { by });
    return { train: counted, test: await test.withPriors(await counted.priorsState()) };
  } catch (error) {
    if (error instanceof DataError) return null;
    throw error;
  }
}

function proposal(
  labels: readonly string[],
  keys: readonly PriorsKey[],
  pairs: number,
  { label, value, low, high, second }: AucGain,
): SuggestedPriors {
  const reason =
    `rates and counts of ${count(pairs, "pair")} of columns and of each of these columns, each of rows before it in a random order, ` +
    `raise the AUC of an additive model of all columns for "${label}" on a fifth of the rows, held out, from ${fixed(second)} by ` +
    `${signed(value)}${ends({ low, high }, signed)}. Where rows share a source that new rows will not, such as a person or an incident, ` +
    "this is partly memory: split by it first. A network may know these pairs already, so fit with and without them and compare on validation rows. Test rows get what all training rows say: test.withPriors(await counted.priorsState())";
  const code = `const counted = await train.priors(${JSON.stringify(labels)}, { by: ${JSON.stringify(keys)} });`;
  return { code, reason, variable: "counted" };
}
