/** Whether statistics of codes and of their pairs, in a random order, would help: measured on rows that are held out. */
import { labelsBy } from "../../core/data/derived-values.js";
import type { PriorsKey } from "../../core/data/priors/plan.js";
import { joinColumns, type NumberColumn, type RawColumn, type ScalarColumn } from "../../core/data/table/column.js";
import { DataError } from "../../core/errors/index.js";
import type { ModelSpec } from "../../core/spec/model.js";
import { everyRow } from "../../core/util/numbers.js";
import { count, ends, fixed, signed } from "../../core/util/text.js";
import { inTurns } from "../../core/util/turns.js";
import { tenthsField, valueField } from "../../lab/domains/columns.js";
import { type Field, fitFloor } from "../../lab/domains/floor.js";
import { type ClearPair, clearPairs, mostCellRows, pairField } from "../../lab/domains/pairs.js";
import type { Dataset } from "../data/dataset.js";
import { type AucGain, type LogParts, surestGain, usersOf } from "./regressed.js";
import type { SuggestedPriors } from "./suggested-priors.js";
import type { AnyModel } from "./types.js";

/** With fewer rows, a gain is hardly beyond noise. */
const leastRows = 2000;
/** Of larger tables, as many rows are drawn. */
const mostRows = 10_000;
const mostPaired = 16;
const mostPairs = 5;
/** Numbers that are no codes are categories of equal numbers of rows. */
const numberParts = 20;
const level = 0.05;
/** Of AUC. An additive model that gains less shows no pair that is worth a training. */
const leastGain = 0.005;

/** A column that the model reads. */
export interface ReadColumn {
  readonly name: string;
  /** How many there are, if they recur, so that those of pairs may. */
  readonly values: number | null;
}

/** What a trial trains on, stops by and is evaluated on. */
interface TrialParts extends LogParts {
  readonly validation: Dataset;
}

/**
 * For rows without times, whose order says nothing. What costs less is asked first: a score test of each pair, an additive
 * model with the clearest pairs, the network, and then the network with their statistics.
 * @param labels the label columns, which hold 0 and 1
 * @param columns of features, with one value a row
 * @param modelFor suggests a model for rows
 * @returns `null`: too few rows, no pair of codes that tells more than both alone or than the network, or no gain beyond
 * noise
 */
export async function suggestedCodes(
  data: Dataset,
  spec: ModelSpec,
  labels: readonly string[],
  columns: readonly ReadColumn[],
  modelFor: (rows: Dataset) => Promise<AnyModel>,
): Promise<SuggestedPriors | null> {
  if (data.table.roles.time !== undefined || data.rows < leastRows) return null;
  if (!mayHavePairs(columns, Math.min(data.rows, mostRows))) return null;
  const rows = data.rows > mostRows ? data.sample(mostRows) : data;
  const parts = await rows.split({ train: 7, validation: 1, test: 2 });
  const users = await usersOf(spec, parts.test);
  const telling = await tellingPairs(parts, labels, columns, users);
  if (telling === null) return null;
  const { pairs, tested } = telling;
  const bare = await trained(parts, labels, modelFor);
  if (await isAhead(bare, tested, users)) return null;
  const keys = [...new Set(pairs.flat()), ...pairs];
  const counted = await countedParts(parts, labels, keys);
  if (counted === null) return null;
  const full = await trained(counted, labels, modelFor);
  const gain = await surelyGains(
    tested.map(({ label, truths }) => ({ label, truths, scores: full.get(label)!, others: bare.get(label)! })),
    users,
  );
  return gain === null ? null : proposal(labels, keys, { pairs: pairs.length, rows: parts.test.rows, gain });
}

/** Whether the two columns with most values could make cells of few rows; else no two can. */
function mayHavePairs(columns: readonly ReadColumn[], rows: number): boolean {
  const values = columns.flatMap(({ values }) => values ?? []).sort((a, b) => b - a);
  return values.length > 1 && rows <= mostCellRows * values[0]! * values[1]!;
}

interface TellingPairs {
  readonly pairs: readonly ClearPair["columns"][];
  /** Additive models with and without the pairs. */
  readonly tested: readonly Tested[];
}

/** The clearest pairs, if an additive model gains by them on test rows; otherwise `null`. */
async function tellingPairs(
  parts: LogParts,
  labels: readonly string[],
  columns: readonly ReadColumn[],
  users: Int32Array | null,
): Promise<TellingPairs | null> {
  const read = await joined(parts, [...labels, ...columns.map(({ name }) => name)]);
  const fields = columns.map((column) => asField(column, read.get(column.name)!));
  const trainRows = parts.train.rows;
  const trials: Trial[] = [];
  for (const label of labels) {
    const truths = labelsBy(label, read.get(label)!);
    trials.push({ label, truths, logits: await additive(fields, truths, trainRows) });
  }
  const paired = fields.filter((_, at) => columns[at]!.values !== null);
  const pairs = await clearestPairs(paired, trials, trainRows);
  if (pairs.length === 0) return null;
  const named = new Map(fields.map((field) => [field.name, field]));
  const cells = pairs.map(([first, second]) => pairField(named.get(first)!, named.get(second)!));
  const tested: Tested[] = [];
  for (const { label, truths, logits } of trials) {
    const full = await additive([...fields, ...cells], truths, trainRows);
    const [scores, others] = [full, logits].map((each) => Float32Array.from(each.subarray(trainRows)));
    tested.push({ label, truths: truths.subarray(trainRows), scores: scores!, others: others! });
  }
  const gain = await surelyGains(tested, users);
  return gain !== null && gain.value >= leastGain ? { pairs, tested } : null;
}

