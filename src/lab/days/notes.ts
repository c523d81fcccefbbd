/** Notes on the days of a run: which lack rows, begin late, or are cut short. */
import type { LearningRateSpec, TrainingSpec } from "../../core/spec/training.js";
import { count, grouped } from "../../core/util/text.js";
import type { DayReport } from "./facts.js";
import type { DayPlan } from "./plan.js";
import type { TrainedDays, TrainingSteps } from "./train-days.js";

/** @param before [domain][period], the number of rows */
export function dayNotes(
  { days, domainNames, user, item, unit, variants, cells, aged }: DayReport,
  {
    plan,
    trained,
    before,
    training,
  }: {
    readonly plan: DayPlan;
    readonly trained: TrainedDays;
    readonly before: readonly Float64Array[];
    readonly training: TrainingSpec;
  },
): string[] {
  const names = days.map(({ name }) => name);
  const units = `${unit}s`;
  const empty = days.filter(({ rows }) => rows === 0).map(({ name }) => name);
  const late = domainNames.flatMap((name, domain) => {
    const first = before[domain]!.findIndex((rows) => rows > 0);
    if (first === -1) return [`domain ${name} has no rows`];
    if (first === 0) return [];
    const when = first >= plan.start ? "after the first training" : "within the first training's rows";
    const isAged = plan.aged !== null && first > plan.start - plan.variants[plan.aged]!.window!;
    const ageing = isAged
      ? "; ageing over all rows leaves it out, and in it waits until the older models have seen it"
      : "";
    return [`domain ${name} begins on ${names[first]}, ${when}: before, its cells have no rows${ageing}`];
  });
  const oneClass = cells.filter(({ note }) => note?.includes("one class") === true);
  const short = variants.filter(({ window }) => window !== null && window > plan.start);
  const measured = days.filter(({ isMeasured }) => isMeasured).length;
  return [
    ...(plan.periods.untimed === 0 ? [] : [`${count(plan.periods.untimed, "row")} without a time left out`]),
    ...(empty.length === 0
      ? []
      : [`no rows on ${listed(empty)}: nothing is measured there, and models are older on the ${unit} after`]),
    ...late,
    ...(oneClass.length === 0
      ? []
      : [`${oneClass.length} of ${count(cells.length, "cell")} have rows of one class: no AUC`]),
    ...(trained.skipped.length === 0
      ? []
      : [`no batch of rows to train on, so these trainings were left out: ${listed(trained.skipped)}`]),
    ...short.map(
      ({ name }) => `${name}: the first ${units} have fewer ${units} behind them, and train on what they have`,
    ),
    ...(aged === null
      ? [
          `no ageing: it compares models trained afresh on equally many ${units}, so it needs a window of at most ${count(plan.start, unit)}`,
        ]
      : []),
    ...(aged !== null && plan.mostAge === 0 ? [`no ageing: one measured ${unit} has no older model`] : []),
    ...(measured < 3 ? [`${count(measured, `measured ${unit}`)}: too few to tell anything of other ${units}`] : []),
    ...(user === null
      ? [`intervals take rows as independent: no column has the role user, so users who return make them too narrow`]
      : []),
    ...(item === null
      ? [
          `intervals over ${units} do not cover other items: no column has the role item, and what a model knows of an item is wrong on each ${unit} alike`,
        ]
      : []),
    ...scheduleNotes(training, trained.trainings, unit),
    ...(trained.interrupted ? [`interrupted: ${measured} of ${count(names.length - plan.start, unit)} measured`] : []),
  ];
}

const mostListed = 5;

function listed(names: readonly string[]): string {
  const rest = names.length - mostListed;
  return `${names.slice(0, mostListed).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

/** Schedules that a training ends within, or that begin again with each day. */
function scheduleNotes(training: TrainingSpec, trainings: readonly TrainingSteps[], unit: string): string[] {
  const schedules = [
    { part: "dense", schedule: training.denseLearningRate },
    { part: "sparse", schedule: training.sparseLearningRate },
    ...training.partOptimizers.map(({ pattern, learningRate }) => ({ part: pattern, schedule: learningRate })),
  ];
  return schedules.flatMap(({ part, schedule }) => {
    if (schedule.kind === "constant") return [];
    const name = `the learning rate schedule of ${part} (${schedule.kind})`;
    if (schedule.byEpoch) return [`${name} counts epochs, so it begins again with each training, also of warm`];
    const length = scheduleSteps(schedule);
    const afresh = trainings.filter(({ variant }) => variant !== "warm").map(({ steps }) => steps);
    const warm = trainings.filter(({ variant }) => variant === "warm").reduce((sum, { steps }) => sum + steps, 0);
    const cut = afresh.filter((steps) => steps < length);
    const parts = [
      warm < length
        ? `warm ends at step ${grouped(warm)} of ${grouped(length)}, and each ${unit}'s end cuts it`
        : `warm goes on through it, and ends it`,
      ...(cut.length === 0
        ? []
        : [
            `${count(cut.length, "training")} afresh ${cut.length === 1 ? "is" : "are"} cut, the shortest at step ${grouped(Math.min(...cut))}`,
          ]),
    ];
    return [`${name} has ${count(length, "step")}: ${parts.join("; ")}`];
  });
}

/** Steps until a schedule's last change; an exponential decay's first. */
function scheduleSteps(schedule: Exclude<LearningRateSpec, { kind: "constant" }>): number {
  if (schedule.kind === "manual_step") return schedule.scheduleSizes.at(-1) ?? 0;
  if (schedule.kind === "exponential_decay") return schedule.warmupSize + schedule.decaySize;
  return schedule.warmupSize + (schedule.kind === "cosine_annealing" ? schedule.tMax : schedule.t0);
}
