/** Prepares and runs a study: checks its options, encodes its rows, and trains its runs. */

import { assertThreads } from "../../core/engine/threads.js";
import { findingText } from "../../core/errors/finding.js";
import { type Problem, SpecError } from "../../core/errors/index.js";
import { noteSeed } from "../../core/port/notebook.js";
import { needsFit } from "../../core/spec/feature/feature.js";
import type { ModelSpec } from "../../core/spec/model.js";
import { oneOf, optionProblems } from "../../core/spec/option.js";
import { checkNumber, unknownName } from "../../core/spec/validate/checks.js";
import { assertValid } from "../../core/spec/validate/model.js";
import { planSteps } from "../../core/train/loop/steps.js";
import { withSignal } from "../../core/util/interrupt.js";
import { count, grouped } from "../../core/util/text.js";
import type { AblationWatcher, StudyPlan } from "../../lab/ablation/ablate.js";
import type { Design } from "../../lab/ablation/design.js";
import type { StudyMetric } from "../../lab/ablation/statistics/metric-draws.js";
import type { PlanReport, StudyGround, StudyRun } from "../../lab/ablation/study.js";
import { type Dataset, type DatasetSource, dataset, resolveUsers } from "../data/dataset.js";
import { asEvaluated, fittedSpec, heldOutWords, rowFindings } from "../data/held-out.js";
import { resolveSettings } from "../training/advice.js";
import { openEngine, studyLanes, variantGroup } from "../training/engines.js";
import { liveStudy } from "./live.js";
import { Study } from "./study.js";
import { type AblationOptions, type AsModel, type SeedLimit, type StudyRequest, wantedVariants } from "./variants.js";

/** Upper limits far beyond any useful study: larger numbers are mistakes that would take hours or all memory. */
const MOST = { parallel: 1000, draws: 100_000, seeds: 10_000 } as const;

/** @throws SpecError for options that are missing, invalid, or exclude each other */
function checkOptions(options: StudyRequest, spec: ModelSpec): void {
  const { level = DEFAULT_LEVEL, parallel = 1, draws = DEFAULT_DRAWS } = options;
  const [problem] = [
    ...(options.variants === undefined ? [missingVariants] : []),
    ...designProblems(options),
    ...checkNumber("ablate.level", level, { above: 0.5, below: 1 }),
    ...metricProblems(options),
    ...mattersProblems(options),
    ...countProblems("parallel", parallel, MOST.parallel),
    ...countProblems("draws", draws, MOST.draws),
    ...seedProblems(options),
    ...modelSeedProblems(options),
  ];
  if (problem !== undefined) throw new SpecError(problem);
  assertThreads(options.threads, "ablate.threads");
  const faults = taskProblems(options, spec);
  if (faults.length > 0) throw new SpecError(faults);
}

const missingVariants: Problem = {
  path: "ablate.variants",
  message: "variants are required",
  expected: 'model.ablate(data, { variants: { "epnet.gamma": [1, 4] } })',
};

function designProblems({ design = "grid" }: StudyRequest): Problem[] {
  const fix = 'leave it out, and let settled variants stop: seeds: { atMost: 20 }, or a budget: "10m"';
  const problems = optionProblems("ablate", { design }, { design: oneOf(["grid", "one-at-a-time"]) });
  return problems.map((problem) => ({ ...problem, fix }));
}

/** A record, so that the compiler reports a missing entry. */
const knownMetrics: Readonly<Record<StudyMetric, true>> = {
  auc: true,
  groupedAuc: true,
  logLoss: true,
  meanSquaredError: true,
};

function metricProblems({ metric, matters }: StudyRequest): Problem[] {
  const byMetric = typeof matters === "object" ? Object.keys(matters).map((name) => [`matters.${name}`, name]) : [];
  const asked = [...(metric === undefined ? [] : [["metric", metric]]), ...byMetric];
  const unknown = asked.filter(([, name]) => !Object.hasOwn(knownMetrics, name!));
  const names = Object.keys(knownMetrics);
  return unknown.map(([option, name]) => unknownName(`ablate.${option}`, "metric of studies", String(name), names));
}

function mattersProblems({ matters }: StudyRequest): Problem[] {
  if (typeof matters === "number") return checkNumber("ablate.matters", matters, { above: 0 });
  return Object.entries(matters ?? {}).flatMap(([metric, value]) =>
    checkNumber(`ablate.matters.${metric}`, value, { above: 0 }),
  );
}

