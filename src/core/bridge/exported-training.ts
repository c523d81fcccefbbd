/** How long TorchEasyRec trains an export, and which parts of a run's training it does not repeat. */
import path from "node:path";
import type { ModelSpec } from "../spec/model.js";
import { isAutomaticLength, type LearningRateSpec, type TrainingSpec } from "../spec/training.js";
import { evaluationInterval, planSteps, type StepPlan } from "../train/loop/steps.js";
import type { TrainingRecord } from "../train/training-record.js";
import { markdownCode, shellPath } from "../util/code-text.js";
import type { JsonObject } from "../util/json.js";
import { listNames } from "../util/names.js";
import { count, grouped } from "../util/text.js";

/** The training of an export. */
export interface ExportedTraining {
  readonly training: TrainingSpec;
  /** Fields of `train_config` that say when TorchEasyRec saves and evaluates; empty: as the config says. */
  readonly saves: JsonObject;
  /** How long it trains, and why; `null`: as long as the run, which trained for the full length of its settings. */
  readonly note: string | null;
  /** The same, for the folder's README. */
  readonly reason: string;
  /** The parts of the run's training that TorchEasyRec does not repeat. */
  readonly notes: readonly string[];
  /** Whether the rows repeat before the last step, if the length is counted in steps. */
  readonly repeats: boolean;
}

export interface ExportedRows {
  readonly rows: number;
  readonly evaluated: boolean;
}

/**
 * The steps whose weights a run kept, or the model's setting without a run.
 * @param declared the model's training before its batch size and length followed from the rows
 * @param record of the run whose model it is; `null`: no run
 * @throws DataError without rows, or without a full batch with `dropRemainder`
 */
export function exportedTraining(
  { training, extra }: ModelSpec,
  declared: TrainingSpec,
  record: TrainingRecord | null,
  { rows, evaluated }: ExportedRows,
): ExportedTraining {
  const plan = planSteps(training, rows);
  const run = record !== null && record.steps > 0 ? record : null;
  const steps = run === null ? plan.totalSteps : keptSteps(run, plan);
  const length = lengthOf(training, steps, plan);
  const reasons = run === null ? withoutRun(length, declared, plan) : ofRun(length, steps, plan, run);
  const { save_checkpoints_steps: every, save_checkpoints_epochs: epochs } = trainConfig(extra);
  const isSet = every !== undefined || epochs !== undefined;
  const interval = evaluated && !isSet ? evaluationSteps(declared, plan, run) : null;
  return {
    training: length,
    saves: interval === null ? {} : savesEvery(interval, plan),
    ...reasons,
    notes: [...(run === null ? [] : [...scheduleNotes(length, plan, run), ...runNotes(run)]), ...lost(length)],
    repeats: length.steps !== null && steps > plan.stepsPerEpoch,
  };
}

export function trainConfig(extra: JsonObject): JsonObject {
  return (extra["train_config"] ?? {}) as JsonObject;
}

/** As many passes over these rows as the run made over its own, unless it trained for the full length of its settings. */
function keptSteps({ steps, plannedSteps, stepsPerEpoch }: TrainingRecord, plan: StepPlan): number {
  if (steps === plannedSteps) return plan.totalSteps;
  return Math.max(1, Math.round((steps / stepsPerEpoch) * plan.stepsPerEpoch));
}

/** Whole epochs are `num_epochs`, which passes all rows whatever the number of workers. */
function lengthOf(training: TrainingSpec, steps: number, { totalSteps, stepsPerEpoch }: StepPlan): TrainingSpec {
  if (steps === totalSteps) return training;
  const epochs = steps / stepsPerEpoch;
  return Number.isInteger(epochs) ? { ...training, epochs, steps: null } : { ...training, epochs: null, steps };
}

type Reasons = Pick<ExportedTraining, "note" | "reason">;

const later = "TorchEasyRec does not stop early";
const ofRuns = "run.model.exportTorchEasyRec(…) of a run that stopped early writes the steps that the run kept";

