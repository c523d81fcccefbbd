/** `model.launch(train, { domain })`: trains without a domain, and then starts it from each other one. */
import { type Problem, SpecError } from "../../core/errors/index.js";
import { listDomainNames, type ModelSpec, towersPerTask } from "../../core/spec/model.js";
import { checkNumber } from "../../core/spec/validate/checks.js";
import type { OnNonFinite } from "../../core/train/loop/faulty-steps.js";
import type { UserColumn } from "../../core/train/measure/task-rows.js";
import { type SignalOptions, uninterrupted, withSignal } from "../../core/util/interrupt.js";
import { count } from "../../core/util/text.js";
import type { LaunchTraining } from "../../lab/launch/facts.js";
import type { LaunchPlan } from "../../lab/launch/plan.js";
import type { LaunchEngine, TrainedLaunch } from "../../lab/launch/train-launch.js";
import { Dataset, type DatasetSource, dataset, resolveUsers } from "../data/dataset.js";
import { type AnyName, domainPlace, type Fixed } from "../names.js";
import type { UserOptions } from "../run/options.js";
import { type CheckpointOptions, checkpointOptions } from "./checkpoints.js";
import { DomainLaunch } from "./domain-launch.js";
import { type EngineChoice, openEngine } from "./engines.js";
import { assertClasses, type LaunchedRows, launchedRows } from "./launch-rows.js";
import { partProgress } from "./part-progress.js";
import { type PartCall, partSpec, resolvedPartSpec } from "./part-spec.js";
import { firstEngine, partTrainer } from "./part-trainer.js";

/** Options of `model.launch()`. `D`: domains; `U`: columns, and features that read one. */
export interface LaunchOptions<D extends string = AnyName, U extends string = string>
  extends EngineChoice,
    UserOptions<U>,
    SignalOptions {
  /** The domain that is left out and then launched, by its name or number. */
  readonly domain: Fixed<D> | number;
  /**
   * Numbers of the domain's first rows to train on, besides 0. Default: 300, 1,000, 3,000, 10,000 … and all rows that
   * are not used for measurement.
   */
  readonly rows?: readonly number[];
  /**
   * Rows of which those of the domain are measured. Default: the later half of its rows, or (without the role time) a
   * random half.
   */
  readonly validation?: DatasetSource;
  /**
   * The number of repetitions of all trainings on draws of the users (the bootstrap) and with other seeds; their spread
   * gives the noise of training. With fewer than 2, there are no intervals and no verdicts. Default: 5.
   */
  readonly draws?: number;
  /** Passes of each training over its rows. Default: the model's epochs, or 1. */
  readonly epochs?: number;
  readonly seed?: number;
  /** A domain's own tower pays where it gains this much AUC. Default: 0.002. */
  readonly matters?: number;
  /**
   * Saves the run of each training in a folder of this folder, such as `base`, `from-feed-300` and `draw-1-base`;
   * `{ folder, existing: "resume" }` continues where an earlier call ended.
   */
  readonly checkpoints?: string | CheckpointOptions;
  /** A step whose loss is not finite: `stop` (default) with an error, or `skip`. */
  readonly onNonFinite?: OnNonFinite;
  /** Called after each training. */
  readonly onTraining?: (training: LaunchTraining) => void;
  readonly quiet?: boolean;
}

const defaults = { draws: 5, matters: 0.002 } as const;

function callOf(domain: string): PartCall {
  return {
    name: "launch",
    differs: "trainings have different numbers of rows",
    compared: "starts",
    fix: `model.launch(train, { domain: ${JSON.stringify(domain)}, epochs: 1 })`,
    first: "the other domains",
  };
}

/** Launches a domain; see `Model.launch`. */
export function launch(spec: ModelSpec, source: DatasetSource, options: LaunchOptions): Promise<DomainLaunch> {
  return withSignal(options?.signal, () => launched(spec, source, options ?? ({} as LaunchOptions)));
}

async function launched(described: ModelSpec, source: DatasetSource, options: LaunchOptions): Promise<DomainLaunch> {
  const domain = launchedDomain(described, options);
  const name = listDomainNames(described)[domain]!;
  const call = callOf(name);
  const model = partSpec(described, { ...defaults, ...options }, call, optionProblems(options));
  const train = await dataset(source);
  const validation = options.validation === undefined ? null : await dataset(options.validation);
  const rows = await launchedRows(model, domain, train, validation);
  const base = new Dataset(train.table.take(rows.base), []);
  const { spec, notes } = await resolvedPartSpec(model, base, options, call);
  await assertClasses(spec, name, validation ?? train, rows.measured);
  const users = await resolveUsers(spec, train.table, options.user);
  const measuredUsers = validation === null ? users : await resolveUsers(spec, validation.table, options.user);
  const plan = await launchPlan(spec, domain, rows, users.column, options);
  const encoded = await train.encode(spec);
  const encoding = (encoded.notes ?? []).map((note) => `training data: ${note}`);
  const measured = validation === null ? encoded : await validation.encode(spec);
  const before = [...train.carriedNotes, ...notes, ...users.notes];
  const progress = partProgress(`training the domains other than ${name}`, before, options.quiet);
  const ofTrainings: string[] = [];
  const total = 1 + plan.draws;
  const request = {
    plan,
    rows: encoded,
    measured,
    open: engineOpener(spec, options, (text) => ofTrainings.push(text)),
    onTraining(training: LaunchTraining) {
      options.onTraining?.(training);
      progress.show(`${training.name}: trained, part ${training.draw + 1} of ${total}`);
    },
  };
  const { trainLaunch } = await import("../../lab/launch/train-launch.js");
  const trained = await trainLaunch(request);
  const results = (): Promise<DomainLaunch> =>
    domainLaunch(
      {
        spec,
        rows,
        plan,
        trained,
        users: measuredUsers.column,
        notes: [...before, ...encoding, ...ofTrainings],
        validation,
      },
      options,
    );
  // What was measured before an interrupt is the result.
  const result = await (trained.interrupted ? uninterrupted(results) : results());
  await progress.finish(result);
  return result;
}

