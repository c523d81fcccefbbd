/** The training loop: steps, evaluations, checkpoints, progress, early stopping and interrupts. */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { batchRuns, trainingBatches } from "../../data/encoded/batches.js";
import type { Batch } from "../../data/encoded/encoded.js";
import type { EncodedRows } from "../../data/encoded/streamed.js";
import { isFiniteStep } from "../../engine/core/outputs.js";
import { learningRates } from "../../engine/core/sparse-optimizer.js";
import type { Engine, LearningRates, StepResult } from "../../engine/engine.js";
import type { EvaluationPoint } from "../../metrics/learning-curves.js";
import type { Evaluation } from "../../metrics/types.js";
import { resolveTraining } from "../../spec/training.js";
import { currentSignal, graceMillis, inTime, isInterruption, uninterrupted, withSignal } from "../../util/interrupt.js";
import { evaluate } from "../evaluate.js";
import { withFloors } from "../floor.js";
import type { TrainingRecord } from "../training-record.js";
import {
  assertMonitor,
  type BestState,
  exceeds,
  type Monitor,
  monitored,
  type TrainCheckpoint,
  type TrainLoopOptions,
  type TrainLoopResult,
} from "./early-stopping.js";
import { GradientWatch, mostSkippedInARow, nonFiniteError } from "./faulty-steps.js";
import { progressTeller, Recorder, type TellProgress } from "./recorder.js";
import {
  batchOptions,
  earlyEvaluations,
  evaluationInterval,
  growingEvaluations,
  planSteps,
  type StepPlan,
} from "./steps.js";
import { trainMetricStates } from "./train-metrics.js";

/**
 * Steps for about this time are sent to the engine at once: a message costs a quarter of a millisecond, and an
 * interrupt waits this long.
 */
const millisAtOnce = 40;
const mostAtOnce = 64;

/**
 * Trains a model.
 * @throws TrainError for a non-finite loss, with step, task, rows and features; DataError without rows
 */
export function fit(
  engine: Engine,
  data: EncodedRows,
  validation: EncodedRows | null,
  options: TrainLoopOptions = {},
): Promise<TrainLoopResult> {
  return withSignal(options.signal, async () => {
    if (options.from) await engine.restore(options.from.engine);
    return new Training(engine, data, validation, options).run();
  });
}

class Training {
  readonly #plan: StepPlan;
  /** Steps of one pass over the rows; the plan's steps may belong to another number of rows. */
  readonly #passSteps: number;
  readonly #record: Recorder;
  readonly #tell: TellProgress;
  readonly #evaluationSteps: number;
  /** `null`: at a fixed interval of steps. */
  readonly #growing: ReadonlySet<number> | null;
  /** Steps whose evaluations do not count as worse. */
  readonly #early: ReadonlySet<number>;
  readonly #gradients = new GradientWatch();
  readonly #signal = currentSignal();
  #best: BestState | null;
  #evaluated: { readonly step: number; readonly evaluation: Evaluation } | null = null;
  #stoppedEarly: boolean;
  #interrupted: boolean;
  /** The error of one of the user's functions. */
  #failure: { readonly error: unknown } | null = null;
  #isAnswered = true;
  #undefinedMonitors = 0;
  #skippedInARow = 0;
  #stepsAtOnce = 1;
  /** The time at which the recorded step ended; `null`: now. */
  #now: number | null = null;

