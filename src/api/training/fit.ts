/** `model.fit(data)` and `pepnet train`: open the rows, encode them, train, and return a run. */

import { setTimeout as sleep } from "node:timers/promises";
import type { EncodedRows } from "../../core/data/encoded/streamed.js";
import type { Table } from "../../core/data/table/table.js";
import type { Engine, Weights } from "../../core/engine/engine.js";
import { assertThreads } from "../../core/engine/threads.js";
import { findingText } from "../../core/errors/finding.js";
import { PepnetError, SpecError } from "../../core/errors/index.js";
import { notebookDisplay, noteSeed, runningCell } from "../../core/port/notebook.js";
import type { ModelSpec } from "../../core/spec/model.js";
import type { TrainingSpec } from "../../core/spec/training.js";
import { assertValid } from "../../core/spec/validate/model.js";
import { trainingWarnings } from "../../core/spec/validate/warnings.js";
import type { EventLog } from "../../core/train/event-log.js";
import type { TrainCheckpoint, TrainLoopOptions, TrainLoopResult } from "../../core/train/loop/early-stopping.js";
import { type History, type Progress, warmupSteps } from "../../core/train/loop/recorder.js";
import { domainStarts, type NewDomains } from "../../core/train/saved/new-domains.js";
import type { CheckpointSeries } from "../../core/train/saved/series.js";
import { trainingStart } from "../../core/train/training-record.js";
import { isInterruption, withSignal } from "../../core/util/interrupt.js";
import { deepFreeze } from "../../core/util/json.js";
import { duration, rowRate } from "../../core/util/measured.js";
import { count, fixed, visible } from "../../core/util/text.js";
import { nextTurn } from "../../core/util/turns.js";
import type { Conflicts, GatesPoint } from "../../lab/gates/types.js";
import { type Dataset, type DatasetSource, dataset } from "../data/dataset.js";
import { asEvaluated, fittedSpec, type HeldOut, heldOut, rowFindings } from "../data/held-out.js";
import { EvaluationResult } from "../evaluation.js";
import { printNotes } from "../result.js";
import { type AsRunModel, Run, type ShownTraining } from "../run/run.js";
import { longTraining, resolveSettings } from "./advice.js";
import {
  type CheckpointExtras,
  checkpointOptions,
  checkpointsOf,
  openCheckpoints,
  resumedEngine,
  trainingFloor,
} from "./checkpoints.js";
import { assertVectors, type FitOptions, openWithVectors, runEngine, startOutputs } from "./engines.js";

const reported = new WeakMap<Table, Set<string>>();

/** The notes that are new for these data; a line counts the others. */
function newNotes({ table }: { readonly table: Table }, notes: readonly string[]): readonly string[] {
  const before = reported.get(table) ?? new Set();
  reported.set(table, before);
  const fresh = notes.filter((note) => !before.has(note));
  for (const note of fresh) before.add(note);
  const again = notes.length - fresh.length;
  if (again === 0) return fresh;
  return [...fresh, `${count(again, "note")} on the data as before: data.check(model) lists what it finds`];
}

export interface LiveChart {
  /** @param advice on a long training, shown while it runs; else `null` */
  update(progress: Progress, advice: string | null): void;
  /** Draws the last state, with a static picture, which takes a second or two; clients need not wait for it. */
  finish(interrupted: boolean): Promise<void>;
  fail(error: unknown): Promise<void>;
}

/** Shows in a notebook the output of a training that finished earlier. */
export async function showAgain({ notes, progress }: ShownTraining): Promise<void> {
  const notebook = notebookDisplay();
  if (notebook === null) return;
  printNotes(notes);
  if (progress === null) return;
  const { trainingChart } = await import("../../lab/views/history.js");
  const { chartBundle } = await import("../../lab/render/bundle.js");
  notebook.display(await chartBundle(trainingChart(progress)));
}

const notebookMillis = 700;
const terminalMillis = 5000;
const interruptedMillis = 800;