/** Throws for a model without two domains, and for an unknown domain. */
function launchedDomain(spec: ModelSpec, { domain }: LaunchOptions): number {
  const names = listDomainNames(spec);
  if (names.length < 2 || towersPerTask(spec) < 2) {
    const isShared = names.length >= 2;
    throw new SpecError({
      path: "launch",
      message: isShared
        ? "all domains share the towers, so a domain has none of its own"
        : "a launch starts a domain from others, and the model has no two domains",
      received: isShared ? "sharedTowers: true" : names.length === 0 ? "no domains" : `the domain ${names[0]}`,
      expected: isShared ? "a tower for each domain" : "at least two domains",
      fix: isShared ? "model.switches({ sharedTowers: false })" : 'add .domains("scene", ["feed", "live"])',
    });
  }
  return domainPlace("launch", domain as string | number, names);
}

function optionProblems({ rows, draws = defaults.draws }: LaunchOptions): Problem[] {
  const problems = checkNumber("launch.draws", draws, { least: 0, integer: true });
  if (rows === undefined) return problems;
  if (!Array.isArray(rows) || rows.length === 0) {
    problems.push({
      path: "launch.rows",
      message: "no numbers of rows",
      received: JSON.stringify(rows) ?? String(rows),
      expected: "numbers of the domain's first rows",
      fix: "rows: [300, 1000, 3000]",
    });
    return problems;
  }
  return [
    ...problems,
    ...rows.flatMap((each: number) => checkNumber("launch.rows", each, { least: 1, integer: true })),
  ];
}

async function launchPlan(
  spec: ModelSpec,
  domain: number,
  { first, base, measured, starts }: LaunchedRows,
  users: UserColumn | null,
  { rows, draws = defaults.draws }: LaunchOptions,
): Promise<LaunchPlan> {
  const { launchSizes } = await import("../../lab/launch/plan.js");
  const asked = rows === undefined ? launchSizes(first.length) : [0, ...[...new Set(rows)].sort((a, b) => a - b)];
  const most = asked.at(-1)!;
  if (most > first.length) {
    throw new SpecError({
      path: "launch.rows",
      message: "the domain has fewer rows to train on",
      received: String(most),
      expected: `at most ${count(first.length, "row")}: the others are measured, or are no training rows`,
      fix: `rows: [${asked
        .filter((size) => size > 0 && size < first.length)
        .concat(first.length)
        .join(", ")}]`,
    });
  }
  const { seed } = spec.training;
  return { domain, starts, sizes: asked, base, first, measured, users: users?.codes ?? null, draws, seed };
}

/** Opens the engine of each draw, with a separate seed. Runs of draws are saved too, so that they are not trained again. */
function engineOpener(spec: ModelSpec, options: LaunchOptions, note: (text: string) => void) {
  const saving = checkpointOptions(options.checkpoints);
  let choice: EngineChoice | null = null;
  return async (draw: number): Promise<LaunchEngine> => {
    choice ??= await firstEngine(spec, saving, "base", options);
    const seed = spec.training.seed + draw;
    const seeded = draw === 0 ? spec : { ...spec, training: { ...spec.training, seed } };
    const engine = await openEngine(seeded, { ...choice, seed, prepare: true });
    return { engine, train: partTrainer(engine, saving, options, note) };
  };
}

interface LaunchedModel {
  readonly spec: ModelSpec;
  readonly rows: LaunchedRows;
  readonly plan: LaunchPlan;
  readonly trained: TrainedLaunch;
  /** Of the rows among which some were measured. */
  readonly users: UserColumn | null;
  readonly notes: readonly string[];
  readonly validation: Dataset | null;
}

async function domainLaunch(
  { spec, rows, plan, trained, users, notes, validation }: LaunchedModel,
  { matters = defaults.matters }: LaunchOptions,
): Promise<DomainLaunch> {
  const { largestShare, launchReport } = await import("../../lab/launch/report.js");
  const { launchNotes } = await import("../../lab/launch/notes.js");
  const order = rows.time === null ? "random" : "time";
  const report = await launchReport({ spec, plan, trained, users, order, matters });
  const later = launchNotes(report, {
    ...rows,
    seed: spec.training.seed,
    firstRows: rows.first.length,
    isValidation: validation !== null,
    batchSize: spec.training.batchSize!,
    largestShare: largestShare(plan, users),
    planned: { sizes: plan.sizes.length, draws: plan.draws },
  });
  const all = [...report.sentences, ...notes, ...trained.notes, ...later];
  return new DomainLaunch(report, [...new Set(all)]);
}
