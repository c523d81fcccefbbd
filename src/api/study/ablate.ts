/** `model.ablate(data, { variants })`: opens the data, lays the study out, runs it under a live table, hands it back. */

import { availableParallelism } from "node:os";
import type {
  AblationWatcher,
  Design,
  HalvingOptions,
  SpecChange,
  StudyMetric,
  WantedVariant,
} from "../../ablation/index.js";
import type { EngineName } from "../../engine/engine.js";
import { assertThreads } from "../../engine/threads.js";
import { SpecError } from "../../errors/index.js";
import { notebookDisplay, noteSeed } from "../../port/index.js";
import { type ModelSpec, modelSize } from "../../spec/index.js";
import type { EarlyStopping } from "../../train/index.js";
import { availableMemory } from "../../util/available-memory.js";
import { grouped } from "../../util/format.js";
import { stringLiteral } from "../../util/text/code-text.js";
import { type Dataset, type DatasetSource, dataset } from "../data/dataset.js";
import { modelFromSpec } from "../model/model.js";
import type { AnyModel } from "../model/types.js";
import { openEngine } from "../training/engine.js";
import { liveStudy } from "./live.js";
import { Study } from "./study.js";

/** How a study is made. */
export interface AblationOptions {
  /** Rows that every variant is measured on. Default: a random tenth of the data, held out once for all variants. */
  readonly validation?: DatasetSource;
  /** How many (1, 2, …), or which. Default: 5; with a `budget`, as many as fit. Two or three can show large differences only. */
  readonly seeds?: number | readonly number[];
  /**
   * `grid`: every combination of the settings' values. `one-at-a-time`: each value alone. `halving`: a grid whose better
   * third trains on, three times as long, until few are left. Default: `grid`. A list of variants is taken as it is.
   */
  readonly design?: "grid" | "one-at-a-time" | "halving";
  /** Of `halving`. */
  readonly halving?: HalvingOptions;
  /** Plan the study to take so long: `"90s"`, `"10m"`, `"1.5h"` or seconds. What there is no time for is left out, and told. */
  readonly budget?: string | number;
  /** What variants are compared by, where a task has it. Default: AUC; log loss or squared error of other tasks. */
  readonly metric?: StudyMetric;
  /** Probability that all of the study's intervals cover together. Default: 0.95. */
  readonly level?: number;
  /** Id feature that says whose a row is: the bootstrap draws whole users. Default: a `grouped_auc`'s key, else rows. */
  readonly user?: string;
  /** Bootstrap draws of the validation rows. Default: 200. */
  readonly draws?: number;
  /** Stop each run when its validation AUC gets no better. `true`: patience 2. Chosen on the rows that are measured. */
  readonly earlyStopping?: boolean | EarlyStopping;
  /** Points of the curves. Default: about four in the run. */
  readonly evaluationsPerEpoch?: number;
  /** Look at the gates of each run, on so many rows. Default: true (1,000 rows). */
  readonly gates?: boolean | { readonly rows: number };
  /** Keep finished runs, and take them from there. Default: true. */
  readonly cache?: boolean;
  /** Default: `compiled`. */
  readonly engine?: EngineName;
  /** Of each run. Default: 1, which trains most in a given time; another number changes results in their last bits. */
  readonly threads?: number;
  /** Runs at once; results do not depend on it. Default: as many as there are cores for. */
  readonly parallel?: number;
  /** Aborts the study; what is done is compared. In a notebook an interrupt does this by itself. */
  readonly signal?: AbortSignal;
  /** Called when a run is done. */
  readonly onRun?: (run: StudyProgress) => void;
  /** No live table. */
  readonly quiet?: boolean;
}

/** A run that is done, and how far the study is. */
export interface StudyProgress {
  /** The variant's name. */
  readonly variant: string;
  /** The run's seed. */
  readonly seed: number;
  /** It was kept from before. */
  readonly kept: boolean;
  /** Runs done, of those planned: of this round, where a study halves. */
  readonly done: number;
  /** Runs planned: of this round, where a study halves. */
  readonly planned: number;
}