/** The live chart for the current environment, or lines in a terminal. Shows `notes` first. */
async function liveChart(notes: readonly string[]): Promise<LiveChart> {
  const notebook = notebookDisplay();
  if (notebook === null) return process.stderr.isTTY ? terminalLines(notes) : adviceLine();
  printNotes(notes);
  const { trainingChart } = await import("../../lab/views/history.js");
  await nextTurn();
  const { chartBundle } = await import("../../lab/render/bundle.js");
  const { figurePng } = await import("../../lab/render/png.js");
  await nextTurn();
  // The picture renderer takes a second or two to load: load it now, so that the last picture need not wait.
  void figurePng({ data: [], layout: {}, config: {} });
  let last: Progress | null = null;
  let shownAt = Number.NEGATIVE_INFINITY;
  const handle = notebook.display({ "text/plain": "training started" });
  return {
    update(progress, advice) {
      last = progress;
      if (performance.now() - shownAt < notebookMillis) return;
      shownAt = performance.now();
      // Only while it runs: the chart that a notebook saves must not depend on the speed.
      void chartBundle(trainingChart(progress, { advice }), { png: false }).then((bundle) => {
        if (last === progress && !progress.done) handle.update(bundle);
      });
    },
    async finish(interrupted) {
      if (last === null) return;
      const chart = trainingChart(last);
      handle.update(await chartBundle(chart, { png: false }));
      const pictured = chartBundle(chart).then((bundle) => handle.update(bundle));
      if (notebook.acceptsLateUpdates?.()) return;
      await (interrupted ? Promise.race([pictured, sleep(interruptedMillis)]) : pictured);
    },
    async fail(error) {
      const why = reason(error);
      const chart = last && trainingChart(last, { failure: why });
      last = null; // ignore an update that arrives late
      if (chart === null) return handle.update({ "text/plain": `training failed before its first step: ${why}` });
      handle.update(await chartBundle(chart));
    },
  };
}

function reason(error: unknown): string {
  if (error instanceof PepnetError && error.problems[0]) return visible(`${error.path}: ${error.problems[0].message}`);
  return visible(error instanceof Error ? error.message || error.name : String(error));
}

function terminalLines(notes: readonly string[]): LiveChart {
  for (const note of notes) console.error(visible(note));
  let shownAt = performance.now();
  const line = adviceLine();
  return {
    ...line,
    update(progress, advice) {
      line.update(progress, advice);
      const { step, totalSteps, rowsPerSecond, secondsLeft, history, done } = progress;
      if (!done && performance.now() - shownAt < terminalMillis) return;
      shownAt = performance.now();
      const loss = history.points.at(-1)?.loss.toFixed(4);
      const [speed, left] = [rowRate(rowsPerSecond).text, duration(secondsLeft).text];
      console.error(`step ${step} of ${totalSteps}, loss ${loss}, ${speed}, ${left} left`);
    },
  };
}

/** Only the advice on a long training, once. */
function adviceLine(): LiveChart {
  let isSaid = false;
  return {
    update({ secondsLeft }, advice) {
      if (advice === null || isSaid) return;
      isSaid = true;
      console.error(`this training takes another ${duration(secondsLeft).text}, unless it stops early; ${advice}`);
    },
    async finish() {},
    async fail() {}, // the error explains it
  };
}

/** Advises on a long training, once it is known to be long. */
function advising(chart: LiveChart): Omit<LiveChart, "update"> & { update(progress: Progress): void } {
  let warmAt = Number.POSITIVE_INFINITY;
  let advice: string | null = null;
  return {
    update(progress) {
      if (progress.step >= warmupSteps) warmAt = Math.min(warmAt, performance.now());
      advice ??= longTraining(progress, (performance.now() - warmAt) / 1000);
      chart.update(progress, advice);
    },
    finish: (interrupted) => chart.finish(interrupted),
    fail: (error) => chart.fail(error),
  };
}

const FOLLOWED_ROWS = 1000;
const CHECKPOINT_STEPS = 1000;

/** Hooks for the command line, in addition to the options of `fit`. */
export interface TrainingHooks {
  readonly onNote?: (text: string) => void;
  /** Waits for work before training, which leaves nothing to save. */
  readonly waitFor?: <T>(work: Promise<T>) => Promise<T>;
  /** Steps between checkpoints, if the options set none. Default: one epoch, at most 1,000. */
  readonly checkpointSteps?: (stepsPerEpoch: number) => number;
  /** Whether failing to save the last checkpoint is an error, because the run is not kept otherwise. */
  readonly mustSave?: boolean;
}

