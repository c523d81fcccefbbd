/** Whether statistics of codes and of their pairs, in a random order, would help: measured on rows that are held out. */
import { labelsBy } from "../../core/data/derived-values.js";
import type { PriorsKey } from "../../core/data/priors/plan.js";
import { DataError } from "../../core/errors/index.js";
import type { ModelSpec } from "../../core/spec/model.js";
import { count, ends, fixed, signed } from "../../core/util/text.js";
import { inTurns } from "../../core/util/turns.js";
import { tenthsField, valueField } from "../../lab/domains/columns.js";
import type { Field } from "../../lab/domains/floor.js";
import { type ClearPair, clearPairs } from "../../lab/domains/pairs.js";
import type { Dataset } from "../data/dataset.js";
import { type AucGain, gainsOfPriors, type LogParts, priorColumns, regressed, surestGain } from "./regressed.js";
import type { SuggestedPriors } from "./suggested-priors.js";

/** With fewer rows, a gain is hardly beyond noise. */
const leastRows = 2000;
/** Of larger tables, as many rows are drawn. */
const mostRows = 10_000;
const mostCodes = 12;
const mostPairs = 10;
/** The budget of a regression: about a second. */
const mostVisits = 3e7;
const level = 0.05;

/** A column that the model reads. */
export interface ReadColumn {
  readonly name: string;
  /** Whether it has so many values that pairs with it are too sparse for an embedding to learn. */
  readonly isCode: boolean;
}

/**
 * For rows without times, whose order says nothing.
 * @param labels the label columns, which hold 0 and 1
 * @param columns with one value a row
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
  const pairs = (await pairsOf(parts.train, labels, columns)).map(({ columns }) => columns);
  if (pairs.length === 0) return null;
  const keys = [...new Set(pairs.flat()), ...pairs];
  const counted = await countedParts(parts, labels, keys);
  const bare = await regressed(spec, parts, mostVisits);
  if (counted === null || bare === null) return null;
  const added = priorColumns(parts.train, counted.train);
  const gain = surestGain(await gainsOfPriors(spec, bare, counted, added, mostVisits));
  return gain !== null && gain.value > 0 && gain.pValue < level ? proposal(labels, keys, pairs.length, gain) : null;
}

/** The clearest pairs of any label. */
async function pairsOf(
  { table }: Dataset,
  labels: readonly string[],
  columns: readonly ReadColumn[],
): Promise<readonly ClearPair[]> {
  const read = await table.read([...labels, ...columns.map(({ name }) => name)]);
  const codes: Field[] = [];
  const fields = columns.flatMap(({ name, isCode }): Field[] => {
    const column = read.get(name)!;
    if (column.kind === "list") return [];
    if (!isCode) return [column.kind === "number" ? tenthsField(name, column) : valueField(name, column)];
    codes.push(valueField(name, column));
    return codes.slice(-1);
  });
  const most = codes.sort((a, b) => b.levels - a.levels).slice(0, mostCodes);
  const best = new Map<string, ClearPair>();
  for (const label of labels) {
    const truths = labelsBy(label, { kind: "equals", from: label, values: [1, true] }, read.get(label)!);
    for (const pair of await inTurns(clearPairs(most, fields, truths))) {
      const key = JSON.stringify(pair.columns);
      if (pair.score > (best.get(key)?.score ?? 0)) best.set(key, pair);
    }
  }
  return [...best.values()].sort((a, b) => b.score - a.score).slice(0, mostPairs);
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
    `raise the AUC of a logistic regression for "${label}" on a fifth of the rows, held out, from ${fixed(second)} by ` +
    `${signed(value)}${ends({ low, high }, signed)}. Where rows share a source that new rows will not, such as a person or an incident, ` +
    "this is partly memory: split by it first. Test rows get what all training rows say: test.withPriors(await counted.priorsState())";
  const code = `const counted = await train.priors(${JSON.stringify(labels)}, { by: ${JSON.stringify(keys)} });`;
  return { code, reason, variable: "counted" };
}