/** One variant of a list as it is written: settings by path, a change of one's own, a name. */
export type ListedVariant = Readonly<Record<string, unknown>>;

/** Lists of values by path, and functions by name; or a list of variants. */
export type WrittenVariants =
  | Readonly<Record<string, readonly unknown[] | ModelFunction | undefined>>
  | readonly ListedVariant[];

type ModelFunction = (model: never) => AnyModel;

const defaultDraws = 200;
const defaultSeeds = 5;
const defaultGateRows = 1000;

/** A study as it is asked for: its variants, and how they are trained and compared. */
export interface StudyRequest extends AblationOptions {
  readonly variants: WrittenVariants;
}

/** Runs a study; see `Model.ablate`. */
export async function ablateModel(spec: ModelSpec, source: DatasetSource, options: StudyRequest): Promise<Study> {
  if (options?.variants === undefined) {
    throw new SpecError({
      path: "ablate.variants",
      message: "variants are required",
      expected: 'model.ablate(data, { variants: { "epnet.gamma": [1, 4] } })',
    });
  }
  const { ablate, designOf, noStore, runStore } = await import("../../ablation/index.js");
  checkTogether(options);
  const design = designOf(spec, await wantedOf(options));
  const notes: string[] = [];
  const { train, validation } = await rowsFor(spec, source, options, notes);
  const seeds = seedsOf(options);
  for (const seed of seeds ?? []) noteSeed("ablate", seed);
  const threads = options.threads ?? 1;
  const engine = options.engine ?? "compiled";
  const lanes = options.parallel ?? lanesFor(design, engine, threads);
  const live = options.quiet ? null : await liveStudy(design, lanes, train.rows, [...notes, ...design.notes]);
  const signal = options.signal ?? notebookDisplay()?.signal();
  try {
    const report = await ablate(
      {
        design,
        seeds,
        halving: options.design === "halving" ? (options.halving ?? {}) : null,
        budget: options.budget ?? null,
        metric: options.metric,
        level: options.level ?? 0.95,
        trainRows: train.rows,
      },
      {
        rowsFor: async (variant) => ({
          train: await train.encode(variant),
          validation: await validation.encode(variant),
        }),
        openEngine: (variant) => openEngine(variant, { engine, threads, seed: variant.training.seed }),
        engine,
        threads,
        lanes,
        settings: {
          draws: options.draws ?? defaultDraws,
          gateRows: gateRowsOf(options),
          user: options.user,
          evaluationsPerEpoch: options.evaluationsPerEpoch,
          earlyStopping: options.earlyStopping === true ? {} : options.earlyStopping || undefined,
        },
        store: options.cache === false ? noStore : runStore(),
        signal,
      },
      told(options, live?.watcher ?? {}),
    );
    const study = new Study({ ...report, notes: [...notes, ...report.notes] });
    await live?.finish(study);
    return study;
  } catch (error) {
    live?.fail(error);
    throw error;
  }
}

