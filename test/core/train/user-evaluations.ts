/** Evaluations of calibrated models on users with many rows each: every verdict on calibration or time is false. */
import type { EncodedData } from "../../../src/core/data/encoded/encoded.js";
import { rowGroups } from "../../../src/core/data/summary/row-groups.js";
import type { CalibrationReport } from "../../../src/core/metrics/calibration-curve.js";
import { withGroupsApart } from "../../../src/core/metrics/intervals/apart.js";
import type { Evaluation } from "../../../src/core/metrics/types.js";
import { calibrating } from "../../../src/core/train/measure/measure.js";
import { random } from "../../../src/core/util/random.js";
import { atOnce } from "../../../src/core/util/turns.js";
import { type Rate, series, triedRates } from "../../rates.js";
import { evaluatePredictions, twoTasks } from "./measured.js";

export interface EvaluatedWorld {
  readonly users: number;
  readonly rowsPerUser: number;
  readonly seed: number;
  /** Multiplies the predictions in the third domain, or on the third day. */
  readonly off?: number;
  /** Default: users are known. */
  readonly isUserKnown?: boolean;
  /** Each user comes on one day only. */
  readonly oneDay?: boolean;
  /** Standard deviation of the logarithm of users' numbers of rows. Default: they are uniform. */
  readonly heavy?: number;
}

const dayMillis = 86_400_000;
const days = 8;
const towers = [twoTasks.towers[0]!];

function evaluatedUsers({ users, rowsPerUser, seed, oneDay = false, heavy }: EvaluatedWorld) {
  const source = random(seed).fork("evaluated users");
  const [codes, domains, dates, predicted, labels]: number[][] = [[], [], [], [], []];
  for (let user = 0; user < users; user++) {
    // The mean over users is the prediction.
    const effect = 0.36 * (source.uniform() - 0.5);
    const day = source.integer(days);
    const uniform = rowsPerUser === 1 ? 1 : 1 + source.integer(2 * rowsPerUser - 1);
    const skewed = () => Math.max(1, Math.round(rowsPerUser * Math.exp(heavy! * source.normal() - heavy! ** 2 / 2)));
    const rows = heavy === undefined ? uniform : skewed();
    for (let row = 0; row < rows; row++) {
      const rate = 0.2 + 0.3 * source.uniform();
      codes!.push(user);
      domains!.push(source.integer(3));
      dates!.push(oneDay ? day : source.integer(days));
      predicted!.push(rate);
      labels!.push(source.uniform() < rate + effect ? 1 : 0);
    }
  }
  return { codes: codes!, domains: domains!, dates: dates!, predicted: predicted!, labels: labels! };
}

function dataOf(labels: readonly number[], domains: readonly number[]): EncodedData {
  const clk = Float32Array.from(labels);
  return {
    rows: labels.length,
    features: new Map(),
    labels: new Map([["clk", clk]]),
    sampleWeights: new Map(),
    domains: Int32Array.from(domains),
    warnings: [],
  };
}

/** Calibration curves of three domains with their ratios. */
export function calibrationOfUsers(world: EvaluatedWorld): CalibrationReport {
  const { codes, domains, predicted, labels } = evaluatedUsers(world);
  const moved = predicted.map((rate, row) => rate * (domains[row] === 2 ? (world.off ?? 1) : 1));
  return atOnce(
    calibrating({
      towers,
      domainNames: ["a", "b", "c"],
      columns: dataOf(labels, domains),
      probabilities: [Float32Array.from(moved)],
      users: world.isUserKnown === false ? null : { name: "user", codes: Int32Array.from(codes) },
      options: {},
    }),
  );
}

/** Metrics by day. */
export function overTimeOfUsers(world: EvaluatedWorld): Evaluation {
  const { codes, dates, predicted, labels } = evaluatedUsers(world);
  const values = Float64Array.from(dates, (day) => Date.UTC(2024, 1, 26) + day * dayMillis);
  const by = rowGroups("time", { kind: "number", type: "timestamp", values, valid: null }, { as: "times" });
  const probabilities = Float32Array.from(predicted, (rate, row) => rate * (dates[row] === 2 ? (world.off ?? 1) : 1));
  const users = world.isUserKnown === false ? null : { name: "user", codes: Int32Array.from(codes) };
  const evaluation = evaluatePredictions(
    { ...twoTasks, towers, labels: ["clk"] },
    dataOf(labels, dates),
    [{ tower: "ctr", probabilities, logits: probabilities }],
    { by, users, intervals: { draws: 200 } },
  );
  return withGroupsApart({ ...evaluation, by: "time", groups: by.groups });
}

/** Cells that a chart over time calls beyond noise. */
export function timeClaims(world: EvaluatedWorld): string[] {
  const { apart } = overTimeOfUsers(world);
  return Object.entries(apart!).flatMap(([metric, [task]]) =>
    task!.isApart.flatMap((isApart, day) => (isApart ? [`${metric} ${day}`] : [])),
  );
}

/** Curves whose ratio is called beyond noise: 0 all rows, 1 … the domains. */
export function calibrationClaims(world: EvaluatedWorld): number[] {
  const [task] = calibrationOfUsers(world).tasks;
  return [task!.overall, ...task!.domains].flatMap(({ ratio }, place) => (ratio!.isBeyondNoise ? [place] : []));
}

/** Share of worlds with a claim. */
export function falseAlarms(worlds: number, claims: (seed: number) => readonly unknown[]): number {
  let alarms = 0;
  for (let seed = 1; seed <= worlds; seed++) if (claims(seed).length > 0) alarms++;
  return alarms / worlds;
}

/** By rows a user: ratios of calibrated models, and days of models that do not change. */
export async function userEvaluationRates(): Promise<Rate[]> {
  const rates: Rate[] = [];
  for (const rowsPerUser of [1, 5, 10, 20, 30]) {
    const users = rowsPerUser === 1 ? 800 : 200;
    const ratios = { name: `calibration ratios, ${rowsPerUser} rows a user`, of: 150, atMost: 13 };
    const days = { name: `charts over time, ${rowsPerUser} rows a user`, of: 60, atMost: 6 };
    rates.push(
      ...(await triedRates([ratios], (seed) => [calibrationClaims({ users: 120, rowsPerUser, seed }).length > 0])),
      ...(await triedRates([days], (seed) => {
        return [timeClaims({ users, rowsPerUser, seed, oneDay: seed % 2 === 0 }).length > 0];
      })),
    );
  }
  for (const heavy of process.env["PEPNET_LONG"] || series.areWhole ? [0.8, 1.3, 1.8] : [1.8]) {
    for (const oneDay of [true, false]) {
      const world = { users: 500, rowsPerUser: 10, oneDay, heavy };
      const where = `users of log-normal sizes (${heavy})${oneDay ? " on one day each" : ""}`;
      const days = { name: `charts over time, ${where}`, of: 150, atMost: 13 };
      const ratios = { name: `calibration ratios, ${where}`, of: 150, atMost: 13 };
      rates.push(
        ...(await triedRates([days], (seed) => [timeClaims({ ...world, seed }).length > 0])),
        ...(await triedRates([ratios], (seed) => [calibrationClaims({ ...world, seed }).length > 0])),
      );
    }
  }
  return rates;
}