/** Whether a network without the pairs surely ranks every label better than the additive model that has them. */
async function isAhead(
  network: ReadonlyMap<string, Float32Array>,
  tested: readonly Tested[],
  users: Int32Array | null,
): Promise<boolean> {
  for (const { label, truths, scores } of tested) {
    const ahead = { label, truths, scores: network.get(label)!, others: scores };
    if ((await surelyGains([ahead], users)) === null) return false;
  }
  return true;
}

/** The columns of the training rows, then of the test rows. */
async function joined({ train, test }: LogParts, names: readonly string[]): Promise<Map<string, ScalarColumn>> {
  const [first, second] = [await train.table.read(names), await test.table.read(names)];
  const part = (columns: ReadonlyMap<string, RawColumn>, name: string) => columns.get(name) as ScalarColumn;
  return new Map(names.map((name) => [name, joinColumns([part(first, name), part(second, name)])]));
}

function asField({ name, values }: ReadColumn, column: ScalarColumn): Field {
  const isParted = column.kind === "number" && values === null;
  return isParted ? tenthsField(name, column, numberParts) : valueField(name, column);
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
async function clearestPairs(
  paired: readonly Field[],
  trials: readonly Trial[],
  trainRows: number,
): Promise<ClearPair["columns"][]> {
  const most = [...paired]
    .sort((a, b) => b.levels - a.levels)
    .slice(0, mostPaired)
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

/** The scores of test rows by two models. */
interface Tested {
  readonly label: string;
  readonly truths: Float32Array;
  readonly scores: Float32Array;
  readonly others: Float32Array;
}

/** What `scores` rank better than `others`, for the label of which it is surest; `null`: not beyond noise. */
async function surelyGains(tested: readonly Tested[], users: Int32Array | null): Promise<AucGain | null> {
  const { deLong } = await import("../../core/metrics/delong.js");
  const gains = tested.flatMap(({ label, truths, scores, others }): AucGain[] => {
    const gain = deLong(scores, others, truths, { users });
    return gain === null ? [] : [{ ...gain, label }];
  });
  const gain = surestGain(gains);
  return gain !== null && gain.value > 0 && gain.pValue < level ? gain : null;
}

/** The predictions of test rows, by label, of the model that is suggested for the training rows. */
async function trained(
  { train, validation, test }: TrialParts,
  labels: readonly string[],
  modelFor: (rows: Dataset) => Promise<AnyModel>,
): Promise<ReadonlyMap<string, Float32Array>> {
  const run = await (await modelFor(train)).fit(train, { validation, quiet: true, floor: false });
  try {
    const predicted = await (await run.predict(test)).table.read(labels.map((label) => `probs_${label}`));
    const scores = (label: string) => (predicted.get(`probs_${label}`) as NumberColumn).values;
    return new Map(labels.map((label) => [label, Float32Array.from(scores(label))]));
  } finally {
    await run.dispose();
  }
}

/** `null`: the data have columns of these names. */
async function countedParts(
  { train, validation, test }: TrialParts,
  labels: readonly string[],
  by: readonly PriorsKey[],
): Promise<TrialParts | null> {
  try {
    const counted = await train.priors(labels, { by });
    const state = await counted.priorsState();
    return {
      train: counted,
      validation: await validation.withPriors(state),
      test: await test.withPriors(state),
    };
  } catch (error) {
    if (error instanceof DataError) return null;
    throw error;
  }
}

function proposal(
  labels: readonly string[],
  keys: readonly PriorsKey[],
  { pairs, rows, gain }: { readonly pairs: number; readonly rows: number; readonly gain: AucGain },
): SuggestedPriors {
  const { label, value, low, high, second } = gain;
  const reason =
    `rates and counts of ${count(pairs, "pair")} of columns and of each of these columns, each of rows before it in a random order, ` +
    `raise the AUC of this model for "${label}" on ${count(rows, "row")}, held out, from ${fixed(second)} by ` +
    `${signed(value)}${ends({ low, high }, signed)} in one training with and one without them. Where rows share a source that new rows ` +
    "will not, such as a person or an incident, this is partly memory: split by it first. " +
    "Test rows get what all training rows say: test.withPriors(await counted.priorsState())";
  const code = `const counted = await train.priors(${JSON.stringify(labels)}, { by: ${JSON.stringify(keys)} });`;
  return { code, reason, variable: "counted" };
}