/** The watcher, and whoever asked for every run. */
function told({ onRun }: AblationOptions, watcher: AblationWatcher): AblationWatcher {
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

/** Far beyond what a study can use: what is larger is a slip, and would take hours or all memory. */
const mostOf = { parallel: 1000, draws: 100_000, seeds: 10_000 } as const;

function checkTogether({ design, budget, halving, seeds, level, threads, parallel, draws }: AblationOptions): void {
  if (design === "halving" && budget !== undefined) {
    throw new SpecError({
      path: "ablate",
      message: "halving and a budget exclude each other",
      received: `design "halving", budget ${JSON.stringify(budget)}`,
      fix: "leave one out; halving takes the time that its rounds take",
    });
  }
  if (halving !== undefined && design !== "halving") {
    throw new SpecError({ path: "ablate.halving", message: "these settings need halving", fix: `design: "halving"` });
  }
  if (level !== undefined && !(level > 0.5 && level < 1)) {
    const expected = "a probability between 0.5 and 1, such as 0.95";
    throw new SpecError({ path: "ablate.level", message: "no level of confidence", received: String(level), expected });
  }
  assertThreads(threads, "ablate.threads");
  const counts = { parallel, draws, seeds: typeof seeds === "number" ? seeds : undefined };
  for (const [name, value] of Object.entries(counts)) {
    const most = mostOf[name as keyof typeof counts];
    if (value === undefined || (Number.isSafeInteger(value) && value > 0 && value <= most)) continue;
    const expected = `a whole number from 1 to ${grouped(most)}`;
    throw new SpecError({ path: `ablate.${name}`, message: "not a valid count", received: String(value), expected });
  }
  if (Array.isArray(seeds) && (seeds.length === 0 || new Set(seeds).size < seeds.length)) {
    const received = JSON.stringify(seeds);
    throw new SpecError({
      path: "ablate.seeds",
      message: "seeds are some, each once",
      received,
      expected: "[1, 2, 3]",
    });
  }
}

async function wantedOf({ variants: written, design = "grid" }: StudyRequest): Promise<WantedVariant[]> {
  const { wantedVariants } = await import("../../ablation/index.js");
  if (isList(written)) return written.map(listed);
  const entries = Object.entries(written).flatMap(([name, values]) =>
    values === undefined
      ? []
      : [[name, typeof values === "function" ? specChange(values) : valuesOf(name, values)] as const],
  );
  return wantedVariants(Object.fromEntries(entries), design === "one-at-a-time" ? design : "grid");
}

function isList(written: WrittenVariants): written is readonly ListedVariant[] {
  return Array.isArray(written);
}

function listed(variant: ListedVariant): WantedVariant {
  const { name, change, ...settings } = variant;
  return {
    settings,
    ...(name === undefined ? {} : { name: String(name) }),
    ...(change === undefined ? {} : { change: specChange(change as ModelFunction) }),
  };
}

function valuesOf(path: string, values: unknown): readonly unknown[] {
  if (Array.isArray(values)) return values;
  throw new SpecError({
    path: `ablate: ${path}`,
    message: "a setting's values are a list",
    received: JSON.stringify(values),
    expected: `{ ${stringLiteral(path)}: [${JSON.stringify(values)}] }`,
  });
}

/** A change of a model as one of its spec. */
function specChange(change: ModelFunction): SpecChange {
  return (spec) => (change as (model: AnyModel) => AnyModel | undefined)(modelFromSpec(spec))?.spec as ModelSpec;
}

function seedsOf({ seeds, budget }: AblationOptions): readonly number[] | null {
  if (typeof seeds === "object") return seeds;
  if (seeds === undefined && budget !== undefined) return null;
  return Array.from({ length: seeds ?? defaultSeeds }, (_, at) => at + 1);
}

function gateRowsOf({ gates = true }: AblationOptions): number {
  if (typeof gates === "object") return gates.rows;
  return gates ? defaultGateRows : 0;
}

async function rowsFor(
  spec: ModelSpec,
  source: DatasetSource,
  options: AblationOptions,
  notes: string[],
): Promise<{ train: Dataset; validation: Dataset }> {
  const data = await dataset(source);
  if (options.validation !== undefined) return { train: data, validation: await dataset(options.validation) };
  const { seed } = spec.training;
  const split = await data.split({ train: 9, validation: 1 }, { seed, leaks: null });
  const rows = grouped(split.validation.rows);
  notes.push(
    `no validation data given: a random tenth of the rows (${rows}, seed ${seed}) was held out for all variants`,
  );
  return split;
}

/** Bytes that training holds for an embedding: the weight, and up to two slots of its optimiser. */
const bytesPerEmbedding = 12;

/** One run a core; fewer where their embeddings would fill half of the memory, and where engines share this thread. */
function lanesFor({ model, variants }: Design, engine: EngineName, threads: number): number {
  if (engine !== "compiled") return 1;
  const largest = Math.max(...[model, ...variants].map(({ spec }) => modelSize(spec).embeddingParameters));
  const byMemory = Math.floor(availableMemory() / 2 / (largest * bytesPerEmbedding + 1));
  return Math.max(1, Math.min(Math.floor(availableParallelism() / threads), byMemory));
}
