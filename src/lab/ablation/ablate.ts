/**
 * Runs a study from its design to its report: trains the runs in looks, compares the variants with the model, and
 * collects the notes.
 */
import { performance } from "node:perf_hooks";
import { SpecError } from "../../core/errors/index.js";
import { modelSize } from "../../core/nn/plan/size.js";
import type { ModelSpec } from "../../core/spec/model.js";
import { currentSignal } from "../../core/util/interrupt.js";
import type { Json } from "../../core/util/json.js";
import {
  type BudgetQuestion,
  BudgetSchedule,
  budgetSeconds,
  type FinishedRun,
  inOrder,
  Pace,
  type PlannedRun,
  plannedRuns,
} from "./budget.js";
import { comparedTask, jointConfidence, studyTasks, withCollapsed } from "./compared-task.js";
import type { Design, Variant } from "./design.js";
import { Looks } from "./looks.js";
import type { StudyMetric } from "./statistics/metric-draws.js";
import type { Confidence } from "./statistics/power.js";
import { statesNote } from "./statistics/two-states.js";
import type { Compared } from "./statistics/verdict.js";
import {
  type StudyGround,
  type StudyReport,
  type StudyRun,
  StudyRunner,
  type StudyTask,
  type StudyVariant,
  type StudyWatcher,
  type VariantTask,
} from "./study.js";
import { confidenceAt, lookFor, lookNotes, type StudyLook, stopNote } from "./study-look.js";
import { studyResponses } from "./study-responses.js";

export interface StudyPlan extends Compared {
  readonly design: Design;
  /** `null`: the number that fits the budget. */
  readonly seeds: readonly number[] | null;
  /** Seeds that only the model is trained with. */
  readonly extraSeeds?: readonly number[] | undefined;
  /** Whether settled variants stop before the last seed. With a budget they always do. */
  readonly stops: boolean;
  /** Time limit, such as `"10m"`; `null`: none. */
  readonly budget: string | number | null;
  readonly level: number;
  /** Share of the error probability for comparisons by domain. Default: 0.2. */
  readonly domainShare?: number | undefined;
  readonly trainRows: number;
}

export interface AblationWatcher extends StudyWatcher {
  planned?(runs: number): void;
  note?(text: string): void;
}

/**
 * Returns the study's report. After an interrupt it covers the finished runs.
 * @throws SpecError if nothing was trained
 */
export async function ablate(
  plan: StudyPlan,
  ground: StudyGround,
  watcher: AblationWatcher = {},
): Promise<StudyReport> {
  const study = new Study(plan, ground, watcher);
  const runs = await study.run();
  const { design, tasks, metric, matters, level, domainShare } = plan;
  const interrupted = currentSignal()?.aborted === true;
  if (!runs.some((run) => run.variant === design.model)) {
    throw new SpecError({
      path: "ablate",
      message: "interrupted before the first run of the model finished: nothing to compare",
      fix: "run it again; finished runs are reused",
    });
  }
  return studyReport({
    model: design.model,
    variants: design.variants,
    runs,
    looks: study.looks.all,
    tasks,
    metric,
    matters,
    level,
    domainShare,
    interrupted,
    notes: [...design.notes, ...study.notes, ...lookNotes(study.looks.all), ...study.diverged, ...ground.store.notes],
  });
}

class Study {
  readonly notes: string[] = [];
  readonly looks: Looks;
  readonly #plan: StudyPlan;
  readonly #ground: StudyGround;
  readonly #runner: StudyRunner;
  readonly #watcher: AblationWatcher;

  constructor(plan: StudyPlan, ground: StudyGround, watcher: AblationWatcher) {
    this.#plan = plan;
    this.#ground = ground;
    this.#watcher = watcher;
    this.#runner = new StudyRunner(ground);
    this.looks = new Looks(plan);
  }

  run(): Promise<FinishedRun[]> {
    if (this.#plan.budget !== null) return this.#withinBudget(budgetSeconds(this.#plan.budget));
    const seeds = this.#plan.seeds ?? [];
    const { design, extraSeeds, stops } = this.#plan;
    return stops ? this.#inLooks(seeds) : this.#all(plannedRuns(design, seeds, extraSeeds));
  }

  get diverged(): readonly string[] {
    return this.#runner.notes;
  }

  #note(text: string): void {
    this.notes.push(text);
    this.#watcher.note?.(text);
  }