export interface FinishedTraining<M> {
  readonly run: Run<M>;
  readonly steps: number;
  readonly totalSteps: number;
}

/** Trains a model; see `Model.fit`. @param asModel makes the run's model */
export function trainModel<M>(
  spec: ModelSpec,
  asModel: AsRunModel<M>,
  source: DatasetSource,
  options: FitOptions = {},
  hooks: TrainingHooks = {},
): Promise<FinishedTraining<M>> {
  return withSignal(options.signal, () => trainOn(spec, asModel, source, options, hooks));
}

async function trainOn<M>(
  spec: ModelSpec,
  asModel: (spec: ModelSpec) => M,
  source: DatasetSource,
  options: FitOptions,
  hooks: TrainingHooks,
): Promise<FinishedTraining<M>> {
  const { waitFor = (work) => work } = hooks;
  const described = checkedSpec(spec, options);
  const data = await waitFor(dataset(source));
  const held = await waitFor(heldOut(described, data, options.validation));
  const fitted = await waitFor(fittedSpec(described, held.train));
  assertValid(fitted);
  const { assertMonitor } = await import("../../core/train/loop/early-stopping.js");
  const { monitor } = typeof options.earlyStopping === "object" ? options.earlyStopping : {};
  assertMonitor(fitted, monitor, options.metrics);
  const settings = resolveSettings(fitted, held.train.rows, held.validation !== null);
  const sets = asEvaluated(settings.spec, held);
  const { earlyStopping = settings.stopsEarly } = options;
  const checkpoints = checkpointOptions(options.checkpoints);
  const opened = checkpoints && (await openCheckpoints(settings.spec, checkpoints));
  const differences = trainingWarnings(settings.spec).map(({ path, message }) => `${path}: ${message}`);
  const notes: string[] = [];
  const note = (text: string): void => {
    notes.push(text);
    hooks.onNote?.(text);
  };
  for (const text of [...(opened?.notes ?? []), ...settings.notes, ...differences]) note(text);
  const resolved = { ...options, earlyStopping };
  const series = opened?.series ?? null;
  let log: EventLog | null = null;
  try {
    if (options.tensorboard !== undefined) {
      const { EventLog } = await import("../../core/train/event-log.js");
      log = await EventLog.open(options.tensorboard, fitted, series?.from?.checkpoint.progress ?? null);
    }
    const open = {
      spec: deepFreeze(settings.spec),
      declared: described,
      asModel,
      data,
      sets,
      series,
      log,
      notes,
      note,
    };
    return await trainRows(open, resolved, hooks);
  } finally {
    await log?.close();
    await series?.close();
  }
}

interface OpenTraining<M> {
  readonly spec: ModelSpec;
  /** Before its features were fitted. */
  readonly declared: ModelSpec;
  readonly asModel: AsRunModel<M>;
  readonly data: Dataset;
  readonly sets: HeldOut;
  readonly series: CheckpointSeries | null;
  readonly log: EventLog | null;
  /** The notes so far, to which `note` adds. */
  readonly notes: readonly string[];
  readonly note: (text: string) => void;
}

