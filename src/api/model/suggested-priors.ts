/** Whether what was known before each row would help: measured by a logistic regression on the newest rows. */
import { DataError } from "../../core/errors/index.js";
import type { ModelSpec } from "../../core/spec/model.js";
import { ends, fixed, signed } from "../../core/util/text.js";
import type { Dataset } from "../data/dataset.js";
import {
  type AucGain,
  columnsOf,
  gainsOfPriors,
  logParts,
  newestRows,
  priorColumns,
  type Regressed,
  regressed,
  surestGain,
} from "./regressed.js";

/** Priors that a first model would gain by. */
export interface SuggestedPriors {
  /** The line that adds them, with the longest delay of those tried at which they help. */
  readonly code: string;
  /** What they are worth, at each delay if rows have times. */
  readonly reason: string;
  /** The name of the rows that `code` makes. */
  readonly variable: string;
}

/** With fewer rows, a gain is hardly beyond noise. */
const leastRows = 2000;
/** How long labels may take; how people say it. */
const delays = [
  ["0s", "known at once"],
  ["1h", "known after an hour"],
  ["1d", "known after a day"],
] as const;
const level = 0.05;

/** @param labels the label columns, which hold 0 and 1 @returns `null`: no roles, too few rows, or no gain beyond noise */
export async function suggestedPriors(
  data: Dataset,
  spec: ModelSpec,
  labels: readonly string[],
): Promise<SuggestedPriors | null> {
  const { user, item, time } = data.table.roles;
  const keys = [user, item].filter((name) => name !== undefined);
  if (time === undefined || keys.length === 0 || data.rows < leastRows) return null;
  const log = await newestRows(data);
  const bare = await regressed(spec, await logParts(log));
  if (bare === null) return null;
  const gains: (AucGain | null)[] = [];
  for (const [delay] of delays) {
    gains.push(await gainAt({ log, spec, bare }, labels, delay).catch(noGain));
    if (!helpsBeyondNoise(gains[0] ?? null)) return null; // a delay leaves less
  }
  const helps = gains.map(helpsBeyondNoise);
  const last = helps.lastIndexOf(true);
  const worth = delays.map(([, words], at) => {
    const { value, low, high } = gains[at] ?? { value: null, low: null, high: null };
    return `${words}, by ${helps[at] ? `${signed(value)}${ends({ low, high }, signed)}` : "nothing that these rows can tell"}`;
  });
  const { label, second } = gains[last]!;
  const reason =
    `what was known before of each ${keys.join(" and ")} raises the AUC of a logistic regression for "${label}" on the newest fifth ` +
    `of the rows from ${fixed(second)}: ${worth.join("; ")}. Set the delay after which you know labels in production`;
  const named = labels.map((label) => JSON.stringify(label)).join(", ");
  return {
    code: `const log = await data.priors([${named}], { delay: "${delays[last]![0]}" });`,
    reason,
    variable: "log",
  };
}

function helpsBeyondNoise(gain: AucGain | null): boolean {
  return gain !== null && gain.value > 0 && gain.pValue < level / delays.length;
}

/** A delay as long as the log, no history at all, or columns of these names. */
function noGain(error: unknown): null {
  if (error instanceof DataError) return null;
  throw error;
}

interface Compared {
  readonly log: Dataset;
  readonly spec: ModelSpec;
  /** Without priors. */
  readonly bare: Regressed;
}

async function gainAt(
  { log, spec, bare }: Compared,
  labels: readonly string[],
  delay: string,
): Promise<AucGain | null> {
  const more = await log.priors(labels, { delay });
  const parts = await logParts(more);
  const columns = await columnsOf(parts.train, priorColumns(log, more));
  return surestGain(await gainsOfPriors(spec, bare, parts, columns));
}