  #all(runs: readonly PlannedRun[]): Promise<FinishedRun[]> {
    this.#watcher.planned?.(runs.length);
    let at = 0;
    return this.#runner.run(() => runs[at++] ?? null, this.#watcher);
  }

  /** Trains seeds up to each look, and continues with the variants that it does not stop. */
  #inLooks(seeds: readonly number[]): Promise<FinishedRun[]> {
    const schedule = this.#schedule(seeds, { left: () => Number.POSITIVE_INFINITY, secondsOf: () => 1 });
    return this.#scheduled(schedule, () => schedule.progress, this.#watcher);
  }

  #schedule(seeds: readonly number[] | null, time: Pick<BudgetQuestion, "left" | "secondsOf">): BudgetSchedule {
    const { lanes } = this.#ground;
    const planned = (runs: number) => this.#watcher.planned?.(runs);
    return new BudgetSchedule({ design: this.#plan.design, lanes, seeds, planned, ...time });
  }

  async #scheduled(schedule: BudgetSchedule, progress: () => number, watcher: AblationWatcher): Promise<FinishedRun[]> {
    const runs: FinishedRun[] = [];
    for (;;) {
      runs.push(...(await this.#runner.run((beside) => schedule.next(beside), watcher)));
      if (currentSignal()?.aborted || !schedule.looksNow) break;
      schedule.looked(this.#look(runs, schedule, progress()));
    }
    this.looks.close(
      runs,
      schedule.begun.filter((seed) => runs.some((run) => run.seed === seed)),
    );
    return runs;
  }

  #look(runs: readonly FinishedRun[], { begun, leftOut }: BudgetSchedule, progress: number): readonly Variant[] {
    const stopped = this.looks.look(runs, begun, progress, leftOut);
    if (stopped.length > 0) this.#watcher.note?.(stopNote(begun.length, this.looks.all.at(-1)!.stopped));
    return stopped;
  }

  async #withinBudget(seconds: number): Promise<FinishedRun[]> {
    const { design, seeds, tasks = null, metric = null, matters = null, level } = this.#plan;
    const models = [design.model, ...design.variants];
    const key = await this.#runner.planKey(models, { seconds, seeds, tasks, metric, matters, level } as Json);
    const before = key === null ? null : this.#ground.store.readPlan(key);
    if (before !== null) {
      this.#budgetNotes(
        models.filter((_, at) => (before.seeds[at] ?? []).length === 0),
        before.seeds.flat().length,
      );
      this.looks.replay(before.looks);
      const runs = models.flatMap((variant, at) => (before.seeds[at] ?? []).map((seed) => ({ variant, seed })));
      return this.#all(runs.sort((a, b) => a.seed - b.seed));
    }
    const { runs, leftOut } = await this.#byTheClock(seconds);
    if (!currentSignal()?.aborted) {
      this.#budgetNotes(leftOut, runs.length);
      const done = models.map((variant) => runs.filter((run) => run.variant === variant).map(({ seed }) => seed));
      if (key !== null) this.#ground.store.writePlan(key, { seeds: done, looks: this.looks.record() });
    }
    return runs;
  }

  #budgetNotes(leftOut: readonly Variant[], runs: number): void {
    const { budget, design } = this.#plan;
    this.#note(`a budget of ${typeof budget === "number" ? `${budget}s` : budget} had time for ${runs} runs`);
    if (leftOut.length === 0) return;
    const share = `${leftOut.length} of ${design.variants.length} variants`;
    this.#note(`left out for lack of time, ${share}: ${leftOut.map(({ name }) => name).join("; ")}`);
  }

  async #byTheClock(seconds: number): Promise<{ runs: FinishedRun[]; leftOut: readonly Variant[] }> {
    const { design, seeds, trainRows } = this.#plan;
    const start = performance.now();
    const left = () => seconds - (performance.now() - start) / 1000;
    const measured = await this.#runner.measure(design.model, trainRows);
    if (measured === null) return { runs: [], leftOut: [] };
    const pace = new Pace(trainRows);
    pace.learn(design.model, measured);
    const schedule = this.#schedule(seeds, { left, secondsOf: (variant) => pace.secondsOf(variant)! });
    const watcher: AblationWatcher = {
      ...this.#watcher,
      finished: (run) => {
        if (!run.kept) pace.learn(run.variant, run.result.seconds);
        this.#watcher.finished?.(run);
      },
    };
    const progress = (): number => Math.max(1 - left() / seconds, schedule.progress);
    const runs = await this.#scheduled(schedule, progress, watcher);
    return { runs, leftOut: schedule.leftOut };
  }
}

/**
 * The size of a variant. Separate models by domain: the parameters of all, and the cost of the one that a row passes. A
 * logistic regression has weights of ids and values only, as embeddings have.
 */
