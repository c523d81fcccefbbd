import { comparedTask } from "./compared/compared-task.js";
import { jointConfidence, studyTasks } from "./compared/tasks.js";
import type { Variant } from "./design/design.js";
import type { Dropped } from "./design/halving.js";
import { variantSize } from "./design/variant-size.js";
import { confidenceAt, lookFor, type StudyLook } from "./looks/study-look.js";
import { studyShapes } from "./responses/study-responses.js";
import type { FinishedRun } from "./runs/study-run.js";
import type { Compared } from "./statistics/run-score.js";
import type { StudyMetric } from "./statistics/study-metrics.js";
import type { StudyReport, StudyRun, StudyTask, StudyVariant, VariantTask } from "./study-report.js";

export interface ReportParts extends Compared {
  readonly model: Variant;
  readonly variants: readonly Variant[];
  readonly runs: readonly FinishedRun[];
  readonly dropped?: ReadonlyMap<string, Dropped>;
  /** Default: one, at the end. */
  readonly looks?: readonly StudyLook[];
  readonly level: number;
  readonly interrupted: boolean;
  readonly notes: readonly string[];
}

export function studyReport(parts: ReportParts): StudyReport {
  const runs = [...parts.runs].sort((a, b) => a.seed - b.seed);
  const of = (variant: Variant): FinishedRun[] => runs.filter((run) => run.variant === variant);
  const [first] = of(parts.model);
  if (first === undefined) throw new Error("a study's report needs a run of the model");
  const { domainNames, evaluationRows, user } = first.result;
  const tasks = studyTasks(first, parts);
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  const looks = parts.looks?.length ? parts.looks : [{ seeds, share: 1, stopped: [] }];
  const confidence = jointConfidence(parts.level, parts.variants.length, tasks.length, domainNames.length);
  const models = [parts.model, ...parts.variants];
  const taskCells = tasks.map((task) => comparedInLooks(task, models, of, looks, confidence));
  return {
    plan: null,
    tasks,
    domainNames,
    variants: models.map(
      (variant, at): StudyVariant => ({
        name: variant.name,
        settings: variant.settings,
        ...variantSize(variant.spec),
        runs: of(variant).map(shownRun),
        tasks: taskCells.map((variants) => variants[at]!),
        dropped: parts.dropped?.get(variant.name) ?? null,
      }),
    ),
    ...studyShapes({ ...parts, tasks, domains: domainNames.length, confidence, looks }),
    looks,
    seeds,
    evaluationRows,
    user,
    level: parts.level,
    confidence,
    interrupted: parts.interrupted,
    notes: [...parts.notes, ...metricNotes(tasks, parts.metric)],
  };
}

/** Each variant as the look saw it that stopped it, or as the last look: one per model. */
function comparedInLooks(
  task: StudyTask,
  models: readonly Variant[],
  of: (variant: Variant) => readonly FinishedRun[],
  looks: readonly StudyLook[],
  confidence: StudyReport["confidence"],
): VariantTask[] {
  const byLook = new Map(
    looks.map((look) => {
      const last = look === looks.at(-1);
      const seeds = new Set(look.seeds);
      const runs = models.map((model) => of(model).filter(({ seed }) => last || seeds.has(seed)));
      const [overall, domains] = [confidenceAt(confidence.overall, look), confidenceAt(confidence.domains, look)];
      return [look, comparedTask(task, runs, { overall, domains })];
    }),
  );
  return models.map(({ name }, at) => byLook.get(at === 0 ? looks.at(-1)! : lookFor(looks, name))![at]!);
}

function metricNotes(tasks: readonly StudyTask[], preferredMetric: StudyMetric | undefined): string[] {
  const others = preferredMetric === undefined ? [] : tasks.filter(({ metric }) => metric !== preferredMetric);
  return others.map(({ tower, metric }) => {
    const why = preferredMetric === "groupedAuc" ? '; it needs a user column: { user: "user_id" }' : "";
    return `task ${tower} has no ${preferredMetric} and is compared by ${metric}${why}`;
  });
}

function shownRun({ seed, kept, result }: FinishedRun): StudyRun {
  const { seconds, history, gates } = result;
  return { seed, kept, seconds, evaluations: history.evaluations, bestStep: history.bestStep, gates };
}