async function trainRows<M>(
  open: OpenTraining<M>,
  options: FitOptions,
  hooks: TrainingHooks,
): Promise<FinishedTraining<M>> {
  const { spec, declared, data, sets, series, log, notes, note } = open;
  const { waitFor = (work) => work } = hooks;
  const choice = { ...resumedEngine(series, options), seed: spec.training.seed, prepare: true };
  const from = series?.from ?? null; // a resumed run has its own weights and vectors
  const { fit } = await import("../../core/train/loop/fit.js");
  const { planSteps } = await import("../../core/train/loop/steps.js");
  await nextTurn();
  const opening = openWithVectors(spec, choice, from ? undefined : options.vectors, note);
  const [engine, rows] = await openedWith(opening, encodedSets(spec, declared, data, sets), waitFor);
  let live: ReturnType<typeof advising> | null = null;
  try {
    if (from === null) await waitFor(setStart(engine, rows.train, options, note));
    rows.notes.forEach(note);
    const { stepsPerEpoch, totalSteps } = planSteps(spec.training, rows.train.rows);
    const stepsBefore = engine.steps;
    const { conflictLook } = await import("./conflict-look.js");
    const look = from === null ? await conflictLook(options, spec, rows.train, sets.train) : null;
    const save = series && (await checkpointsOf(series, engine, rows, note));
    const hasFloor = options.floor ?? totalSteps >= stepsPerEpoch;
    const epochs = totalSteps / stepsPerEpoch;
    const floor = hasFloor
      ? await trainingFloor(spec, rows, await floorBudgetOf(spec, epochs * rows.train.rows, options))
      : null;
    floor?.notes.forEach(note);
    const usual = hooks.checkpointSteps?.(stepsPerEpoch) ?? Math.min(stepsPerEpoch, CHECKPOINT_STEPS);
    const everySteps = checkpointOptions(options.checkpoints)?.everySteps ?? usual;
    const extras = {
      gatesHistory: [...((from?.gatesHistory ?? []) as readonly GatesPoint[])],
      conflicts: (from?.conflicts ?? null) as Conflicts | null,
      floor: floor?.regression ?? null,
      findings: rows.findings,
      mustSave: hooks.mustSave ?? false,
    };
    const before = [...notes];
    let last: Progress | null = null;
    if (!options.quiet) live = advising(await liveChart(notes));
    const result = await fit(engine, rows.train, rows.validation, {
      ...loopOptions(options, from?.checkpoint),
      floors: floor?.aucs,
      checkpoint: save ? { everySteps, save: (checkpoint, last) => save(checkpoint, last, extras) } : undefined,
      pause: look && {
        step: look.step,
        at: async () => {
          extras.conflicts = await look.at(engine);
        },
      },
      atEvaluation: await gatesFollower(options, engine, rows.validation, extras.gatesHistory),
      onProgress: (progress) => {
        last = progress;
        live?.update(progress);
        log?.take(progress);
        options.onProgress?.(progress);
      },
    });
    [...(await faultNotes(result)), ...((await log?.close()) ?? [])].forEach(note);
    await live?.finish(result.interrupted);
    const display = { notes: before, progress: last };
    const run = await finishedRun(open, options, engine, result, extras, totalSteps, display);
    return { run, steps: engine.steps - stepsBefore, totalSteps };
  } catch (error) {
    await live?.fail(error).catch(() => undefined); // the error is reported even if the chart fails
    await engine.dispose();
    throw error;
  }
}

/** Early stopping ends most trainings sooner: half of the rows are counted. @param rows of all epochs */
async function floorBudgetOf(spec: ModelSpec, rows: number, { floor, earlyStopping }: FitOptions): Promise<number> {
  if (floor === true) return Number.POSITIVE_INFINITY;
  const { floorBudget } = await import("../../core/train/floor.js");
  return floorBudget(spec, earlyStopping ? rows / 2 : rows);
}

/** Sets the weights that a new training starts from, if they are not the initial ones. */
async function setStart(
  engine: Engine,
  train: EncodedRows,
  { weights, weightMap: map, optimizer, newDomains }: FitOptions,
  note: (text: string) => void,
): Promise<void> {
  if (weights === undefined) return startOutputs(engine, train);
  const { loadWeights } = await import("../../core/train/saved/weights.js");
  const place = typeof weights === "string" ? weights : undefined;
  const source = newDomains === undefined ? weights : await grownWeights(engine, train, weights, newDomains, note);
  (await loadWeights(engine, source, { map, optimizer, place })).forEach(note);
}

