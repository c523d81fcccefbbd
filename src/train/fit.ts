/**
 * The training loop: shuffled batches through an engine, evaluations on the way, early stopping that keeps the best
 * weights, progress for whoever watches, and a partial result when it is interrupted.
 */
import { trainingBatches } from "../data/batches.js";
import type { EncodedRows } from "../data/streamed.js";
import type { Engine, EngineState, StepResult, Weights } from "../engine/engine.js";
import type { Evaluation } from "../metrics/types.js";
import { type BestState, bestKeeper, type EarlyStopping, monitored } from "./early-stopping.js";
import { evaluate } from "./evaluate.js";
import { type ExplodedGradients, gradientWatch } from "./exploding.js";
import type { EvaluationPoint, History, Progress } from "./history.js";
import { isFiniteStep, mostSkippedInARow, nonFiniteError, type OnNonFinite } from "./non-finite.js";
import { progressTeller } from "./progress-teller.js";
import { recorder, type TrainProgress } from "./recorder.js";
import { batchOptions, evaluationsDue, planSteps } from "./step-plan.js";

/** Everything that training goes on from, between two steps. */
export interface TrainCheckpoint {
  /** Weights, optimiser slots and step count. */
  readonly engine: EngineState;
  /** What predictions are made with: the weights, or their moving averages. */
  readonly weights: Weights;
  readonly progress: TrainProgress;
  /** Of these weights; `null` where they were not evaluated. */
  readonly evaluation: Evaluation | null;
  /** What early stopping would put back; `null` without it. */
  readonly best: BestState | null;
  readonly stoppedEarly: boolean;
}

/** One optimiser step, as it is told. */
export interface StepReport extends StepResult {
  readonly step: number;
  readonly totalSteps: number;
  /** Epochs done, such as 0.25. */
  readonly epoch: number;
  readonly rowsPerSecond: number;
}

/** How a run trains, beside what its spec says. */
export interface TrainLoopOptions {
  /** Evaluations per epoch. Default: as many as make about four in the run, at least one an epoch. */
  readonly evaluationsPerEpoch?: number;
  readonly earlyStopping?: EarlyStopping;
  /**
   * A step whose loss is not a finite number is never applied. Default `stop`: training ends with an error that names
   * the rows and features behind it; `skip`: it goes on with the next batch, up to 50 such steps in a row.
   */
  readonly onNonFinite?: OnNonFinite;
  /** Goes on from here, as if training had never stopped: the same batches, dropout, learning rates and so weights. */
  readonly from?: TrainCheckpoint | null;
  /**
   * Saves what training can go on from: every so many steps, after the best evaluation so far, at the end, and where
   * training is interrupted, which then ends without an evaluation. `last`: nothing is left to train.
   */
  readonly checkpoint?: {
    readonly everySteps: number;
    save(checkpoint: TrainCheckpoint, last: boolean): Promise<void>;
  };
  /** Aborted: the step in progress ends, and what there is is returned. */
  readonly signal?: AbortSignal;
  /** Called after every step. */
  readonly onStep?: (step: StepReport) => void;
  /** Waited for before every evaluation: looks at the engine while its weights stand still. Not counted as training. */
  readonly atEvaluation?: (step: number, epoch: number) => Promise<void>;
  /** Called after every evaluation. */
  readonly onEvaluation?: (point: EvaluationPoint) => void;
  /** Called after steps, at most every 250 ms, after each evaluation, and at the end. */
  readonly onProgress?: (progress: Progress) => void;
}

/** What training leaves. */
export interface TrainLoopResult {
  readonly history: History;
  /** On the validation data, with the weights that were kept; `null` without validation data. */
  readonly evaluation: Evaluation | null;
  readonly interrupted: boolean;
  readonly stoppedEarly: boolean;
  /** Steps that were left out because their loss was not finite. */
  readonly skipped: number;
  /** Gradients far above what they were; `null` where none were seen. */
  readonly exploded: ExplodedGradients | null;
}

/** A notebook gives interrupted work two seconds to return: an evaluation that needs longer is left out. */
const interruptedMillis = 1000;

/**
 * Trains an engine's model on encoded data.
 *
 * @throws TrainError where a loss is not finite, naming the step, the task, rows and features.
 * @throws DataError where there are no rows.
 */
