/** A run on disk: `run.json`, `spec.json`, `history.json`, `weights.safetensors`, and others if there are any. */
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { EngineName, EngineState, Weights } from "../../engine/engine.js";
import { groupSize, steadyVersion } from "../../engine/threads.js";
import type { Finding } from "../../errors/finding.js";
import { CheckpointError } from "../../errors/index.js";
import type { Evaluation } from "../../metrics/types.js";
import type { ModelSpec } from "../../spec/model.js";
import { checksumsFile, namesIn } from "../../util/files/checksums.js";
import { readText } from "../../util/files/read-whole.js";
import { deepFreeze } from "../../util/json.js";
import * as is from "../../util/shape.js";
import { type BestState, exceeds, type Monitor, monitored, type TrainCheckpoint } from "../loop/early-stopping.js";
import type { History } from "../loop/recorder.js";
import { recordFromHistory, type TrainingRecord } from "../training-record.js";
import { type FolderFiles, type FolderKind, parsed, readFolder, writeFolder } from "./folder.js";
import { lockName, ownersIn, workNames } from "./lock.js";
import { decodeSafetensors, safetensorsPieces } from "./safetensors.js";
import {
  assertShape,
  conflictsShape,
  evaluationShape,
  gatesShape,
  historyShape,
  parsedJson,
  runShape,
  stepShape,
  valueText,
} from "./shape.js";
import { assertBuildable, checkedSpec } from "./spec-shape.js";

/** The content of a saved run. */
export interface SavedRun {
  readonly spec: ModelSpec;
  /** The weights for predictions, by TorchEasyRec's parameter names. */
  readonly weights: Weights;
  readonly history: History;
  readonly evaluation: Evaluation | null;
  /** Findings of judges on the rows and on the training; for a checkpoint, on the rows. */
  readonly findings?: readonly Finding[] | undefined;
  /** The gate reports of `src/lab/gates` at each evaluation; empty if gates were not followed. */
  readonly gatesHistory: readonly unknown[];
  /** The conflicts of `src/lab/gates` early in the training; `null`: not measured. */
  readonly conflicts?: unknown;
  /** The logistic regression of evaluations (`floorWeights`); `null`: none. */
  readonly floor?: Weights | null;
  /** What early stopping follows, of a training: by this its best checkpoint is chosen. Default: the mean AUC. */
  readonly monitor?: Monitor | undefined;
  /** The training of the weights; `null`: they were not trained here. */
  readonly record?: TrainingRecord | null | undefined;
}

const runFormat = "pepnet-run";
const checkpointFormat = "pepnet-checkpoint";
const formatVersion = 2;
export const runFiles: readonly string[] = ["run.json", "spec.json", "history.json", "weights.safetensors"];
const gatesFile = "gates.json";
const conflictsFile = "conflicts.json";
const floorFile = "floor.safetensors";
export const trainingFile = "training.json";
const optimizerFile = "optimizer.safetensors";
const bestFile = "best.safetensors";
const checkpointFiles: readonly string[] = [trainingFile, optimizerFile, bestFile];

export const runKind: FolderKind = {
  files: [...runFiles, gatesFile, conflictsFile, floorFile, ...checkpointFiles],
  identity: "run.json",
  format: runFormat,
  called: "the run",
  writer: "run.save() or a training",
};

/** Replaces an earlier run atomically. @throws CheckpointError if the folder has other files or is not writable. */
export async function saveRun(folder: string, run: SavedRun): Promise<void> {
  const place = path.resolve(folder);
  await refuseTraining(place);
  await writeFolder(place, runContents(run), runKind);
}

function runContents(run: SavedRun): FolderFiles {
  const { spec, weights, history, evaluation, findings, gatesHistory, conflicts, floor, monitor, record } = run;
  const facts = { evaluation, findings, monitor, record: record ?? undefined };
  return {
    "run.json": jsonText({ format: runFormat, formatVersion, ...facts }),
    "spec.json": jsonText(spec),
    "history.json": jsonText(history),
    "weights.safetensors": safetensorsPieces(weights),
    ...(gatesHistory.length > 0 ? { [gatesFile]: statisticsText(gatesHistory) } : {}),
    ...(conflicts == null ? {} : { [conflictsFile]: jsonText(conflicts) }),
    ...(floor == null ? {} : { [floorFile]: safetensorsPieces(floor) }),
  };
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}

