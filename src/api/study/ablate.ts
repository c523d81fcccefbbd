import { availableParallelism } from "node:os";
import type { AblationWatcher, StudyPlan } from "../../ablation/ablate.js";
import type { Design } from "../../ablation/design.js";
import type { PlanReport, StudyGround } from "../../ablation/study.js";
import type { EngineName } from "../../engine/engine.js";
import { assertThreads } from "../../engine/threads.js";
import { SpecError } from "../../errors/index.js";
import { notebookDisplay, noteSeed } from "../../port/notebook.js";
import { needsFit } from "../../spec/feature/fit.js";
import { modelSize } from "../../spec/memory.js";
import type { ModelSpec } from "../../spec/model.js";
import { assertValid } from "../../spec/validate/model.js";
import { didYouMean } from "../../util/near.js";
import { grouped } from "../../util/text.js";
import { availableMemory } from "../../util/turns.js";
import type { Dataset, DatasetSource } from "../data/dataset.js";
import { fittedSpec } from "../data/held-out.js";
import { dataset, resolveUsers } from "../data/open.js";
import { resolveSettings } from "../training/advice.js";
import { openEngine } from "../training/engines.js";
import { liveStudy } from "./live.js";
import { Study } from "./study.js";
import { type AblationOptions, type AsModel, type SeedLimit, type StudyRequest, wantedVariants } from "./variants.js";

/** Upper limits far beyond any useful study: larger numbers are mistakes that would take hours or all memory. */
const MOST = { parallel: 1000, draws: 100_000, seeds: 10_000 } as const;

/** @throws SpecError for options that are missing, invalid, or exclude each other */
export function checkOptions(options: StudyRequest): void {
  checkDesign(options);
  const { level, threads, parallel, draws } = options;
  if (level !== undefined && !(level > 0.5 && level < 1)) {
    const expected = "a probability between 0.5 and 1, such as 0.95";
    throw new SpecError({ path: "ablate.level", message: "not a valid level", received: String(level), expected });
  }
  checkMatters(options);
  assertThreads(threads, "ablate.threads");
  for (const [name, value] of Object.entries({ parallel, draws })) checkCount(name, value, MOST[name as "parallel"]);
  checkSeeds(options);
}

function checkCount(name: string, value: number | undefined, most: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value > 0 && value <= most)) return;
  const expected = `a whole number from 1 to ${grouped(most)}`;
  throw new SpecError({ path: `ablate.${name}`, message: "not a valid count", received: String(value), expected });
}

function checkSeeds({ seeds, design }: StudyRequest): void {
  if (typeof seeds === "number") checkCount("seeds", seeds, MOST.seeds);
  if (isSeedLimit(seeds)) checkSeedLimit(seeds, design);
  if (Array.isArray(seeds) && (seeds.length === 0 || new Set(seeds).size < seeds.length)) {
    throw new SpecError({
      path: "ablate.seeds",
      message: "must be a non-empty list without duplicates",
      received: JSON.stringify(seeds),
      expected: "[1, 2, 3]",
    });
  }
}

function checkSeedLimit(limit: SeedLimit, design: AblationOptions["design"]): void {
  if (Object.keys(limit).join() !== "atMost") {
    throw new SpecError({
      path: "ablate.seeds",
      message: "a limit of seeds is { atMost }",
      received: JSON.stringify(limit),
      expected: "{ atMost: 20 }, a number, or a list of seeds",
    });
  }
  checkCount("seeds.atMost", limit.atMost ?? Number.NaN, MOST.seeds);
  if (design !== "halving") return;
  throw new SpecError({
    path: "ablate.seeds",
    message: "halving stops variants by its rounds, not by looks",
    received: `design "halving", seeds ${JSON.stringify(limit)}`,
    fix: `seeds: ${limit.atMost}, or another design`,
  });
}