/** The weights with new domains. */
async function grownWeights(
  engine: Engine,
  rows: EncodedRows,
  weights: string | Weights,
  newDomains: NewDomains,
  note: (text: string) => void,
): Promise<Weights> {
  const { readSource } = await import("../../core/train/saved/weights.js");
  const { newDomainWeights } = await import("../../core/train/saved/new-domains.js");
  const { spec } = engine;
  const starts = domainStarts(spec, newDomains);
  const isPlace = typeof weights === "string";
  const source = isPlace ? await readSource(weights) : { weights, spec: null };
  const initial = (await engine.state()).weights;
  const place = isPlace ? weights : "weights";
  const grown = await newDomainWeights({
    spec,
    initial,
    source: source.weights,
    sourceSpec: source.spec,
    place,
    starts,
    rows,
  });
  [...grown.starts, ...grown.notes].forEach(note);
  return grown.weights;
}

async function finishedRun<M>(
  { spec, asModel, sets, notes }: OpenTraining<M>,
  options: FitOptions,
  engine: Engine,
  result: TrainLoopResult,
  { gatesHistory, conflicts, floor, findings }: CheckpointExtras,
  totalSteps: number,
  display: ShownTraining,
): Promise<Run<M>> {
  const { history, evaluation, interrupted, record } = result;
  const isDryRun = options.steps !== undefined;
  const { findingNotes, judgedRun } = await import("../../lab/report/judges/judges.js");
  const judged = judgedRun({ spec, history, evaluation, interrupted, totalSteps, isDryRun });
  return new Run({
    spec,
    model: asModel(spec, record),
    history,
    training: sets.train,
    validation: sets.validation,
    interrupted,
    gatesHistory,
    trainingConflicts: conflicts,
    evaluation: evaluation && new EvaluationResult(evaluation),
    notes: [...notes, ...endNotes(result), ...findingNotes(judged)],
    findings: [...findings, ...judged],
    floor,
    record,
    engine: await runEngine(engine, engine.threads),
    cell: options.quiet ? null : runningCell(),
    shown: [display],
  });
}

/** What the loop takes of the options. @param from which it resumes */
function loopOptions(options: FitOptions, from: TrainCheckpoint | undefined): TrainLoopOptions {
  const { earlyStopping, evaluationsPerEpoch, onNonFinite, metrics, onStep, onEvaluation } = options;
  const start = from === undefined ? trainingStart(options) : from.record?.start;
  const stopping = earlyStopping === true ? {} : earlyStopping || undefined;
  return { from, start, earlyStopping: stopping, evaluationsPerEpoch, onNonFinite, metrics, onStep, onEvaluation };
}

function checkedSpec(spec: ModelSpec, options: FitOptions): ModelSpec {
  const described = deepFreeze({ ...spec, training: overridden(spec.training, options) });
  assertValid(described);
  for (const name of ["weightMap", "newDomains", "optimizer"] as const) {
    if (options[name] === undefined || options.weights !== undefined) continue;
    const message = "there are no weights to start from";
    const fix = `fit(data, { weights: "weights.safetensors", ${name} })`;
    throw new SpecError({ path: `fit: ${name}`, message, expected: "weights beside it", fix });
  }
  if (options.newDomains !== undefined) {
    domainStarts(described, options.newDomains);
    if (options.optimizer !== undefined) throw startedAnew();
  }
  assertVectors(described, options);
  assertThreads(options.threads, "fit: threads");
  noteSeed("fit", described.training.seed);
  return described;
}

function startedAnew(): SpecError {
  const message = "the state of optimizers belongs to the domains of its own training";
  const fix = "leave optimizer out: the optimizers start anew";
  return new SpecError({ path: "fit: optimizer", message, expected: "either newDomains or optimizer", fix });
}

function overridden(training: TrainingSpec, { steps, epochs, seed }: FitOptions): TrainingSpec {
  if (steps !== undefined && epochs !== undefined) {
    throw new SpecError({
      path: "fit",
      message: "steps and epochs exclude each other",
      received: `steps ${steps} and epochs ${epochs}`,
      expected: "either steps or epochs",
      fix: "remove one of them",
    });
  }
  const seeded = { ...training, seed: seed ?? training.seed };
  if (steps !== undefined) return { ...seeded, steps, epochs: null };
  return epochs === undefined ? seeded : { ...seeded, epochs, steps: null };
}