/** JSON in which non-finite numbers are `{ "number": "NaN" }`, because a domain may be named NaN. */
function statisticsText(values: readonly unknown[]): string {
  const writable = (_: string, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? { number: String(value) } : value;
  return `${JSON.stringify(values, writable)}\n`;
}

function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]?.[0] === "number" && typeof entries[0][1] === "string")
    return Number(entries[0][1]);
  return Object.fromEntries(entries.map(([key, inner]) => [key, revived(inner)]));
}

/** @param also further files to read @throws CheckpointError if the folder is missing, not a run, or damaged */
export async function readRun(
  folder: string,
  also: readonly string[] = [],
): Promise<SavedRun & { readonly files: ReadonlyMap<string, Uint8Array> }> {
  const place = path.resolve(folder);
  const files = await readFolder(place, runKind, runFiles, [gatesFile, conflictsFile, floorFile, ...also]);
  return {
    ...runFacts(folder, files),
    gatesHistory: files.has(gatesFile) ? readGates(folder, files) : [],
    conflicts: files.has(conflictsFile) ? readConflicts(folder, files) : null,
    weights: decodeSafetensors(files.get("weights.safetensors")!, path.join(folder, "weights.safetensors")),
    floor: files.has(floorFile) ? decodeSafetensors(files.get(floorFile)!, path.join(folder, floorFile)) : null,
    files,
  };
}

/** The contents of a run's JSON files. @throws CheckpointError if they are of another version, or damaged */
function runFacts(folder: string, files: ReadonlyMap<string, Uint8Array>) {
  const file = path.join(folder, "run.json");
  const run = parsedFile(folder, files, "run.json");
  assertFormat(file, run, runFormat, "the run", "save it again with the version that wrote it, or update pepnet");
  const history = parsedFile(folder, files, "history.json");
  assertShape(file, run, runShape);
  assertShape(path.join(folder, "history.json"), history, historyShape);
  const spec = deepFreeze(checkedSpec(path.join(folder, "spec.json"), parsedFile(folder, files, "spec.json")));
  const record = run.record ?? recordFromHistory(history, spec.training);
  return { spec, history, evaluation: run.evaluation ?? null, findings: run.findings, record };
}

function readGates(folder: string, files: ReadonlyMap<string, Uint8Array>): readonly unknown[] {
  const gates = revived(parsedFile(folder, files, gatesFile));
  assertShape(path.join(folder, gatesFile), gates, gatesShape);
  return gates;
}

function readConflicts(folder: string, files: ReadonlyMap<string, Uint8Array>): unknown {
  const conflicts = parsedFile(folder, files, conflictsFile);
  assertShape(path.join(folder, conflictsFile), conflicts, conflictsShape);
  return conflicts;
}

function assertFormat(path: string, file: unknown, expected: string, called: string, fix: string): void {
  const { format, formatVersion: version } = (file ?? {}) as {
    readonly format?: unknown;
    readonly formatVersion?: unknown;
  };
  if (format === expected && version === formatVersion) return;
  const declaration = (value: unknown): string => (typeof value === "string" ? value : valueText(value));
  throw new CheckpointError({
    path,
    message: `this version cannot read ${called}`,
    received: `${declaration(format)} version ${declaration(version)}`,
    expected: `${expected} version ${formatVersion}`,
    fix,
  });
}

function parsedFile(folder: string, files: ReadonlyMap<string, Uint8Array>, name: string): unknown {
  return parsedJson(path.join(folder, name), new TextDecoder().decode(files.get(name)));
}

async function refuseTraining(place: string): Promise<void> {
  const names = await namesIn(place);
  const checkpoints = names.filter((name) => /^checkpoint-\d+$/.test(name));
  if (checkpoints.length === 0) return;
  throw new CheckpointError({
    path: place,
    message: "the folder contains the checkpoints of a training; nothing was overwritten",
    received: checkpoints.slice(0, 5).join(", "),
    expected: "a new folder, or one written by run.save()",
    fix: "choose another folder",
  });
}

/** The rows of a training, to recognise them when it resumes. */
export interface RecordedRows {
  readonly rows: number;
  readonly digest: string;
}