function countProblems(name: string, value: number, most: number, least = 1): Problem[] {
  return checkNumber(`ablate.${name}`, value, { least, most, integer: true });
}

function seedProblems({ seeds }: StudyRequest): Problem[] {
  if (typeof seeds === "number") return countProblems("seeds", seeds, MOST.seeds);
  const [path, received] = ["ablate.seeds", JSON.stringify(seeds)];
  if (isSeedLimit(seeds)) {
    const expected = "{ atMost: 20 }, a number, or a list of seeds";
    if (Object.keys(seeds).join() === "atMost") {
      return countProblems("seeds.atMost", seeds.atMost ?? Number.NaN, MOST.seeds);
    }
    return [{ path, message: "a limit of seeds is { atMost }", received, expected }];
  }
  if (!Array.isArray(seeds) || (seeds.length > 0 && new Set(seeds).size === seeds.length)) return [];
  return [{ path, message: "must be a non-empty list without duplicates", received, expected: "[1, 2, 3]" }];
}

const FEWEST_PAIRS = 4;

function modelSeedProblems({ modelSeeds, seeds, budget }: StudyRequest): Problem[] {
  if (modelSeeds === undefined) return [];
  const [path, fix] = ["ablate.modelSeeds", "seeds: 5, modelSeeds: 13"];
  const pairs = typeof seeds === "number" ? seeds : Array.isArray(seeds) ? seeds.length : 0;
  if (pairs < FEWEST_PAIRS || budget !== undefined) {
    const [message, received] = ["needs a fixed number of seeds", JSON.stringify({ seeds, budget })];
    return [{ path, message, received, expected: "at least four seeds for every variant, and no budget", fix }];
  }
  const problems = countProblems("modelSeeds", modelSeeds, MOST.seeds, pairs + 2);
  return problems.map((problem) => ({ ...problem, fix: `at least two more than seeds: ${fix}` }));
}

function taskProblems({ tasks }: AblationOptions, spec: ModelSpec): Problem[] {
  if (tasks === undefined) return [];
  const towers = spec.towers.map(({ name }) => name);
  const [path, expected] = ["ablate.tasks", `a list of ${towers.map((name) => JSON.stringify(name)).join(", ")}`];
  if (!Array.isArray(tasks) || tasks.length === 0 || new Set(tasks).size < tasks.length) {
    const message = "must be a non-empty list of towers without duplicates";
    return [{ path, message, received: JSON.stringify(tasks), expected }];
  }
  return tasks.filter((name) => !towers.includes(name)).map((name) => unknownName(path, "tower", name, towers));
}

function isSeedLimit(seeds: AblationOptions["seeds"]): seeds is SeedLimit {
  return typeof seeds === "object" && seeds !== null && !Array.isArray(seeds);
}

const DEFAULT_DRAWS = 200;
const DEFAULT_MOST_SEEDS = 8;
const DEFAULT_LEVEL = 0.95;

export interface PreparedStudy {
  readonly plan: StudyPlan;
  readonly ground: StudyGround;
  readonly opening: readonly string[];
  readonly trainRows: number;
}

/** Runs a study; see `Model.ablate`. @param asModel creates the models that variants change */
export async function ablateModel(
  spec: ModelSpec,
  asModel: AsModel,
  source: DatasetSource,
  options: StudyRequest,
): Promise<Study> {
  return runStudy(await prepareStudy(spec, asModel, source, options), options, null);
}

export function prepareStudy(
  spec: ModelSpec,
  asModel: AsModel,
  source: DatasetSource,
  options: StudyRequest,
): Promise<PreparedStudy> {
  return withSignal(options?.signal, () => preparedStudy(spec, asModel, source, options));
}