function withoutRun(length: TrainingSpec, declared: TrainingSpec, plan: StepPlan): Reasons {
  const trained = lengthText(length, plan);
  if (!isAutomaticLength(declared)) {
    const text = `trains ${trained}, as the model says; no run shows whether that is too short or too long`;
    return { note: `${text}: ${ofRuns}`, reason: `It ${text}. ${later}.` };
  }
  const epochs = count(length.epochs!, "epoch");
  return {
    note: `trains ${trained}, which is a guess: fit() trains this many rows for up to ${epochs} and stops early, TorchEasyRec does not. ${ofRuns}; README.md says how to choose there`,
    reason: `It trains ${trained}. **This number is a guess**: pepnet trains this many rows for up to ${epochs} and
stops when the evaluations no longer improve. ${later}: it trains all of them, which is often too
long. To know before, train the model in pepnet and export the model of the run, which has the steps that the run kept:

    const run = await model.fit(train, { validation });
    await run.model.exportTorchEasyRec(train, { folder: "out/kept", validation });

To choose there, compare the evaluations of its checkpoints, as below.`,
  };
}

function ofRun(length: TrainingSpec, steps: number, plan: StepPlan, run: TrainingRecord): Reasons {
  const text = `trains ${lengthText(length, plan)}. ${endText(run)}.${scaleText(steps, plan, run)} ${later}`;
  const isPlain = run.steps === run.plannedSteps && run.seeds === undefined;
  return { note: isPlain ? null : text, reason: `It ${text}.` };
}

function endText({ end, steps, trainedSteps, plannedSteps, seeds }: TrainingRecord): string {
  const run = seeds === undefined ? "The run" : `The mean of ${seeds} runs`;
  const [step, trained] = [grouped(steps), grouped(trainedSteps)];
  if (end === "interrupted")
    return `${run} was interrupted after ${trained} of ${count(plannedSteps, "step")}, and has the weights of step ${step}`;
  if (end === "stopped early")
    return `${run} stopped early: it kept the weights of step ${step} of ${trained}, since later evaluations were no better`;
  if (steps < trainedSteps) return `${run} kept the weights of step ${step}, the best of ${trained}`;
  return `${run} trained as long`;
}

function scaleText(steps: number, plan: StepPlan, run: TrainingRecord): string {
  if (run.stepsPerEpoch === plan.stepsPerEpoch || run.steps === run.plannedSteps) return "";
  const passes = epochsText(run.steps / run.stepsPerEpoch);
  return ` That was ${passes} of its rows, which for these rows is ${count(steps, "step")}.`;
}

/** `num_steps: 12` or `num_epochs: 2`. */
function lengthField({ epochs, steps }: TrainingSpec): string {
  return steps === null ? `num_epochs: ${epochs}` : `num_steps: ${steps}`;
}

function lengthText(length: TrainingSpec, { stepsPerEpoch }: StepPlan): string {
  const steps = length.steps ?? length.epochs! * stepsPerEpoch;
  const both = [count(steps, "step"), epochsText(steps / stepsPerEpoch)];
  return `${(length.steps === null ? both.reverse() : both).join(", or ")} (${lengthField(length)})`;
}

function epochsText(epochs: number): string {
  return count(Number(epochs.toPrecision(3)), "epoch");
}

function evaluationSteps(declared: TrainingSpec, plan: StepPlan, run: TrainingRecord | null): number | null {
  if (run === null) return isAutomaticLength(declared) ? evaluationInterval(plan, undefined) : null;
  if (run.evaluationSteps === null) return null;
  return Math.max(1, Math.round((run.evaluationSteps / run.stepsPerEpoch) * plan.stepsPerEpoch));
}

/** TorchEasyRec evaluates what it saves. */
function savesEvery(steps: number, { stepsPerEpoch }: StepPlan): JsonObject {
  const epochs = steps / stepsPerEpoch;
  return Number.isInteger(epochs) ? { save_checkpoints_epochs: epochs } : { save_checkpoints_steps: steps };
}

/** Schedules in steps that depend on epochs of a different length. */
function scheduleNotes(training: TrainingSpec, plan: StepPlan, run: TrainingRecord): string[] {
  const rates = [training.denseLearningRate, training.sparseLearningRate];
  const all = [...rates, ...training.partOptimizers.map(({ learningRate }) => learningRate)];
  const inSteps = (rate: LearningRateSpec): boolean => rate.kind !== "constant" && !rate.byEpoch;
  if (run.stepsPerEpoch === plan.stepsPerEpoch || !all.some(inSteps)) return [];
  return [
    `the sizes of learning-rate schedules are steps, as in the run: an epoch of these rows has ${count(plan.stepsPerEpoch, "step")}, one of the run's had ${grouped(run.stepsPerEpoch)}`,
  ];
}