/** A checkpoint with its run. */
export interface SavedCheckpoint extends Pick<SavedRun, "spec" | "findings" | "gatesHistory" | "conflicts" | "floor"> {
  readonly checkpoint: TrainCheckpoint;
  /** The engine of the steps; another engine rounds differently. */
  readonly engineName: EngineName;
  readonly threads: number;
  readonly dataRows: number;
  /** The result of `rowsDigest`. */
  readonly dataDigest: string;
  /** `null`: no validation data. */
  readonly validation: RecordedRows | null;
}

const trainedSuffix = ".trained";

const trainingShape = is.object({
  step: is.count,
  /** The step of the training: larger if early stopping restored the best weights. */
  steps: is.count,
  rows: is.count,
  seconds: is.number,
  idleSeconds: is.number,
  pending: is.listOf(stepShape),
  skipped: is.optional(is.count),
  trainMetrics: is.optional(
    is.recordOf(
      is.object({ batches: is.count, value: is.number, sums: is.listOf(is.number), mixed: is.listOf(is.number) }),
    ),
  ),
  // Optional: runs of the first versions lack this field.
  sums: is.optional(is.count),
  engineName: is.oneOf(["compiled", "tfjs-node", "wasm", "cpu"]),
  threads: is.count,
  dataRows: is.count,
  dataDigest: is.text,
  validation: is.nullable(is.object({ rows: is.count, digest: is.text })),
  stoppedEarly: is.optional(is.bool),
  best: is.optional(
    is.object({ value: is.number, step: is.count, worse: is.count, evaluation: evaluationShape, stateStep: is.count }),
  ),
});

export function checkpointContents(saved: SavedCheckpoint): FolderFiles {
  const { spec, checkpoint, findings, gatesHistory, conflicts, floor, ...context } = saved;
  const { engine, progress, evaluation, weights, best, stoppedEarly, monitor, record } = checkpoint;
  const { history, skipped, ...counts } = progress;
  const training: is.TypeOf<typeof trainingShape> = {
    step: engine.step,
    ...counts,
    ...context,
    sums: steadyVersion,
    skipped: skipped > 0 ? skipped : undefined,
    trainMetrics: progress.trainMetrics,
    stoppedEarly: stoppedEarly || undefined,
    best: best === null ? undefined : { ...withoutState(best), stateStep: best.state.step },
  };
  const files: FolderFiles = {
    ...runContents({ spec, weights, history, evaluation, findings, gatesHistory, conflicts, floor, monitor, record }),
    [optimizerFile]: safetensorsPieces(stateArrays(engine, weights)),
    [trainingFile]: jsonText({ format: checkpointFormat, formatVersion, ...training }),
  };
  return best === null ? files : { ...files, [bestFile]: safetensorsPieces(stateArrays(best.state, new Map())) };
}

/** @throws CheckpointError if the folder is missing or damaged, or is a run without training state. */
export async function readCheckpoint(folder: string): Promise<SavedCheckpoint> {
  const { spec, weights, history, evaluation, gatesHistory, conflicts, floor, record, files } = await readRun(
    folder,
    checkpointFiles,
  );
  if (!files.has(trainingFile) || !files.has(optimizerFile)) {
    throw new CheckpointError({
      path: folder,
      message: "training cannot resume from this run, because it has no optimiser state; you can still use the run",
      expected: "a folder written by `pepnet train` or `fit(data, { checkpoints })`",
      fix: "start from its weights instead: fit(data, { weights: await run.weights() })",
    });
  }
  const training = parsedFile(folder, files, trainingFile);
  const file = path.join(folder, trainingFile);
  const fix = "continue with the version that wrote it, or update pepnet";
  assertFormat(file, training, checkpointFormat, "the checkpoint", fix);
  assertShape(file, training, trainingShape);
  const isSteady = training.engineName === "compiled" && groupSize(spec, training.threads) > 0;
  if (isSteady && (training.sums ?? 1) !== steadyVersion) {
    throw new CheckpointError({
      path: file,
      message: "training would not go on to the same weights: this version adds up small steps in another order",
      received: `a checkpoint of order ${training.sums ?? 1}`,
      expected: `order ${steadyVersion}`,
      fix: "continue with the version that wrote it, or start from its weights: fit(data, { weights: folder })",
    });
  }
  if (training.best !== undefined && !files.has(bestFile)) {
    throw new CheckpointError({
      path: path.join(folder, bestFile),
      message: "the best weights of early stopping are missing",
      received: "no such file",
      expected: `the weights that early stopping kept, according to ${trainingFile}`,
      fix: "use an earlier checkpoint, or a copy of this one",
    });
  }
  const arrays = (name: string): Weights => decodeSafetensors(files.get(name)!, path.join(folder, name));
  const { step, steps, rows, seconds, idleSeconds, pending, skipped = 0, trainMetrics, best = null } = training;
  const { engineName, threads, dataRows, dataDigest, validation } = training;
  return {
    spec,
    engineName,
    threads,
    dataRows,
    dataDigest,
    validation,
    gatesHistory,
    conflicts,
    floor,
    checkpoint: {
      engine: { step, ...splitState(arrays(optimizerFile), weights) },
      weights,
      progress: { steps, rows, seconds, idleSeconds, history, pending, skipped, trainMetrics },
      evaluation,
      stoppedEarly: training.stoppedEarly ?? false,
      record: record ?? undefined,
      best: best && {
        ...withoutState(best),
        state: { step: best.stateStep, ...splitState(arrays(bestFile), new Map()) },
      },
    },
  };
}

