/** Trains and evaluates one run of a study, or the separate models of a run by domain. */

import { copyRows } from "../../core/data/encoded/copies.js";
import type { EncodedData } from "../../core/data/encoded/encoded.js";
import { type EncodedRows, measuredColumns } from "../../core/data/encoded/streamed.js";
import type { Engine } from "../../core/engine/engine.js";
import { TrainError } from "../../core/errors/index.js";
import { domainName, isBinary, listDomainNames, type ModelSpec } from "../../core/spec/model.js";
import { type Predictions, predict } from "../../core/train/evaluate.js";
import { fitLogisticRegression, logisticScores } from "../../core/train/logistic-regression.js";
import type { EarlyStopping } from "../../core/train/loop/early-stopping.js";
import { fit } from "../../core/train/loop/fit.js";
import type { History, Progress } from "../../core/train/loop/recorder.js";
import {
  drawnUsers,
  joinedRows,
  rowsByDomain,
  taskSpaceName,
  type UserColumn,
} from "../../core/train/measure/task-rows.js";
import { getOrMake, pickRows } from "../../core/util/growing.js";
import { currentSignal, SharedValue } from "../../core/util/interrupt.js";
import { inTurns } from "../../core/util/turns.js";
import { sampleRows } from "../gates/sample.js";
import { halving, LengthChooser, type OwnLength } from "./own-length.js";
import { type DrawnTask, drawingMetrics } from "./statistics/metric-draws.js";

export interface RunResult {
  readonly seed: number;
  readonly user: string | null;
  readonly evaluationRows: number;
  readonly domainNames: readonly string[];
  /** Label whose positive rows a task is evaluated on, by tower; `null`: all rows. */
  readonly within: Readonly<Record<string, string | null>>;
  readonly tasks: readonly DrawnTask[];
  readonly history: History;
  /** The speed of training alone, without evaluations and start. */
  readonly rowsPerSecond: number;
  readonly seconds: number;
}

/** Trains and evaluates; `null` if interrupted, since partial runs are not comparable. */
export async function trainRun(request: RunRequest): Promise<RunResult | null> {
  const { spec } = request;
  const start = performance.now();
  try {
    const trained = await trainingOf(spec)(request);
    if (trained === null) return null;
    return { ...(await measured(request, trained)), seconds: (performance.now() - start) / 1000 };
  } catch (error) {
    if (currentSignal()?.aborted) return null;
    throw error;
  }
}

function trainingOf({ baseline }: ModelSpec): (request: RunRequest) => Promise<Trained | null> {
  if (baseline?.kind === "apart") return trainApart;
  return baseline?.kind === "logistic" ? fitLogistic : trainTogether;
}

/** By training rows, of which each seed has the same regression. */
const regressions = new WeakMap<EncodedRows, SharedValue<FittedRegression>>();

interface FittedRegression {
  readonly regression: Awaited<ReturnType<typeof fitLogisticRegression>>;
  readonly millis: number;
}

function fittedRegression(spec: ModelSpec, rows: EncodedRows): Promise<FittedRegression> {
  return getOrMake(regressions, rows, () => new SharedValue<FittedRegression>()).get(async () => {
    const start = performance.now();
    return { regression: await fitLogisticRegression(spec, rows), millis: performance.now() - start };
  });
}

/** Has no seed and no curves. Tasks that are not binary have no predictions, and so no metric. */
async function fitLogistic({ spec, rows }: RunRequest): Promise<Trained> {
  const { regression, millis } = await fittedRegression(spec, rows.train);
  const start = performance.now();
  const scores = regression && (await logisticScores(regression, rows.validation));
  const predictions = noPredictions(spec, rows.validation.rows);
  for (const [at, tower] of spec.towers.entries()) {
    const { probabilities, logits } = predictions[at]!;
    const positive = scores?.get(tower.name);
    for (const place of probabilities.keys()) {
      const row = Math.floor(place / tower.numClass);
      const share = positive?.[row] ?? (isBinary(tower) ? 0.5 : Number.NaN);
      probabilities[place] = tower.numClass === 2 && place % 2 === 0 ? 1 - share : share;
      logits[place] = Math.log(probabilities[place]! / (1 - probabilities[place]!));
    }
  }
  const seconds = (millis + performance.now() - start) / 1000;
  return { predictions, history: noHistory, rowsPerSecond: rows.train.rows / seconds };
}