/** @throws SpecError for an empty list, a repeated tower, or one that the model lacks */
export function checkTasks(tasks: AblationOptions["tasks"], spec: ModelSpec): void {
  if (tasks === undefined) return;
  const towers = spec.towers.map(({ name }) => name);
  const expected = `a list of ${towers.map((name) => JSON.stringify(name)).join(", ")}`;
  if (!Array.isArray(tasks) || tasks.length === 0 || new Set(tasks).size < tasks.length) {
    const message = "must be a non-empty list of towers without duplicates";
    throw new SpecError({ path: "ablate.tasks", message, received: JSON.stringify(tasks), expected });
  }
  const unknown = tasks.filter((name) => !towers.includes(name));
  if (unknown.length === 0) return;
  throw new SpecError(
    unknown.map((name) => ({
      path: "ablate.tasks",
      message: "unknown tower",
      received: JSON.stringify(name),
      expected,
      fix: didYouMean(String(name), towers),
    })),
  );
}

export function isSeedLimit(seeds: AblationOptions["seeds"]): seeds is SeedLimit {
  return typeof seeds === "object" && seeds !== null && !Array.isArray(seeds);
}

function checkMatters({ matters }: StudyRequest): void {
  const values = typeof matters === "object" && matters !== null ? Object.entries(matters) : [["", matters] as const];
  for (const [metric, value] of values) {
    if (value === undefined || (typeof value === "number" && Number.isFinite(value) && value > 0)) continue;
    throw new SpecError({
      path: metric === "" ? "ablate.matters" : `ablate.matters.${metric}`,
      message: "not a difference that could matter",
      received: String(value),
      expected: "a positive number, such as 0.002",
    });
  }
}

function checkDesign({ variants, design, budget, halving }: StudyRequest): void {
  if (variants === undefined) {
    throw new SpecError({
      path: "ablate.variants",
      message: "variants are required",
      expected: 'model.ablate(data, { variants: { "epnet.gamma": [1, 4] } })',
    });
  }
  if (design === "halving" && budget !== undefined) {
    throw new SpecError({
      path: "ablate",
      message: "halving and a budget exclude each other",
      received: `design "halving", budget ${JSON.stringify(budget)}`,
      fix: "remove one of them; halving has no time limit",
    });
  }
  if (halving !== undefined && design !== "halving") {
    throw new SpecError({ path: "ablate.halving", message: "these settings need halving", fix: 'design: "halving"' });
  }
}

const DEFAULT_DRAWS = 200;
const DEFAULT_MOST_SEEDS = 8;
const DEFAULT_HALVING_SEEDS = 5;
const DEFAULT_GATE_ROWS = 1000;
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

export async function prepareStudy(
  spec: ModelSpec,
  asModel: AsModel,
  source: DatasetSource,
  options: StudyRequest,
): Promise<PreparedStudy> {
  checkOptions(options ?? {});
  checkTasks(options.tasks, spec);
  const { designOf } = await import("../../ablation/design.js");
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
    plan: studyPlan(design, rows.train, options),
    ground,
    opening: [...rows.notes, ...chosen, ...halvesNote(ground, rows.validation.rows)],
    trainRows: rows.train.rows,
  };
}

export async function runStudy(
  { plan, ground, opening, trainRows }: PreparedStudy,
  options: AblationOptions,
  registered: PlanReport | null,
): Promise<Study> {
  const { ablate } = await import("../../ablation/ablate.js");
  for (const seed of plan.seeds ?? []) noteSeed("ablate", seed);
  const notes = [...opening, ...plan.design.notes];
  const live = options.quiet ? null : await liveStudy(plan.design, ground.lanes, trainRows, notes);
  try {
    const report = await ablate(plan, ground, withRunReports(options, live?.watcher ?? {}));
    const study = new Study({ ...report, plan: registered, notes: [...opening, ...report.notes] });
    await live?.finish(study);
    return study;
  } catch (error) {
    live?.fail(error);
    throw error;
  }
}

function halvesNote({ settings, users }: StudyGround, rows: number): string[] {
  if (settings.earlyStopping === undefined) return [];
  const half = users === null ? "a random half" : "half of the users";
  return [
    `early stopping chose each run's evaluation on ${half} of the ${grouped(rows)} validation rows; the other half compares, so that the choice costs no bias`,
  ];
}

async function fittedDesign(design: Design, train: Dataset): Promise<Design> {
  const variants = design.variants.map(async (variant) => ({
    ...variant,
    spec: await fittedSpec(variant.spec, train),
  }));
  return { ...design, variants: await Promise.all(variants) };
}

