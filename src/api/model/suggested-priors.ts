/** Whether what was known before each row would help: measured by a logistic regression on the newest rows. */
import { rawFeature } from "../../core/builder/raw-feature.js";
import { DataError } from "../../core/errors/index.js";
import { isBinary, type ModelSpec } from "../../core/spec/model.js";
import { ends, fixed, signed } from "../../core/util/text.js";
import type { Dataset } from "../data/dataset.js";
import { pepnet } from "./model.js";

/** Priors that a first model would gain by. */
export interface SuggestedPriors {
  /** The line that adds them, with the longest delay of those tried at which they help. */
  readonly code: string;
  /** What they are worth at each delay. */
  readonly reason: string;
}

/** With fewer rows, a gain is hardly beyond noise. */
const leastRows = 2000;
/** Of larger logs, the newest rows are looked at. */
const mostRows = 50_000;
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
  const older = data.rows - mostRows;
  const log = older <= 0 ? data : (await data.split({ older, newest: mostRows })).newest;
  const bare = await regressed(spec, await parts(log));
  if (bare === null) return null;
  const gains: (Gain | null)[] = [];
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
  return { code: `const log = await data.priors([${named}], { delay: "${delays[last]![0]}" });`, reason };
}

interface Gain {
  readonly label: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly pValue: number;
  /** The AUC without priors. */
  readonly second: number;
}

function helpsBeyondNoise(gain: Gain | null): boolean {
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

/** The gain of the label with the smallest p value, corrected for the number of labels. */
async function gainAt({ log, spec, bare }: Compared, labels: readonly string[], delay: string): Promise<Gain | null> {
  const { deLong } = await import("../../core/metrics/delong.js");
  const more = await log.priors(labels, { delay });
  const added = more.columns.slice(log.columns.length).map(({ name }) => name);
  const features = added.map((name) => {
    return name.endsWith("_rate") ? rawFeature(name).zscore() : rawFeature(name).log1p().zscore();
  });
  const richer = { ...spec, features: [...spec.features, ...pepnet().features(...features).spec.features] };
  const full = await regressed(richer, await parts(more));
  const gains = spec.towers.filter(isBinary).flatMap(({ name, label }): Gain[] => {
    const [a, b, truths] = [full?.scores.get(name), bare.scores.get(name), bare.labels.get(label)];
    const difference = a && b && truths ? deLong(a, b, truths, { users: bare.users }) : null;
    return difference === null ? [] : [{ ...difference, label }];
  });
  const best = gains.sort((a, b) => a.pValue - b.pValue)[0];
  return best === undefined ? null : { ...best, pValue: Math.min(1, best.pValue * gains.length) };
}

interface Parts {
  readonly train: Dataset;
  readonly test: Dataset;
}

function parts(log: Dataset): Promise<Parts> {
  return log.split({ train: 4, test: 1 }, { by: "time" });
}

/** What a logistic regression says of the newest rows. */
interface Regressed {
  /** By task. */
  readonly scores: ReadonlyMap<string, Float32Array>;
  readonly labels: ReadonlyMap<string, Float32Array>;
  readonly users: Int32Array | null;
}

async function regressed(spec: ModelSpec, { train, test }: Parts): Promise<Regressed | null> {
  const { fitFeatures } = await import("../../core/data/fit-features.js");
  const { measuredColumns } = await import("../../core/data/encoded/streamed.js");
  const { fitLogisticRegression, logisticScores } = await import("../../core/train/logistic-regression.js");
  const { resolveUsers } = await import("../data/dataset.js");
  const fitted = await fitFeatures(spec, train.table);
  const regression = await fitLogisticRegression(fitted, await train.encode(fitted));
  if (regression === null) return null;
  const rows = await test.encode(fitted);
  const users = (await resolveUsers(spec, test.table, undefined)).column?.codes ?? null;
  return {
    scores: await logisticScores(regression, rows),
    labels: (await measuredColumns(rows, new Set())).labels,
    users,
  };
}