  constructor(
    private readonly engine: Engine,
    private readonly data: EncodedRows,
    private readonly validation: EncodedRows | null,
    private readonly options: TrainLoopOptions,
  ) {
    const { steps, asLongAs = data.rows, from = null, evaluationsPerEpoch, earlyStopping, onProgress } = options;
    const { training } = engine.spec;
    assertMonitor(engine.spec, earlyStopping?.monitor, options.metrics);
    const length = steps === undefined ? training : { ...training, steps, epochs: null };
    this.#plan = planSteps(length, asLongAs);
    this.#passSteps = planSteps(length, data.rows).stepsPerEpoch;
    const { totalSteps } = this.#plan;
    this.#record = new Recorder(totalSteps, () => (this.#now ?? performance.now()) / 1000, from?.progress);
    this.#best = from?.best ?? null;
    this.#tell = progressTeller(this.#record, totalSteps, onProgress);
    this.#evaluationSteps = evaluationInterval(this.#plan, evaluationsPerEpoch);
    const growing = options.growingEvaluations || options.look ? growingEvaluations(totalSteps) : null;
    this.#growing = growing?.steps ?? null;
    const isUsual = earlyStopping !== undefined && evaluationsPerEpoch === undefined;
    this.#early = growing?.early ?? (isUsual ? earlyEvaluations(this.#plan) : new Set());
    if (from?.evaluation) this.#evaluated = { step: this.#record.steps, evaluation: from.evaluation };
    this.#stoppedEarly = from?.stoppedEarly ?? false;
    this.#interrupted = this.#signal?.aborted ?? false;
  }