async function preparedStudy(
  spec: ModelSpec,
  asModel: AsModel,
  source: DatasetSource,
  options: StudyRequest,
): Promise<PreparedStudy> {
  checkOptions(options ?? {}, spec);
  const { designOf } = await import("../../lab/ablation/design.js");
  const oneAtATime = options.design === "one-at-a-time" ? options.design : "grid";
  const variants = await wantedVariants(options.variants, oneAtATime, asModel);
  assertValid(spec);
  if (!spec.features.some(needsFit)) designOf(spec, variants); // faults of variants are reported before rows are read
  const rows = await studyRows(spec, await dataset(source), options);
  const fitted = await fittedSpec(spec, rows.train);
  const { spec: resolved, stopsEarly, notes: chosen } = resolveSettings(fitted, rows.train.rows, true);
  const design = await fittedDesign(designOf(resolved, variants), rows.train);
  const ground = await studyGround(design, rows, { earlyStopping: stopsEarly, ...options });
  return {
    plan: {
      design,
      ...chooseSeeds(options),
      extraSeeds: chooseExtraSeeds(options),
      budget: options.budget ?? null,
      tasks: options.tasks,
      metric: options.metric,
      matters: options.matters,
      level: options.level ?? DEFAULT_LEVEL,
      domainShare: options.domainShare,
      trainRows: rows.train.rows,
    },
    ground,
    opening: [
      ...rows.notes,
      ...chosen,
      ...(await rowFindings(design.model.spec, spec, rows)).map(findingText),
      ...halvesNote(ground, rows.validation.rows),
      ...lengthNote(design, ground, rows.train.rows),
    ],
    trainRows: rows.train.rows,
  };
}

export function runStudy(
  prepared: PreparedStudy,
  options: AblationOptions,
  registered: PlanReport | null,
): Promise<Study> {
  return withSignal(options.signal, () => studyOf(prepared, options, registered));
}

async function studyOf(
  { plan, ground, opening, trainRows }: PreparedStudy,
  options: AblationOptions,
  registered: PlanReport | null,
): Promise<Study> {
  const { ablate } = await import("../../lab/ablation/ablate.js");
  for (const seed of [...(plan.seeds ?? []), ...(plan.extraSeeds ?? [])]) noteSeed("ablate", seed);
  const notes = [...opening, ...plan.design.notes];
  const live = options.quiet ? null : await liveStudy(plan.design, ground.lanes, trainRows, notes);
  try {
    const report = await ablate(plan, ground, withRunReports(options, live?.watcher ?? {}));
    const runs = report.variants[0]?.runs ?? [];
    // Where each domain chooses its own length, the last evaluation is of none of the weights that compare.
    const advice = ground.settings.ownLength === undefined ? await modelFindings(plan.design.model.spec, runs) : [];
    const study = new Study({ ...report, plan: registered, notes: [...opening, ...report.notes, ...advice] });
    await live?.finish(study);
    return study;
  } catch (error) {
    live?.fail(error);
    throw error;
  }
}

/** Findings in at least half of the model's runs, in the words of the first of them. */
async function modelFindings(spec: ModelSpec, runs: readonly StudyRun[]): Promise<string[]> {
  const { findingNotes, judgedRun } = await import("../../lab/report/judges/judges.js");
  const findings = runs.flatMap(({ evaluations, bestStep }) => {
    const { evaluation } = evaluations.find(({ step }) => step === bestStep) ?? evaluations.at(-1) ?? {};
    if (evaluation === undefined) return [];
    const [history, totalSteps] = [{ points: [], evaluations, bestStep }, evaluations.at(-1)?.step];
    return [judgedRun({ spec, history, evaluation, interrupted: false, totalSteps })];
  });
  const judges = new Set(findings.flat().map(({ judge }) => judge));
  return [...judges].flatMap((name) => {
    const ofRuns = findings.map((run) => run.filter(({ judge }) => judge === name)).filter(({ length }) => length > 0);
    if (2 * ofRuns.length < findings.length) return [];
    const share = `${ofRuns.length} of ${count(findings.length, "run")}`;
    return findingNotes(ofRuns[0]!).map((note) => `the model, in ${share}: ${note}`);
  });
}

function halvesNote({ settings, users }: StudyGround, rows: number): string[] {
  if (settings.earlyStopping === undefined) return [];
  const half = users === null ? "a random half" : "half of the users";
  return [
    `early stopping chose each run's evaluation on ${half} of the ${grouped(rows)} validation rows; the other half compares, so that the choice costs no bias`,
  ];
}

/** The length for separate models of some domains' rows. */
function lengthNote({ model, variants }: Design, { settings }: StudyGround, rows: number): string[] {
  if (!variants.some(({ spec }) => spec.baseline?.kind === "apart")) return [];
  const steps = count(planSteps(model.spec.training, rows).totalSteps, "step");
  const most = `at most ${steps}, as many as on all rows`;
  if (settings.ownLength !== undefined)
    return [
      `validation rows chose the length of every training in each domain, for one half of them by the other: ${most}`,
    ];
  if (settings.earlyStopping !== undefined)
    return [`early stopping chose the length of separate models on their domains' rows: ${most}`];
  return [
    `every training took ${steps}, as many as on all rows: separate models passed their rows more often, and may have learned them by heart; with earlyStopping validation rows choose the length`,
  ];
}

