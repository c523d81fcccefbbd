/**
 * One training session, for `model.fit`, `pepnet train` and studies: opens the engine while rows are encoded, loads
 * weights, prepares checkpoints, and trains. On failure it disposes the engine; otherwise the caller owns it.
 */
import type { EncodedRows } from "../data/encoded/index.js";
import type { Engine, Weights } from "../engine/index.js";
import { explodedText } from "./loop/exploding.js";
import { fit } from "./loop/fit.js";
import type { TrainLoopOptions, TrainLoopResult } from "./loop/fit-options.js";
import { skippedText } from "./loop/non-finite.js";
import { loadWeights, type ParameterMap } from "./saved/weights.js";

/** The training and validation rows with notes for the reader. */
export interface SessionRows {
  readonly train: EncodedRows;
  /** `null`: no evaluations. */
  readonly validation: EncodedRows | null;
  readonly notes: readonly string[];
}

/** The start of training, and how to save checkpoints. */
export interface SessionCheckpoints extends Pick<TrainLoopOptions, "from" | "checkpoint"> {
  readonly notes: readonly string[];
}

/** The options of a session. */
export interface SessionRequest {
  readonly openEngine: () => Promise<Engine>;
  /** Encodes the rows. */
  readonly rows: () => Promise<SessionRows>;
  /** Start from these weights instead of the engine's. */
  readonly weights?: { readonly source: string | Weights; readonly map?: ParameterMap } | null;
  /** Prepares checkpoints. `report`: called if one could not be written. */
  readonly checkpoints?: (
    engine: Engine,
    rows: SessionRows,
    report: (text: string) => void,
  ) => Promise<SessionCheckpoints>;
  /** Options of training; created when engine and rows are ready. */
  readonly loop: (engine: Engine, rows: SessionRows) => TrainLoopOptions | Promise<TrainLoopOptions>;
  readonly signal?: AbortSignal;
  /** Awaits work before training, during which nothing is saved. Default: until it ends. */
  readonly waitFor?: <T>(work: Promise<T>) => Promise<T>;
  /** Called for each note immediately. */
  readonly onNote?: (text: string) => void;
  /** Awaited before the first step, with the notes so far. */
  readonly onStart?: (notes: readonly string[]) => Promise<void>;
}

/** A trained model on an engine that the caller must dispose. */
export interface TrainedSession {
  readonly engine: Engine;
  readonly rows: SessionRows;
  readonly result: TrainLoopResult;
  /** Notes for the reader, one sentence each. */
  readonly notes: readonly string[];
}

/** Runs a session. Rethrows errors after disposing the engine. */
export async function trainSession(request: SessionRequest): Promise<TrainedSession> {
  const { waitFor = (work) => work, signal, weights } = request;
  const starting = request.openEngine();
  starting.catch(() => undefined); // reported below, after the problems of the rows
  const rows = await waitFor(request.rows()).catch((error: unknown) => abandoned(starting, signal, error));
  const engine = await waitFor(starting).catch((error: unknown) => abandoned(starting, signal, error));
  try {
    if (weights) await waitFor(loadWeights(engine, weights.source, { map: weights.map, signal }));
    return await trained(request, engine, rows);
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}

async function trained(request: SessionRequest, engine: Engine, rows: SessionRows): Promise<TrainedSession> {
  const notes: string[] = [];
  const report = (text: string): void => {
    notes.push(text);
    request.onNote?.(text);
  };
  rows.notes.forEach(report);
  const saving = await request.checkpoints?.(engine, rows, report);
  saving?.notes.forEach(report);
  const loop = await request.loop(engine, rows);
  await request.onStart?.(notes);
  const { from, checkpoint } = saving ?? {};
  const result = await fit(engine, rows.train, rows.validation, {
    ...loop,
    signal: request.signal,
    from,
    checkpoint,
  });
  if (result.skipped > 0) report(skippedText(result.skipped));
  if (result.exploded !== null) report(explodedText(result.exploded));
  return { engine, rows, result, notes };
}

/** Disposes the engine once it is open; an aborted session does not wait for that. */
async function abandoned(starting: Promise<Engine>, signal: AbortSignal | undefined, error: unknown): Promise<never> {
  const disposed = starting.then((engine) => engine.dispose()).catch(() => undefined);
  if (!signal?.aborted) await disposed;
  throw error;
}