  async run(): Promise<TrainLoopResult> {
    try {
      const resumed = this.options.from != null;
      if (resumed && this.#goesOn && this.#isDue(this.#record.steps)) await this.#evaluate();
      while (this.#goesOn && this.#record.steps < this.#plan.totalSteps) await this.#epoch();
    } catch (error) {
      if (!isInterruption(error)) {
        // The chart of a failed training shows the step of the failure, not one of the last quarter of a second.
        this.#tell(this.#epochs, this.#bestStep, false, true);
        throw error;
      }
      this.#interrupted = true; // in an evaluation, or while rows were read
    }
    const result = await uninterrupted(() => this.#end());
    if (this.#failure !== null) throw this.#failure.error;
    return result;
  }

  #isDue(step: number): boolean {
    if (this.#growing !== null) return this.#growing.has(step);
    const isUsual = step === this.#plan.totalSteps || step % this.#evaluationSteps === 0;
    return step > 0 && (isUsual || this.#early.has(step));
  }

  get #goesOn(): boolean {
    return !this.#interrupted && !this.#stoppedEarly;
  }

  get #epochs(): number {
    return this.#record.steps / this.#plan.stepsPerEpoch;
  }

  get #bestStep(): number | null {
    return this.#best?.step ?? null;
  }

  async #epoch(): Promise<void> {
    const pass = Math.floor(this.#record.steps / this.#passSteps);
    const start = this.#record.steps % this.#passSteps;
    const training = resolveTraining(this.engine.spec.training, this.data.rows);
    const batches = trainingBatches(this.data, { ...batchOptions(training, pass), start });
    for await (const run of batchRuns(batches, (steps) => this.#pausesAfter(steps))) {
      await this.#train(run, Math.floor(this.#epochs));
      const { steps } = this.#record;
      this.#interrupted ||= this.#signal?.aborted ?? false;
      if (this.#interrupted) return;
      if (steps === this.options.pause?.step) {
        await this.options.pause.at();
        this.#record.paused();
      }
      if (this.#isDue(steps)) await this.#evaluate();
      if (steps === this.#plan.totalSteps || !this.#goesOn) return;
      await this.#saveWhereDue();
    }
  }

  /** @param steps since the last pause */
  #pausesAfter(steps: number): boolean {
    const step = this.#record.steps + steps;
    const { everySteps = Number.POSITIVE_INFINITY } = this.options.checkpoint ?? {};
    const { totalSteps, stepsPerEpoch } = this.#plan;
    const isPlanned = step === totalSteps || step % stepsPerEpoch === 0 || step === this.options.pause?.step;
    return steps >= this.#stepsAtOnce || this.#isDue(step) || step % everySteps === 0 || isPlanned;
  }

  async #train(batches: readonly Batch[], epoch: number): Promise<void> {
    for (let left = batches; left.length > 0; ) {
      const start = performance.now();
      const stepsBefore = this.engine.steps;
      const results = await this.engine.train(left, epoch);
      const stepMillis = (performance.now() - start) / results.length;
      this.#stepsAtOnce = Math.min(mostAtOnce, Math.max(1, Math.floor(millisAtOnce / stepMillis)));
      for (const [index, result] of results.entries()) {
        this.#now = start + stepMillis * (index + 1);
        const rates = () => learningRates(this.engine.spec.training, stepsBefore + index, epoch);
        await this.#take(left[index]!, result, rates);
      }
      this.#now = null;
      left = left.slice(results.length);
    }
  }

  async #take(batch: Batch, { predictions = [], ...result }: StepResult, rates: () => LearningRates): Promise<void> {
    const record = this.#record;
    const { totalSteps, stepsPerEpoch } = this.#plan;
    const step = record.steps + 1;
    const epochsDone = step / stepsPerEpoch;
    if (isFiniteStep(result)) {
      this.#skippedInARow = 0;
      record.trainMetrics = trainMetricStates(this.engine.spec.towers, batch, predictions, record.trainMetrics);
      record.step(result, batch.rows.length, epochsDone, step === totalSteps, rates);
      if (result.gradientNorm !== null) this.#gradients.take(step, result.gradientNorm);
    } else {
      this.#skippedInARow++;
      if (this.options.onNonFinite !== "skip" || this.#skippedInARow === mostSkippedInARow)
        throw await nonFiniteError(this.engine, batch, result, step);
      record.skip(batch.rows.length);
    }
    const { onStep } = this.options;
    if (onStep !== undefined) {
      const { rowsPerSecond, trainValues } = record;
      const place = { step, totalSteps, epoch: epochsDone, rowsPerSecond, learningRates: rates() };
      await this.#call(onStep, { ...result, ...trainValues, ...place });
    }
    this.#tell(epochsDone, this.#bestStep, false, false);
  }

  /** Calls the user's function. If it fails, training ends as if interrupted, after the steps that are computed. */
  async #call<T>(tell: ((value: T) => unknown) | undefined, value: T): Promise<void> {
    if (this.#failure !== null || !this.#isAnswered) return;
    try {
      const answer = tell?.(value);
      // A promise may come from another realm, such as a notebook's cell.
      if (typeof answer === "object") this.#isAnswered = await isAnswered(answer, this.#signal);
    } catch (error) {
      if (!isInterruption(error)) this.#failure = { error };
      this.#interrupted = true;
    }
  }

  async #evaluate(): Promise<void> {
    const { steps } = this.#record;
    const epoch = this.#epochs;
    if (this.options.look && !this.#interrupted)
      this.#stoppedEarly = !(await this.options.look(!this.#early.has(steps)));
    if (this.validation === null || this.#evaluated?.step === steps) return;
    if (!this.#interrupted) await this.options.atEvaluation?.(steps, epoch);
    const measured = await evaluate(this.engine, this.validation, { metrics: this.options.metrics });
    const evaluation = this.options.floors ? withFloors(measured, this.options.floors) : measured;
    this.#evaluated = { step: steps, evaluation };
    this.#record.evaluation(evaluation, epoch);
    this.#stoppedEarly ||= await this.#isNoLongerBetter(evaluation);
    await this.#call(this.options.onEvaluation, { step: steps, epoch, evaluation });
    this.#tell(epoch, this.#bestStep, false, true);
  }

  async #isNoLongerBetter(evaluation: Evaluation): Promise<boolean> {
    const { earlyStopping } = this.options;
    if (!earlyStopping) return false;
    const { patience = 2, minDelta = 0 } = earlyStopping;
    const value = monitored(evaluation, earlyStopping.monitor);
    if (Number.isNaN(value)) {
      this.#undefinedMonitors++;
      return false;
    }
    const isBetter = this.#best === null || value > this.#best.value + minDelta;
    this.#best = isBetter
      ? { value, step: this.#record.steps, worse: 0, state: await this.engine.state(), evaluation }
      : { ...this.#best!, worse: this.#best!.worse + (this.#early.has(this.#record.steps) ? 0 : 1) };
    return !isBetter && this.#best.worse >= patience;
  }

  get #evaluation(): Evaluation | null {
    return this.#evaluated?.step === this.#record.steps ? this.#evaluated.evaluation : null;
  }

  /** @param steps that the weights have */
  #recordOf(steps: number): TrainingRecord {
    const { totalSteps: plannedSteps, stepsPerEpoch } = this.#plan;
    const trainedSteps = this.#record.steps;
    const { start } = this.options;
    return {
      steps,
      trainedSteps,
      plannedSteps,
      stepsPerEpoch,
      evaluationSteps: this.validation === null ? null : this.#evaluationSteps,
      end: this.#stoppedEarly ? "stopped early" : trainedSteps < plannedSteps ? "interrupted" : "as planned",
      start,
    };
  }

  async #position(): Promise<Omit<TrainCheckpoint, "weights" | "evaluation" | "record">> {
    return {
      engine: await this.engine.state(),
      progress: this.#record.progress(this.#bestStep),
      best: this.#best,
      stoppedEarly: this.#stoppedEarly,
      monitor: this.options.earlyStopping?.monitor,
    };
  }

  async #saveWhereDue(): Promise<void> {
    const { checkpoint } = this.options;
    const { steps, evaluations } = this.#record;
    const isBest = () => isBestSoFar(evaluations, steps, this.options.earlyStopping?.monitor);
    if (!checkpoint || (steps % checkpoint.everySteps !== 0 && !isBest())) return;
    const position = await this.#position();
    const weights = await this.engine.weights();
    const evaluation = this.#evaluation;
    await checkpoint.save({ ...position, weights, evaluation, record: this.#recordOf(steps) }, false);
  }

  async #end(): Promise<TrainLoopResult> {
    const { checkpoint } = this.options;
    const isUnsaved = this.#interrupted && !checkpoint && this.#failure === null;
    if (isUnsaved && this.#record.steps > 0) await inTime(() => this.#evaluate());
    // Training resumes from the last weights; predictions use the best ones.
    const position = checkpoint ? await this.#position() : null;
    const best = this.#interrupted && checkpoint ? null : this.#best;
    if (best !== null && best.state.step !== this.engine.steps) await this.engine.restore(best.state);
    const evaluation = best?.evaluation ?? this.#evaluation;
    const record = this.#recordOf(best?.step ?? this.#record.steps);
    if (checkpoint && position) {
      const weights = await this.engine.weights();
      await checkpoint.save({ ...position, weights, evaluation, record }, !this.#interrupted);
    }
    this.#tell(this.#epochs, this.#bestStep, true, true);
    return {
      history: this.#record.history(this.#bestStep),
      evaluation,
      interrupted: this.#interrupted,
      stoppedEarly: this.#stoppedEarly,
      record,
      skipped: this.#record.skipped,
      exploded: this.#gradients.exploded,
      undefinedMonitors: this.#undefinedMonitors,
    };
  }
}

/** Waits for the user's function, after an interrupt only a second. */
async function isAnswered(answer: unknown, signal: AbortSignal | undefined): Promise<boolean> {
  const done = new AbortController();
  const late = async (interrupt: AbortSignal): Promise<boolean> => {
    if (!interrupt.aborted) await once(interrupt, "abort", { signal: done.signal });
    return sleep(graceMillis, false, { signal: done.signal });
  };
  const answers = [Promise.resolve(answer).then(() => true), ...(signal === undefined ? [] : [late(signal)])];
  answers[1]?.catch(() => undefined); // its answer was not needed
  return Promise.race(answers).finally(() => done.abort());
}

function isBestSoFar(evaluations: readonly EvaluationPoint[], step: number, monitor: Monitor | undefined): boolean {
  const last = evaluations.at(-1);
  if (last?.step !== step) return false;
  const value = monitored(last.evaluation, monitor);
  return evaluations.slice(0, -1).every(({ evaluation }) => exceeds(value, monitored(evaluation, monitor)));
}