async function encodedSets(spec: ModelSpec, declared: ModelSpec, data: Dataset, sets: HeldOut) {
  const train = await sets.train.encode(spec);
  const validation = sets.validation && (await sets.validation.encode(spec));
  const earlier = new Set([...sets.train.carriedNotes, ...(sets.validation?.carriedNotes ?? [])]);
  const findings = await rowFindings(spec, declared, sets);
  const onData = newNotes(data, [
    ...earlier,
    ...(train.notes ?? []).map((note) => `training data: ${note}`),
    ...(validation?.notes ?? []).map((note) => `validation data: ${note}`),
    ...findings.map(findingText),
  ]);
  return { train, validation, findings, notes: [...sets.notes, ...onData] };
}

/** The engine, which opens while rows are encoded, and is disposed of if either fails (without waiting, if interrupted). */
async function openedWith<Rows>(
  opening: Promise<Engine>,
  encoding: Promise<Rows>,
  waitFor: <T>(work: Promise<T>) => Promise<T>,
): Promise<[Engine, Rows]> {
  opening.catch(() => undefined); // reported after the problems of the rows
  try {
    const rows = await waitFor(encoding);
    return [await waitFor(opening), rows];
  } catch (error) {
    const disposed = opening.then((engine) => engine.dispose()).catch(() => undefined);
    if (!isInterruption(error)) await disposed;
    throw error;
  }
}

async function gatesFollower(
  { gates = false }: FitOptions,
  engine: Engine,
  validation: EncodedRows | null,
  history: GatesPoint[],
): Promise<TrainLoopOptions["atEvaluation"]> {
  if (gates === false || validation === null) return undefined;
  const { gateStatistics } = await import("../../lab/gates/statistics.js");
  const { takeSample } = await import("../../lab/gates/sample.js");
  const { rows = FOLLOWED_ROWS, conflicts: isFollowed = false } = gates === true ? {} : gates;
  const conflicts = isFollowed ? (await import("../../lab/gates/conflicts.js")).conflicts : null;
  const { data } = await takeSample(engine, validation, { rows }, "gates");
  return async (step, epoch) => {
    const gates = await gateStatistics(engine, data);
    history.push({ step, epoch, gates, ...(conflicts && { conflicts: await conflicts(engine, validation) }) });
  };
}

async function faultNotes({ skipped, exploded }: TrainLoopResult): Promise<string[]> {
  const { explodedText, skippedText } = await import("../../core/train/loop/faulty-steps.js");
  return [...(skipped > 0 ? [skippedText(skipped)] : []), ...(exploded === null ? [] : [explodedText(exploded)])];
}

function endNotes({ stoppedEarly, history, undefinedMonitors }: TrainLoopResult): string[] {
  const notes = [...new Set(history.evaluations.flatMap(({ evaluation }) => evaluation.notes ?? []))];
  if (undefinedMonitors > 0)
    notes.push(`what early stopping monitors was not defined at ${count(undefinedMonitors, "evaluation")}`);
  if (stoppedEarly)
    notes.push(`stopped early; the weights of step ${history.bestStep} were kept${risingTask(history)}`);
  return notes;
}

/** A rise of AUC on the validation rows that is worth a look. */
const leastRise = 0.002;

/** The task whose AUC rose most after the best step, as the end of a sentence. */
function risingTask({ evaluations, bestStep }: History): string {
  const best = evaluations.find(({ step }) => step === bestStep)?.evaluation.tasks ?? [];
  if (best.length < 2 || bestStep === null) return "";
  const rises = evaluations
    .filter(({ step }) => step > bestStep)
    .flatMap(({ step, evaluation }) =>
      evaluation.tasks.map(({ tower, overall }, at) => {
        const before = best[at]!.overall.auc;
        return { step, tower, before, after: overall.auc, rise: (overall.auc ?? Number.NaN) - (before ?? Number.NaN) };
      }),
    )
    .filter(({ rise }) => rise >= leastRise);
  const [most] = rises.sort((a, b) => b.rise - a.rise);
  if (most === undefined) return "";
  const { step, tower, before, after } = most;
  return `, though "${tower}" was still rising: its validation AUC went from ${fixed(before!)} to ${fixed(after!)} at step ${step}; earlyStopping: { monitor: { tower: ${JSON.stringify(tower)} } } follows it`;
}