const noHistory: History = { points: [], evaluations: [], bestStep: null };

interface Trained extends Pick<RunResult, "history" | "rowsPerSecond"> {
  readonly predictions: readonly Predictions[];
}

async function trainTogether({ spec, rows, settings, openEngine, onProgress }: RunRequest): Promise<Trained | null> {
  const { evaluationsPerEpoch, earlyStopping, ownLength } = settings;
  const chosen = ownLength && (await lengthChooser(spec, rows, ownLength));
  const engine = await openEngine();
  try {
    const look = chosen && lookBy(chosen, engine, rows.validation);
    const loop = { evaluationsPerEpoch, earlyStopping, look, onProgress };
    const result = await fit(engine, rows.train, rows.curves, loop);
    if (result.interrupted) return null;
    const { history } = result;
    return {
      predictions: chosen?.predictions ?? (await predict(engine, rows.validation)),
      history,
      rowsPerSecond: history.points.at(-1)?.rowsPerSecond ?? 0,
    };
  } finally {
    await engine.dispose();
  }
}

async function lengthChooser(
  spec: ModelSpec,
  { validation, users }: Pick<StudyRows, "validation" | "users">,
  length: OwnLength,
): Promise<LengthChooser> {
  const first = new Set((await inTurns(halving(validation.rows, users))).choosing);
  const isFirst = (row: number): boolean => first.has(row);
  const columns = await measuredColumns(validation, new Set());
  return new LengthChooser(spec, columns, isFirst, length, noPredictions(spec, validation.rows));
}

function lookBy(chosen: LengthChooser, engine: Engine, rows: EncodedRows) {
  return async (counts: boolean): Promise<boolean> => chosen.look(await predict(engine, rows), counts);
}

function noPredictions({ towers }: ModelSpec, rows: number): Predictions[] {
  return towers.map(({ name: tower, numClass }) => {
    const size = rows * numClass;
    return { tower, probabilities: new Float32Array(size), logits: new Float32Array(size) };
  });
}

async function measured(
  { spec, rows, settings }: RunRequest,
  { predictions, history, rowsPerSecond }: Trained,
): Promise<Omit<RunResult, "seconds">> {
  const data = await measuredColumns(rows.validation, new Set());
  const draws = { draws: settings.draws, users: rows.users && drawnUsers(rows.users) };
  return {
    seed: spec.training.seed,
    user: rows.users?.name ?? null,
    evaluationRows: data.rows,
    domainNames: listDomainNames(spec),
    within: Object.fromEntries(spec.towers.map((tower) => [tower.name, taskSpaceName(tower)])),
    tasks: await inTurns(drawingMetrics(spec, data, predictions, draws)),
    history,
    rowsPerSecond,
  };
}

interface PartRows {
  readonly train: EncodedData;
  readonly places: Int32Array;
  readonly validation: EncodedData;
  /** Rows by which early stopping chooses; `null`: none. */
  readonly curves: EncodedData | null;
  readonly users: UserColumn | null;
}

/**
 * Trains a model per part of the domains; the result has no curves, since each model has its own. Each may take as many
 * steps as a training on all rows: with fewer steps for fewer rows, the effect of steps would look like the effect of
 * rows. `null` if interrupted.
 * @throws TrainError for a domain with validation rows and without training rows
 */