function runNotes({ start, seeds, changes = [] }: TrainingRecord): string[] {
  const notes: string[] = [];
  if (start?.weights !== undefined) {
    const more = `${start.mapped ? ", by a weightMap" : ""}${start.newDomains === undefined ? "" : `, with ${start.newDomains.join(", ")}`}${start.optimizer === undefined ? "" : ", and its optimizers continued"}`;
    notes.push(
      `the run started from weights (${start.weights}${more}); TorchEasyRec starts at random, or with --fine_tune_checkpoint from weights that README.md says how to convert`,
    );
  }
  if (start?.vectors !== undefined)
    notes.push(
      `the tables of ${listNames(start.vectors)} started from vectors, and start at random there; README.md says how to start from a run's weights`,
    );
  if (seeds !== undefined)
    notes.push(
      `the run is the mean of ${seeds} trainings, a model ${seeds} times as wide, which TorchEasyRec trains as one from random weights; to train one of them there, export the model that was fitted`,
    );
  if (changes.includes("recalibrated"))
    notes.push(
      "the recalibration is not part of training: recalibrate what comes back, (await pepnet.fromTorchEasyRec(…)).recalibrate(validation)",
    );
  if (changes.includes("scaled gates"))
    notes.push("gamma was changed after the run's training; TorchEasyRec trains with the new one from the start");
  return notes;
}

/** Settings that TorchEasyRec lacks. */
function lost({ outputBias }: TrainingSpec): string[] {
  if (outputBias === undefined) return [];
  return [
    "outputs start at random there: TorchEasyRec has no setting that starts them at the labels' rates (outputBias)",
  ];
}

/** The README's section on the length. */
export function lengthSection({ reason, repeats }: ExportedTraining, spec: ModelSpec, modelDir: string): string {
  const { training } = spec;
  const edit = (fields: JsonObject): string => `    bash train.sh 8 --edit_config_json '${JSON.stringify(fields)}'`;
  const [steps, epochs] = ["train_config.num_steps", "train_config.num_epochs"];
  const change = training.steps === null ? { [epochs!]: 3 } : { [steps!]: 2 * training.steps };
  const other = training.steps === null ? { [epochs!]: 0, [steps!]: 1000 } : { [steps!]: 0, [epochs!]: 3 };
  const workers =
    training.steps === null
      ? ""
      : "\n\nOther numbers of workers, or of processes that read rows, make other batches: `train.sh` adapts `num_steps` so that they\npass as many rows, unless you set it there.";
  const older = repeats
    ? "\n\nVersions before 1.3.16 may train about an epoch more: there, `num_steps` begins to count again after the first epoch\n(TorchEasyRec's pull request 606)."
    : "";
  return `${reason}

To change it, edit \`${training.steps === null ? "num_epochs" : "num_steps"}\` in \`train_config\` of \`pipeline.config\`, or say so when you train. \`num_epochs\` counts passes over the
rows, \`num_steps\` batches, for which the rows repeat; one of them must be 0 or absent:

${edit(change)}
${edit(other)}${workers}${older}

${evaluationText(spec, modelDir)}`;
}

function evaluationText({ extra }: ModelSpec, modelDir: string): string {
  const { save_checkpoints_steps: every = 1000, save_checkpoints_epochs: epochs = 0 } = trainConfig(extra);
  const interval =
    Number(epochs) > 0
      ? `every ${Number(epochs) === 1 ? "epoch" : `${epochs} epochs`} (\`save_checkpoints_epochs\`)`
      : `every ${count(Number(every), "step")} (\`save_checkpoints_steps\`)`;
  const result = markdownCode(path.posix.join(modelDir, "train_eval_result_v2.txt"));
  const convert = markdownCode(
    `python convert_weights.py ${shellPath(path.posix.join(modelDir, "model.ckpt-N"))} weights.safetensors`,
  );
  return `It saves a checkpoint ${interval} and at the end, evaluates each if there are rows to evaluate on, and
appends a line to ${result} (\`global_step\` is the number of the last step, from 0). If an
earlier line is better, take its checkpoint: ${convert}.`;
}
