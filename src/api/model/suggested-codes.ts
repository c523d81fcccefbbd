/** Whether statistics of codes and of their pairs, in a random order, would help: measured on rows that are held out. */
import type { PriorsKey } from "../../core/data/priors/plan.js";
import { DataError } from "../../core/errors/index.js";
import type { ModelSpec } from "../../core/spec/model.js";
import { ends, fixed, signed } from "../../core/util/text.js";
import type { Dataset } from "../data/dataset.js";
import { type AucGain, gainsOfPriors, type LogParts, priorColumns, regressed, surestGain } from "./regressed.js";
import type { SuggestedPriors } from "./suggested-priors.js";

/** With fewer rows, a gain is hardly beyond noise. */
const leastRows = 2000;
/** Of larger tables, as many rows are drawn. */
const mostRows = 10_000;
/** With fewer values, a weight for each learns as much. */
const leastValues = 20;
const mostCodes = 12;
/** Of how many codes with the most values pairs are tried. */
const mostPaired = 5;
/** The budget of a regression: about a second. */
const mostVisits = 3e7;
const level = 0.05;

/** A column of codes, with the number of its values. */
export interface CodeColumn {
  readonly name: string;
  readonly values: number;
}

interface Trial {
  readonly keys: readonly PriorsKey[];
  readonly gain: AucGain;
}

/**
 * For rows without times, whose order says nothing, and of which half of the features or more are codes.
 * @param labels the label columns, which hold 0 and 1
 * @returns `null`: too few rows or codes, or no gain beyond noise
 */
export async function suggestedCodes(
  data: Dataset,
  spec: ModelSpec,
  labels: readonly string[],
  candidates: readonly CodeColumn[],
): Promise<SuggestedPriors | null> {
  const codes = candidates
    .filter(({ values }) => values >= leastValues && values <= data.rows / 2)
    .sort((a, b) => b.values - a.values)
    .slice(0, mostCodes)
    .map(({ name }) => name);
  if (
    codes.length === 0 ||
    2 * codes.length < spec.features.length ||
    data.table.roles.time !== undefined ||
    data.rows < leastRows
  )
    return null;
  const rows = data.rows > mostRows ? data.sample(mostRows) : data;
  const parts = await rows.split({ train: 4, test: 1 });
  const bare = await regressed(spec, parts, mostVisits);
  if (bare === null) return null;
  const paired = codes.slice(0, mostPaired);
  const pairs = paired.flatMap((first, at) => paired.slice(at + 1).map((second) => [first, second] as const));
  const counted = await countedParts(parts, labels, [...codes, ...pairs]);
  if (counted === null) return null;
  const columns = priorColumns(parts.train, counted.train);
  const trials: Trial[] = [];
  for (const keys of pairs.length === 0 ? [codes] : [codes, [...codes, ...pairs]]) {
    const each = columns.slice(0, (columns.length * keys.length) / (codes.length + pairs.length));
    const gain = surestGain(await gainsOfPriors(spec, bare, counted, each, mostVisits));
    if (gain !== null && gain.value > 0 && gain.pValue < level / 2) trials.push({ keys, gain });
  }
  const best = trials.sort((a, b) => b.gain.value - a.gain.value)[0];
  return best === undefined ? null : proposal(labels, best, paired.length);
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

function proposal(labels: readonly string[], { keys, gain }: Trial, paired: number): SuggestedPriors {
  const { label, value, low, high, second } = gain;
  const hasPairs = keys.some((key) => typeof key !== "string");
  const what = hasPairs ? `of the codes and of the pairs of ${paired} of them` : "of the codes";
  const reason =
    `rates and counts ${what}, each of rows before it in a random order, raise the AUC of a logistic regression for "${label}" ` +
    `on a fifth of the rows, held out, from ${fixed(second)} by ${signed(value)}${ends({ low, high }, signed)}. Test rows get what all training rows say: test.withPriors(await counted.priorsState())`;
  const code = `const counted = await train.priors(${JSON.stringify(labels)}, { by: ${JSON.stringify(keys)} });`;
  return { code, reason, variable: "counted" };
}