function withoutState({ value, step, worse, evaluation }: Omit<BestState, "state">): Omit<BestState, "state"> {
  return { value, step, worse, evaluation };
}

/** Slots by name, and `.trained` weights if they differ from `savedWeights` (predictions may use averages). */
function stateArrays({ weights, slots }: EngineState, savedWeights: Weights): Weights {
  const differs = (name: string, data: Float32Array): boolean => {
    const other = savedWeights.get(name)?.data;
    return data.some((value, index) => !Object.is(value, other?.[index]));
  };
  const trainedWeights = [...weights].filter(([name, { data }]) => !savedWeights.has(name) || differs(name, data));
  return new Map([...slots, ...trainedWeights.map(([name, weight]) => [`${name}${trainedSuffix}`, weight] as const)]);
}

function splitState(arrays: Weights, savedWeights: Weights): Pick<EngineState, "weights" | "slots"> {
  const entries = [...arrays];
  const trained = entries.filter(([name]) => name.endsWith(trainedSuffix));
  return {
    weights: new Map([
      ...savedWeights,
      ...trained.map(([name, weight]) => [name.slice(0, -trainedSuffix.length), weight] as const),
    ]),
    slots: new Map(entries.filter(([name]) => !name.endsWith(trainedSuffix))),
  };
}

export interface CheckpointPlace {
  readonly place: string;
  readonly step: number;
}

export function checkpointStep(name: string): number | null {
  const step = /^checkpoint-(0|[1-9]\d{0,14})$/.exec(name)?.[1];
  return step === undefined ? null : Number(step);
}

/** Checkpoints in a training's folder and the run in it, newest first. */
export async function checkpointPlaces(folder: string): Promise<CheckpointPlace[]> {
  const places: CheckpointPlace[] = [];
  for (const name of await namesIn(folder)) {
    const step = checkpointStep(name);
    const place = path.join(folder, name);
    if (step !== null && isRun(await namesIn(place))) places.push({ place, step });
  }
  const names = await namesIn(folder);
  const top = isRun(names) ? { place: folder, step: await topStep(folder) } : null;
  // A run that is being moved into the folder still exists as a checkpoint.
  const isPartial = top !== null && !names.includes(runKind.identity);
  return (top === null ? places : isPartial ? [...places, top] : [top, ...places]).sort((a, b) => b.step - a.step);
}

/** {@link checkpointPlaces}, plus runs that a killed training had moved away: one may be the newest. */
async function readablePlaces(folder: string): Promise<CheckpointPlace[]> {
  const places = await checkpointPlaces(folder);
  const lock = path.join(folder, lockName);
  for (const owner of await ownersIn(lock)) {
    for (const name of await namesIn(path.join(lock, owner))) {
      const step = checkpointStep(name.slice(workNames.oldPrefix.length));
      const place = path.join(lock, owner, name);
      const isMoved =
        name.startsWith(workNames.oldPrefix) && step !== null && places.every((each) => each.step !== step);
      if (isMoved && (await namesIn(place)).includes(runKind.identity)) places.push({ place, step });
    }
  }
  return places.sort((a, b) => b.step - a.step);
}

