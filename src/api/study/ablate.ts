import { availableParallelism } from "node:os";
import type { AblationWatcher, Design, PlanReport, StudyGround, StudyPlan } from "../../ablation/index.js";
import type { EngineName } from "../../engine/index.js";
import { notebookDisplay, noteSeed } from "../../port/index.js";
import { assertValid, type ModelSpec, modelSize, needsFit } from "../../spec/index.js";
import { availableMemory } from "../../util/available-memory.js";
import { grouped } from "../../util/text/format.js";
import { type Dataset, type DatasetSource, dataset, fittedSpec, resolveUsers } from "../data/index.js";
import { openEngine, resolveSettings } from "../training/index.js";
import { checkOptions, checkTasks, isSeedLimit } from "./checks.js";
import { liveStudy } from "./live.js";
import type { AblationOptions, StudyRequest } from "./options.js";
import { Study } from "./study.js";
import { type AsModel, wantedVariants } from "./variants.js";

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
  const { designOf } = await import("../../ablation/index.js");
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
  const { ablate } = await import("../../ablation/index.js");
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
  const { noStore, runStore } = await import("../../ablation/index.js");
  const { defaultEngine } = await import("../../engine/index.js");
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