export async function trainApart(request: RunRequest): Promise<Trained | null> {
  const { spec, rows } = request;
  const [train, validation] = [await domainRows(spec, rows.train), await domainRows(spec, rows.validation)];
  const curves = await domainRows(spec, rows.curves);
  const { halved, parts } = spec.baseline!;
  if (halved !== undefined) {
    const whole = train[halved]!;
    train[halved] = pickRows(whole, sampleRows(whole.length, Math.ceil(whole.length / 2), spec.training.seed, "half"));
  }
  const predictions = noPredictions(spec, rows.validation.rows);
  const start = performance.now();
  let trained = 0;
  for (const domains of parts!) {
    const lacking = domains.find((domain) => validation[domain]!.length > 0 && train[domain]!.length === 0);
    if (lacking !== undefined) throw noRows(spec, lacking);
    const [places, trainPlaces, choosing] = [validation, train, curves].map((all) => joinedRows(all, domains));
    if (places!.length === 0) continue;
    const part = {
      places: places!,
      train: await copyRows(rows.train, trainPlaces!),
      validation: await copyRows(rows.validation, places!),
      curves: choosing!.length === 0 ? null : await copyRows(rows.curves, choosing!),
      users: rows.users && { ...rows.users, codes: pickRows(rows.users.codes, places!) },
    };
    const steps = await trainPart(request, part, predictions, trained);
    if (steps === null) return null;
    trained += steps;
  }
  const seconds = (performance.now() - start) / 1000;
  return {
    predictions,
    history: noHistory,
    rowsPerSecond: (trained * (spec.training.batchSize ?? 0)) / seconds,
  };
}

/** Trains one model and writes its predictions. Returns its number of steps, or `null` if interrupted. */
async function trainPart(
  { spec, rows, settings, openEngine, onProgress }: RunRequest,
  part: PartRows,
  predictions: readonly Predictions[],
  stepsBefore: number,
): Promise<number | null> {
  const { train, validation, curves, places } = part;
  const { ownLength } = settings;
  const models = spec.baseline!.parts!.length;
  const report = (progress: Progress): void => {
    const [step, totalSteps] = [stepsBefore + progress.step, models * progress.totalSteps];
    onProgress?.({ ...progress, step, totalSteps, done: false });
  };
  const chosen = ownLength && (await lengthChooser(spec, part, ownLength));
  const engine = await openEngine();
  try {
    const length = { asLongAs: rows.train.rows, growingEvaluations: true };
    const stopping = chosen
      ? { look: lookBy(chosen, engine, validation) }
      : { earlyStopping: curves === null ? undefined : settings.earlyStopping }; // nothing to choose by
    const result = await fit(engine, train, chosen ? null : curves, { ...length, ...stopping, onProgress: report });
    if (result.interrupted) return null;
    const outputs = chosen?.predictions ?? (await predict(engine, validation));
    writePredictions(outputs, spec, places, predictions);
    return result.history.points.at(-1)?.step ?? 0;
  } finally {
    await engine.dispose();
  }
}

function writePredictions(
  outputs: readonly Predictions[],
  spec: ModelSpec,
  places: Int32Array,
  predictions: readonly Predictions[],
): void {
  spec.towers.forEach(({ numClass }, tower) => {
    places.forEach((place, row) => {
      for (const name of ["probabilities", "logits"] as const) {
        const values = outputs[tower]![name].subarray(row * numClass, (row + 1) * numClass);
        predictions[tower]![name].set(values, place * numClass);
      }
    });
  });
}

export async function domainRows(spec: ModelSpec, rows: EncodedRows): Promise<Int32Array[]> {
  return rowsByDomain(await measuredColumns(rows, new Set()), null, spec.domains!.count);
}

function noRows(spec: ModelSpec, domain: number): TrainError {
  return new TrainError({
    path: `domain ${domainName(spec, domain)}`,
    message: "a model of its own needs training rows",
    received: "validation rows only",
    expected: "training rows of every domain",
    fix: "leave singleDomain() out, or give the domain training rows",
  });
}

export interface RunSettings {
  readonly evaluationsPerEpoch?: number | undefined;
  /** Each training chooses its length in each domain, in place of early stopping. */
  readonly ownLength?: OwnLength | undefined;
  readonly earlyStopping?: EarlyStopping | undefined;
  readonly draws: number;
}

export interface StudyRows {
  readonly train: EncodedRows;
  readonly validation: EncodedRows;
  /** The half of the rows by which early stopping chooses; `validation` is the other half. */
  readonly curves: EncodedRows;
  readonly users: UserColumn | null;
}

export interface RunRequest {
  readonly spec: ModelSpec;
  readonly rows: StudyRows;
  readonly settings: RunSettings;
  readonly openEngine: () => Promise<Engine>;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}
