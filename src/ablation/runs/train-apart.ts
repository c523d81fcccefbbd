import { type EncodedData, type EncodedRows, measuredColumns } from "../../data/encoded/index.js";
import type { Engine } from "../../engine/index.js";
import { TrainError } from "../../errors/index.js";
import { copyRows } from "../../gates/rows/index.js";
import { domainName, type ModelSpec } from "../../spec/index.js";
import { fit, type History, type Predictions, type Progress, predict } from "../../train/index.js";
import { rowsByDomain } from "../../train/measure/index.js";
import type { RunRequest } from "./run-request.js";

export interface TrainedApart {
  readonly predictions: readonly Predictions[];
  /** Without curves: each model has its own. */
  readonly history: History;
  readonly rowsPerSecond: number;
}

interface DomainRows {
  readonly domain: number;
  readonly train: EncodedData;
  readonly places: Int32Array;
  readonly validation: EncodedData;
  /** Rows that early stopping chooses by; `null`: none. */
  readonly curves: EncodedData | null;
}

/** Returns `null` if interrupted. @throws TrainError for a domain with validation rows and without training rows */
export async function trainApart(request: RunRequest): Promise<TrainedApart | null> {
  const { spec, rows } = request;
  const [train, validation] = [await domainRows(spec, rows.train), await domainRows(spec, rows.validation)];
  const curves = await domainRows(spec, rows.curves);
  const predictions = spec.towers.map((tower): Predictions => {
    const size = rows.validation.rows * tower.numClass;
    return { tower: tower.name, probabilities: new Float32Array(size), logits: new Float32Array(size) };
  });
  const start = performance.now();
  let trained = 0;
  for (const [domain, places] of validation.entries()) {
    if (places.length === 0) continue;
    const trainPlaces = train[domain]!;
    if (trainPlaces.length === 0) throw noRows(spec, domain);
    const part = {
      domain,
      places,
      train: await copyRows(rows.train, trainPlaces),
      validation: await copyRows(rows.validation, places),
      curves: curves[domain]!.length === 0 ? null : await copyRows(rows.curves, curves[domain]!),
    };
    const steps = await trainDomain(request, part, trainPlaces.length / rows.train.rows, predictions, trained);
    if (steps === null) return null;
    trained += steps;
  }
  const seconds = (performance.now() - start) / 1000;
  return {
    predictions,
    history: { points: [], evaluations: [], bestStep: null },
    rowsPerSecond: (trained * (spec.training.batchSize ?? 0)) / seconds,
  };
}

/** Trains one model and writes its predictions. Returns its number of steps, or `null` if interrupted. */
async function trainDomain(
  { spec, settings, openEngine, signal, onProgress }: RunRequest,
  { train, validation, curves, places }: DomainRows,
  share: number,
  predictions: readonly Predictions[],
  stepsBefore: number,
): Promise<number | null> {
  const { evaluationsPerEpoch } = settings;
  const earlyStopping = curves === null ? undefined : settings.earlyStopping; // nothing to choose by
  const { steps } = spec.training;
  const partSteps = steps === null ? undefined : Math.max(1, Math.round(steps * share));
  const report = (progress: Progress): void =>
    onProgress?.({ ...progress, step: stepsBefore + progress.step, done: false });
  const engine = await openEngine();
  try {
    const loop = { steps: partSteps, evaluationsPerEpoch, earlyStopping, onProgress: report, signal };
    const result = await fit(engine, train, curves, loop);
    if (result.interrupted) return null;
    await writePredictions(engine, spec, validation, places, predictions);
    return result.history.points.at(-1)?.step ?? 0;
  } finally {
    await engine.dispose();
  }
}

async function writePredictions(
  engine: Engine,
  spec: ModelSpec,
  validation: EncodedData,
  places: Int32Array,
  predictions: readonly Predictions[],
): Promise<void> {
  const outputs = await predict(engine, validation);
  spec.towers.forEach(({ numClass }, tower) => {
    places.forEach((place, row) => {
      for (const name of ["probabilities", "logits"] as const) {
        const values = outputs[tower]![name].subarray(row * numClass, (row + 1) * numClass);
        predictions[tower]![name].set(values, place * numClass);
      }
    });
  });
}

async function domainRows(spec: ModelSpec, rows: EncodedRows): Promise<Int32Array[]> {
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