export async function runPlace(folder: string, which: "last" | "best" = "last"): Promise<string> {
  const places = await readablePlaces(folder);
  if (which === "last") return places[0]?.place ?? folder;
  const best = await bestPlace(places);
  if (best !== null) return best;
  throw new CheckpointError({
    path: folder,
    message: "no checkpoint in this folder was evaluated, so the best one is unknown",
    received: `${places.length} checkpoints`,
    fix: "train with validation rows, or load the last one",
  });
}

const mostMoves = 5;

/** The training rows of a training; `null`: not recorded, since `run.save()` wrote the run. */
function recordedRows(place: string, files: ReadonlyMap<string, Uint8Array>): RecordedRows | null {
  const training: unknown = files.has(trainingFile) ? parsedFile(place, files, trainingFile) : null;
  const { dataRows, dataDigest } = (training ?? {}) as { readonly dataRows?: unknown; readonly dataDigest?: unknown };
  return typeof dataRows === "number" && typeof dataDigest === "string" ? { rows: dataRows, digest: dataDigest } : null;
}

export async function readRunIn(
  folder: string,
  which: "last" | "best" = "last",
): Promise<SavedRun & { readonly place: string; readonly trainingRows: RecordedRows | null }> {
  for (let move = 0; ; move++) {
    const place = await runPlace(folder, which);
    try {
      const { files, ...run } = await readRun(place, [trainingFile]);
      assertBuildable(place, run.spec);
      return { ...run, place, trainingRows: recordedRows(place, files) };
    } catch (error) {
      if (move === mostMoves || (await runPlace(folder, which)) === place) throw error;
    }
  }
}

/** @param places newest first: the newest decides what is monitored, because a training may resume with another monitor */
export async function bestPlace(places: readonly CheckpointPlace[]): Promise<string | null> {
  let best: { place: string; value: number } | null = null;
  let monitor: Monitor | undefined;
  for (const { place } of places) {
    const run: unknown = parsed(await readText(path.join(place, runKind.identity), "text").catch(() => ""));
    if (!is.fits(run, runShape)) continue; // damaged: reading it reports that
    const { evaluation } = run;
    if (!evaluation || evaluation.tasks.length === 0) continue;
    if (best === null) monitor = run.monitor;
    const value = monitored(evaluation, monitor);
    if (best === null || exceeds(value, best.value)) best = { place, value };
  }
  return best?.place ?? null;
}

function isRun(names: readonly string[]): boolean {
  return names.includes(runKind.identity) || (names.includes(checksumsFile) && names.includes("weights.safetensors"));
}

async function topStep(folder: string): Promise<number> {
  const training = parsed(await readText(path.join(folder, trainingFile), "text").catch(() => ""));
  const steps = training?.["steps"] ?? training?.["step"];
  return Number.isSafeInteger(steps) ? (steps as number) : 0; // a run without a training, or a damaged one
}

export interface RunFacts extends Pick<SavedRun, "spec" | "history" | "evaluation"> {
  readonly saved: Date;
  /** The digest of its training rows; `null`: not recorded, since `run.save()` wrote the run. */
  readonly dataDigest: string | null;
}

const DEPTH = 4;

/** Folders at and below `folder` with a run or checkpoints, also damaged ones, by name. */
export async function findRuns(folder: string, depth: number = DEPTH): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.map(({ name }) => name);
  if (names.some((name) => runFiles.includes(name) || checkpointStep(name) !== null)) return [folder];
  if (depth === 0) return [];
  const inside = entries.filter((entry) => entry.isDirectory() && !/^(\.|node_modules$)/.test(entry.name));
  const sorted = inside.map(({ name }) => name).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const all: string[] = [];
  for (const name of sorted) all.push(...(await findRuns(path.join(folder, name), depth - 1).catch(() => [])));
  return all;
}

/** Without weights; of a training, its newest checkpoint. @throws CheckpointError if it is damaged */
export async function readRunFacts(folder: string): Promise<RunFacts> {
  const place = await runPlace(folder);
  const files = await readFolder(path.resolve(place), runKind, runFiles.slice(0, 3), [trainingFile]);
  const facts = runFacts(place, files);
  const { mtime } = await stat(path.join(place, runKind.identity));
  return { ...facts, saved: mtime, dataDigest: recordedRows(place, files)?.digest ?? null };
}