function variantSize(spec: ModelSpec): Pick<StudyVariant, "denseParameters" | "trainingFlopsPerRow"> {
  if (spec.baseline?.kind === "logistic") return { denseParameters: 0, trainingFlopsPerRow: 0 };
  const { denseParameters, trainingFlopsPerRow } = modelSize(spec);
  const models = spec.baseline?.parts?.length ?? 1;
  return { denseParameters: models * denseParameters, trainingFlopsPerRow };
}

export interface ReportParts extends Compared, Design {
  readonly runs: readonly FinishedRun[];
  readonly looks?: readonly StudyLook[];
  readonly level: number;
  readonly domainShare?: number | undefined;
  readonly interrupted: boolean;
}

export function studyReport(parts: ReportParts): StudyReport {
  const runs = inOrder(parts.runs);
  const of = (variant: Variant): FinishedRun[] => runs.filter((run) => run.variant === variant);
  const [first, ...others] = of(parts.model);
  if (first === undefined) throw new Error("a study's report needs a run of the model");
  const { evaluationRows, user } = first.result;
  const column = parts.model.spec.domains?.column;
  const sameDomains = parts.variants.every(({ spec }) => spec.domains?.column === column);
  const domainNames = sameDomains ? first.result.domainNames : [];
  const tasks = studyTasks([first, ...others], parts);
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  const looks = parts.looks?.length ? parts.looks : [{ seeds, share: 1, stopped: [] }];
  const sizes = [parts.variants.length, tasks.length, domainNames.length] as const;
  const confidence = jointConfidence(parts.level, ...sizes, parts.domainShare);
  const models = [parts.model, ...parts.variants];
  const taskCells = tasks.map((task) => {
    const compare = (runsOf: typeof of, domains = sameDomains) =>
      comparedInLooks(task, models, runsOf, looks, domains ? confidence : { ...confidence, domains: null });
    return withCollapsed(task, models.map(of), compare(of), (left) =>
      compare((variant) => of(variant).filter((run) => !left.has(run)), false),
    );
  });
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
      }),
    ),
    responses: studyResponses({
      ...parts,
      runs,
      tasks,
      domains: domainNames.length,
      confidence,
      looks,
      cellOf: (variant, task, domain) => {
        const cells = taskCells[tasks.indexOf(task)]![models.indexOf(variant)]!;
        return domain === null ? cells.overall : cells.domains[domain];
      },
    }),
    looks,
    seeds,
    evaluationRows,
    user,
    level: parts.level,
    confidence,
    interrupted: parts.interrupted,
    notes: [
      ...parts.notes,
      ...metricNotes(tasks, parts.metric),
      ...statesNotes(tasks, models, taskCells),
      ...(sameDomains ? [] : [otherDomains]),
    ],
  };
}

function statesNotes(
  tasks: readonly StudyTask[],
  models: readonly Variant[],
  cells: readonly (readonly VariantTask[])[],
): string[] {
  return tasks.flatMap(({ tower }, task) =>
    models.flatMap(({ name }, model) => {
      const values = cells[task]![model]!.overall.bySeed.filter((value) => value !== null);
      return statesNote(name, tower, values) ?? [];
    }),
  );
}

/** The comparisons per model. A variant's are those of the look that stopped it, or of the last look. */
function comparedInLooks(
  task: StudyTask,
  models: readonly Variant[],
  of: (variant: Variant) => readonly FinishedRun[],
  looks: readonly StudyLook[],
  confidence: { readonly overall: Confidence; readonly domains: Confidence | null },
): VariantTask[] {
  const byLook = new Map(
    looks.map((look) => {
      const last = look === looks.at(-1);
      const seeds = new Set(look.seeds);
      const runs = models.map((model) => of(model).filter(({ seed }) => last || seeds.has(seed)));
      const domains = confidence.domains && confidenceAt(confidence.domains, look);
      return [look, comparedTask(task, runs, { overall: confidenceAt(confidence.overall, look), domains })];
    }),
  );
  return models.map(({ name }, at) => byLook.get(at === 0 ? looks.at(-1)! : lookFor(looks, name))![at]!);
}

const otherDomains = "variants have other domains than the model, so only all rows are compared";

function metricNotes(tasks: readonly StudyTask[], preferredMetric: StudyMetric | undefined): string[] {
  const others = preferredMetric === undefined ? [] : tasks.filter(({ metric }) => metric !== preferredMetric);
  return others.map(({ tower, metric }) => {
    const why = preferredMetric === "groupedAuc" ? '; it needs a user column: { user: "user_id" }' : "";
    return `task ${tower} has no ${preferredMetric} and is compared by ${metric}${why}`;
  });
}

function shownRun({ seed, kept, result }: FinishedRun): StudyRun {
  const { seconds, history } = result;
  return { seed, kept, seconds, evaluations: history.evaluations, bestStep: history.bestStep };
}