async function fittedDesign(design: Design, train: Dataset): Promise<Design> {
  const variants = design.variants.map(async (each) => ({ ...each, spec: await fittedSpec(each.spec, train) }));
  return { ...design, variants: await Promise.all(variants) };
}

async function studyGround(
  design: Design,
  { train, validation, users }: Awaited<ReturnType<typeof studyRows>>,
  options: StudyRequest,
): Promise<StudyGround> {
  const { noStore, runStore } = await import("../../lab/ablation/run-store.js");
  const { earlyStopping, evaluationsPerEpoch, ownLength } = options;
  const specs = [design.model, ...design.variants].map(({ spec }) => spec);
  const place = await studyLanes(specs, options);
  const { engine, threads, lanes } = place;
  const { seeds, stops } = chooseSeeds(options);
  const runs = { variants: specs.length, seeds: stops ? 1 : seeds!.length };
  return {
    users,
    rowsFor: async (variant) => ({ train: await train.encode(variant), validation: await validation.encode(variant) }),
    openEngine: (variant, group) => openEngine(variant, { engine, threads, seed: variant.training.seed, place: group }),
    groupFor: async (variant) => {
      const group = await variantGroup(variant, place);
      return group && { ...group, size: evenSize(group.size, lanes, runs) };
    },
    ...place,
    settings: {
      draws: options.draws ?? DEFAULT_DRAWS,
      evaluationsPerEpoch,
      ownLength,
      earlyStopping: earlyStopping === true ? {} : earlyStopping || undefined,
    },
    store: options.cache === false ? noStore : runStore(),
  };
}

function withRunReports({ onRun }: AblationOptions, watcher: AblationWatcher): AblationWatcher {
  if (onRun === undefined) return watcher;
  let [done, planned] = [0, 0];
  return {
    ...watcher,
    planned(runs) {
      planned = runs;
      watcher.planned?.(runs);
    },
    finished(run) {
      watcher.finished?.(run);
      done++;
      onRun({ variant: run.variant.name, seed: run.seed, kept: run.kept, done, planned });
    },
  };
}

function chooseSeeds({ seeds, budget }: AblationOptions): Pick<StudyPlan, "seeds" | "stops"> {
  if (typeof seeds === "number") return { seeds: firstSeeds(seeds), stops: false };
  if (isSeedLimit(seeds)) return { seeds: firstSeeds(seeds.atMost), stops: true };
  if (seeds !== undefined) return { seeds, stops: false };
  if (budget !== undefined) return { seeds: null, stops: true };
  return { seeds: firstSeeds(DEFAULT_MOST_SEEDS), stops: true };
}

function chooseExtraSeeds({ seeds, modelSeeds }: AblationOptions): number[] | undefined {
  if (modelSeeds === undefined) return undefined;
  const pairs = typeof seeds === "number" ? firstSeeds(seeds) : (seeds as readonly number[]);
  const last = Math.max(...pairs);
  return firstSeeds(modelSeeds - pairs.length).map((seed) => last + seed);
}

function firstSeeds(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at + 1);
}

async function studyRows(spec: ModelSpec, data: Dataset, { validation, user }: AblationOptions) {
  const { seed } = spec.training;
  const sets =
    validation === undefined
      ? await data.split(
          { train: 9, validation: 1 },
          { by: data.table.roles.time === undefined ? "random" : "time", seed, leaks: null },
        )
      : { train: data, validation: await dataset(validation) };
  const note = `no validation data given: ${heldOutWords(sets.validation, seed)} held out for all variants`;
  const compared = asEvaluated(spec, { ...sets, notes: validation === undefined ? [note] : [] });
  const users = await resolveUsers(spec, compared.validation.table, user);
  return { ...compared, users: users.column, notes: [...compared.notes, ...users.notes] };
}

/**
 * The size of groups with which a study finishes soonest, at most `most`: a step takes a variant a quarter less time in
 * a large group than alone, but lanes without a group wait.
 */
export function evenSize(
  most: number,
  lanes: number,
  runs: { readonly variants: number; readonly seeds: number },
): number {
  const { variants, seeds } = runs;
  const time = (groups: number) => Math.ceil((groups * seeds) / lanes) * ((3 * variants) / groups + 1);
  let best = Math.ceil(variants / Math.max(1, most));
  for (let groups = best + 1; groups <= variants; groups++) if (time(groups) < time(best)) best = groups;
  return Math.ceil(variants / best);
}