export async function fit(
  engine: Engine,
  data: EncodedRows,
  validation: EncodedRows | null,
  options: TrainLoopOptions = {},
): Promise<TrainLoopResult> {
  const { from = null, checkpoint } = options;
  if (from !== null) await engine.restore(from.engine);
  const plan = planSteps(engine.spec.training, data.rows);
  const record = recorder(plan.totalSteps, () => performance.now() / 1000, from?.progress);
  const best = bestKeeper(engine, options.earlyStopping, from?.best);
  const tell = progressTeller(record, plan.totalSteps, options.onProgress);
  const evaluationDue = evaluationsDue(plan, options.evaluationsPerEpoch);
  let evaluated = from?.evaluation ? { step: record.steps, evaluation: from.evaluation } : null;
  let stoppedEarly = from?.stoppedEarly ?? false;
  let interrupted = options.signal?.aborted ?? false;
  let skippedInARow = 0;
  const gradients = gradientWatch();

  const bestStep = (): number | null => best.best?.step ?? null;

  const evaluateNow = async (epoch: number, signal?: AbortSignal): Promise<void> => {
    if (validation === null || evaluated?.step === record.steps) return;
    if (signal === undefined) await options.atEvaluation?.(record.steps, epoch);
    const evaluation = await evaluate(engine, validation, signal ? { signal } : {});
    evaluated = { step: record.steps, evaluation };
    record.evaluation(evaluation, epoch);
    options.onEvaluation?.({ step: record.steps, epoch, evaluation });
    stoppedEarly = await best.offer(evaluation, record.steps);
    tell(epoch, bestStep(), false, true);
  };
  const position = async () => ({
    engine: await engine.state(),
    progress: { ...record.progress(), history: record.history(bestStep()) },
    best: best.best,
    stoppedEarly,
  });
  const evaluationNow = (): Evaluation | null => (evaluated?.step === record.steps ? evaluated.evaluation : null);

  if (from !== null && !interrupted && !stoppedEarly && evaluationDue(record.steps))
    await evaluateNow(record.steps / plan.stepsPerEpoch);
  while (!interrupted && !stoppedEarly && record.steps < plan.totalSteps) {
    const epoch = Math.floor(record.steps / plan.stepsPerEpoch);
    const start = record.steps % plan.stepsPerEpoch;
    for await (const batch of trainingBatches(data, { ...batchOptions(engine.spec.training, epoch), start })) {
      const result = await engine.step(batch, epoch);
      const step = record.steps + 1;
      const last = step === plan.totalSteps;
      const epochsDone = step / plan.stepsPerEpoch;
      if (isFiniteStep(result)) {
        skippedInARow = 0;
        record.step(result, batch.rows.length, epochsDone, last);
        if (result.gradientNorm !== null) gradients.take(step, result.gradientNorm);
      } else {
        skippedInARow++;
        if (options.onNonFinite !== "skip" || skippedInARow === mostSkippedInARow)
          throw await nonFiniteError(engine, batch, result, step);
        record.skip(batch.rows.length);
      }
      const { rowsPerSecond } = record;
      options.onStep?.({ ...result, step, totalSteps: plan.totalSteps, epoch: epochsDone, rowsPerSecond });
      tell(epochsDone, bestStep(), false, false);
      interrupted = options.signal?.aborted ?? false;
      if (interrupted) break;
      if (evaluationDue(step)) await evaluateNow(epochsDone);
      if (last || stoppedEarly) break;
      if (checkpoint && (step % checkpoint.everySteps === 0 || isBestSoFar(record.evaluations, step))) {
        await checkpoint.save(
          { ...(await position()), weights: await engine.weights(), evaluation: evaluationNow() },
          false,
        );
      }
    }
  }
  if (interrupted && !checkpoint && record.steps > 0) {
    const limit = AbortSignal.timeout(interruptedMillis);
    await evaluateNow(record.steps / plan.stepsPerEpoch, limit).catch((error: unknown) => {
      if (!limit.aborted) throw error;
    });
  }
  // Training goes on from the last weights, predictions are made with the best ones.
  const end = checkpoint ? await position() : null;
  const kept = interrupted && checkpoint ? null : await best.restore();
  const evaluation = kept ?? evaluationNow();
  if (checkpoint && end) await checkpoint.save({ ...end, weights: await engine.weights(), evaluation }, !interrupted);
  tell(record.steps / plan.stepsPerEpoch, bestStep(), true, true);
  return {
    history: record.history(bestStep()),
    evaluation,
    interrupted,
    stoppedEarly,
    skipped: record.skipped,
    exploded: gradients.exploded,
  };
}

/** Whether the evaluation of this step is better than all before. */
function isBestSoFar(evaluations: readonly EvaluationPoint[], step: number): boolean {
  const last = evaluations.at(-1);
  if (last?.step !== step) return false;
  const value = monitored(last.evaluation);
  return evaluations.slice(0, -1).every(({ evaluation }) => monitored(evaluation) < value);
}