function studyPlan(design: Design, train: Dataset, options: StudyRequest): StudyPlan {
  return {
    design,
    ...chooseSeeds(options),
    halving: options.design === "halving" ? (options.halving ?? {}) : null,
    budget: options.budget ?? null,
    tasks: options.tasks,
    metric: options.metric,
    matters: options.matters,
    level: options.level ?? DEFAULT_LEVEL,
    trainRows: train.rows,
  };
}

async function studyGround(
  design: Design,
  { train, validation, users }: StudyRowSets,
  options: StudyRequest,
): Promise<StudyGround> {
  const { noStore, runStore } = await import("../../ablation/run-store.js");
  const { defaultEngine } = await import("../../engine/default-engine.js");
  const { engine = defaultEngine().name, threads = 1, earlyStopping, evaluationsPerEpoch } = options;
  return {
    users,
    rowsFor: async (variant) => ({
      train: await train.encode(variant),
      validation: await validation.encode(variant),
    }),
    openEngine: (variant) => openEngine(variant, { engine, threads, seed: variant.training.seed }),
    engine,
    threads,
    lanes: options.parallel ?? lanesFor(design, engine, threads),
    settings: {
      draws: options.draws ?? DEFAULT_DRAWS,
      gateRows: chooseGateRows(options),
      evaluationsPerEpoch,
      earlyStopping: earlyStopping === true ? {} : earlyStopping || undefined,
    },
    store: options.cache === false ? noStore : runStore(),
    signal: options.signal ?? notebookDisplay()?.signal(),
  };
}

function withRunReports({ onRun }: AblationOptions, watcher: AblationWatcher): AblationWatcher {
  if (onRun === undefined) return watcher;
  let [done, planned] = [0, 0];
  return {
    ...watcher,
    round() {
      done = 0;
      watcher.round?.();
    },
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

function chooseSeeds({ seeds, budget, design }: AblationOptions): Pick<StudyPlan, "seeds" | "stops"> {
  if (typeof seeds === "number") return { seeds: firstSeeds(seeds), stops: false };
  if (isSeedLimit(seeds)) return { seeds: firstSeeds(seeds.atMost), stops: true };
  if (seeds !== undefined) return { seeds, stops: false };
  if (budget !== undefined) return { seeds: null, stops: true };
  const halving = design === "halving";
  return { seeds: firstSeeds(halving ? DEFAULT_HALVING_SEEDS : DEFAULT_MOST_SEEDS), stops: !halving };
}

function firstSeeds(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at + 1);
}

function chooseGateRows({ gates = true }: AblationOptions): number {
  if (typeof gates === "object") return gates.rows;
  return gates ? DEFAULT_GATE_ROWS : 0;
}

interface StudyRowSets {
  readonly train: Dataset;
  readonly validation: Dataset;
  readonly users: StudyGround["users"];
  readonly notes: readonly string[];
}

async function studyRows(spec: ModelSpec, data: Dataset, options: AblationOptions): Promise<StudyRowSets> {
  const sets = await studySets(spec, data, options);
  const users = await resolveUsers(spec, sets.validation.table, options.user);
  return { ...sets, users: users.column, notes: [...sets.notes, ...users.notes] };
}

async function studySets(
  spec: ModelSpec,
  data: Dataset,
  { validation }: AblationOptions,
): Promise<Omit<StudyRowSets, "users">> {
  if (validation !== undefined) return { train: data, validation: await dataset(validation), notes: [] };
  const { seed } = spec.training;
  const split = await data.split({ train: 9, validation: 1 }, { seed, leaks: null });
  const rows = grouped(split.validation.rows);
  const note = `no validation data given: a random 10% of the rows (${rows}, seed ${seed}) was held out for all variants`;
  return { ...split, notes: [note] };
}

/** Bytes per embedding weight during training: the weight, and up to two optimiser slots. */
const BYTES_PER_EMBEDDING = 12;

/** One run per core; fewer if their embeddings would fill half of the memory, or engines share the main thread. */
function lanesFor({ model, variants }: Design, engine: EngineName, threads: number): number {
  if (engine !== "compiled") return 1;
  const largest = Math.max(...[model, ...variants].map(({ spec }) => modelSize(spec).embeddingParameters));
  const byMemory = Math.floor(availableMemory() / 2 / (largest * BYTES_PER_EMBEDDING + 1));
  return Math.max(1, Math.min(Math.floor(availableParallelism() / threads), byMemory));
}
