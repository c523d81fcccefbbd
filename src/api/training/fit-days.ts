/** `model.fitDays(log)`: trains up to a day, measures on the next, and continues. */
import type { EncodedRows } from "../../core/data/encoded/streamed.js";
import type { Periods } from "../../core/data/periods.js";
import { durationMillis, writtenDuration } from "../../core/data/table/duration.js";
import { DataError } from "../../core/errors/index.js";
import type { ModelSpec } from "../../core/spec/model.js";
import type { OnNonFinite } from "../../core/train/loop/faulty-steps.js";
import type { UserColumn } from "../../core/train/measure/task-rows.js";
import { dayMillis, hourMillis } from "../../core/util/epoch.js";
import { type SignalOptions, uninterrupted, withSignal } from "../../core/util/interrupt.js";
import { count } from "../../core/util/text.js";
import type { DayPlan } from "../../lab/days/plan.js";
import type { TrainedDays } from "../../lab/days/train-days.js";
import { type Dataset, type DatasetSource, dataset, resolveUsers } from "../data/dataset.js";
import type { UserOptions } from "../run/options.js";
import { type CheckpointOptions, checkpointOptions } from "./checkpoints.js";
import { DailyTraining } from "./daily-training.js";
import { type EngineChoice, openEngine } from "./engines.js";
import { type PartProgress, partProgress } from "./part-progress.js";
import { type PartCall, partSpec, resolvedPartSpec } from "./part-spec.js";
import { firstEngine, partTrainer } from "./part-trainer.js";

/** Options of {@link Model.fitDays}. `U`: columns, and features that read one. */
export interface FitDaysOptions<U extends string = string> extends EngineChoice, UserOptions<U>, SignalOptions {
  /** The period between two trainings: `"1d"` (default), `"12h"` or `"1w"`. Days begin at midnight of the role zone. */
  readonly every?: string;
  /** The first training uses this much of the log, in whole periods; the next period is the first to be measured. Default: `"7d"`. */
  readonly start?: string;
  /**
   * Before each period, trains afresh on this much of the preceding log: one length, or several to compare, such as
   * `["1d", "3d", "7d"]`. Ageing is measured with the longest that is at most `start`. Default: `start`. `null`: none.
   */
  readonly window?: string | readonly string[] | null;
  /** Passes of each training over its rows. Default: the model's epochs, or 1. */
  readonly epochs?: number;
  readonly seed?: number;
  /** A smaller difference of AUC or log loss does not matter. Default: 0.001. */
  readonly matters?: number;
  /**
   * Saves the run of each training in a folder of this folder, such as `start`, `warm-2024-05-06` and
   * `afresh-7d-2024-05-06`; `{ folder, existing: "resume" }` continues where an earlier call ended.
   */
  readonly checkpoints?: string | CheckpointOptions;
  /** A step whose loss is not finite: `stop` (default) with an error, or `skip`. */
  readonly onNonFinite?: OnNonFinite;
  /** Called after each measured period. */
  readonly onDay?: (report: MeasuredDay) => void;
  readonly quiet?: boolean;
}

/** A report of a measured period. */
export interface MeasuredDay {
  readonly day: string;
  /** Measured periods so far. */
  readonly done: number;
  readonly planned: number;
}

const defaults = { every: "1d", start: "7d", matters: 0.001 } as const;
const call: PartCall = {
  name: "fitDays",
  differs: "days have different numbers of rows",
  compared: "days",
  fix: "model.fitDays(log, { epochs: 1 })",
  first: "the first training",
};

/** Trains day by day; see `Model.fitDays`. */
export function fitDays(spec: ModelSpec, source: DatasetSource, options: FitDaysOptions = {}): Promise<DailyTraining> {
  return withSignal(options.signal, () => trainByDay(spec, source, options));
}

async function trainByDay(
  described: ModelSpec,
  source: DatasetSource,
  options: FitDaysOptions,
): Promise<DailyTraining> {
  const model = partSpec(described, { ...defaults, ...options }, call);
  const log = await dataset(source);
  const plan = await dayPlan(log, options);
  const first = await firstRows(log, plan);
  const { spec, notes } = await resolvedPartSpec(model, first, options, call);
  const users = await resolveUsers(spec, log.table, options.user);
  const rows = await log.encode(spec);
  const saving = checkpointOptions(options.checkpoints);
  const choice = { ...(await firstEngine(spec, saving, "start", options)), seed: spec.training.seed, prepare: true };
  const engine = await openEngine(spec, choice);
  const { names } = plan.periods;
  const begin = `training on ${names[0]} to ${names[plan.start - 1]}`;
  const progress = partProgress(begin, [...log.carriedNotes, ...notes], options.quiet);
  try {
    const { trainDays } = await import("../../lab/days/train-days.js");
    const train = partTrainer(engine, saving, options, (text) => notes.push(text));
    const onDay = dayReporter(plan, progress, options);
    const trained = await trainDays({ plan, engine, rows, train, onDay });
    const results = () => dailyTraining({ spec, plan, trained, rows, users, log, notes }, options);
    // What was measured before an interrupt is the result.
    const result = await (trained.interrupted ? uninterrupted(results) : results());
    await progress.finish(result);
    return result;
  } finally {
    await engine.dispose();
  }
}

interface TrainedLog {
  readonly spec: ModelSpec;
  readonly plan: DayPlan;
  readonly trained: TrainedDays;
  readonly rows: EncodedRows;
  readonly users: Awaited<ReturnType<typeof resolveUsers>>;
  readonly log: Dataset;
  readonly notes: readonly string[];
}

async function dailyTraining(
  { spec, plan, trained, rows, users, log, notes }: TrainedLog,
  { matters = defaults.matters }: FitDaysOptions,
): Promise<DailyTraining> {
  const { dayReport, domainDays } = await import("../../lab/days/report.js");
  const { dayNotes } = await import("../../lab/days/notes.js");
  const unit = plan.periods.millis === dayMillis ? "day" : "period";
  const units = { users: users.column, items: await itemColumn(log) };
  const before = await domainDays({ spec, plan, rows });
  const facts = await dayReport({ spec, plan, trained, rows, before, ...units, unit, matters });
  const later = dayNotes(facts, { plan, trained, before, training: spec.training });
  const all = [...facts.sentences, ...log.carriedNotes, ...notes, ...users.notes, ...encodingNotes(rows), ...later];
  return new DailyTraining(facts, [...new Set(all)]);
}

/** The codes of the column with the role of the item. */
async function itemColumn({ table }: Dataset): Promise<UserColumn | null> {
  const { item } = table.roles;
  if (item === undefined) return null;
  const { userCodes } = await import("../../core/data/summary/row-groups.js");
  return { name: item, codes: userCodes(item, (await table.read([item])).get(item)!) };
}

function encodingNotes(rows: EncodedRows): readonly string[] {
  return (rows.notes ?? []).map((note) => `log: ${note}`);
}

/** Throws a DataError for durations that do not fit the log or each other. */
async function dayPlan(log: Dataset, options: FitDaysOptions): Promise<DayPlan> {
  const { every = defaults.every, start = defaults.start, window = start } = options;
  const { tablePeriods } = await import("../../core/data/periods.js");
  const { planDays } = await import("../../lab/days/plan.js");
  const length = durationMillis(every, "fitDays.every");
  const startPeriods = wholePeriods("fitDays.start", start, every, length);
  const texts = window === null ? [] : typeof window === "string" ? [window] : window;
  if (!Array.isArray(texts)) durationMillis(window as string, "fitDays.window");
  const windows = texts.map((text) => {
    return { text: String(text), periods: wholePeriods("fitDays.window", text, every, length) };
  });
  const distinct = windows.filter(({ periods }, at) => windows.findIndex((each) => each.periods === periods) === at);
  const periods = await tablePeriods(log.table, every, "fitDays");
  assertLongEnough(periods, startPeriods, every, start);
  return planDays(periods, startPeriods, distinct);
}

function wholePeriods(place: string, text: string, every: string, length: number): number {
  const periods = durationMillis(text, place) / length;
  if (Number.isInteger(periods)) return periods;
  const nearest = Math.max(1, Math.round(periods));
  throw new DataError({
    path: place,
    message: `not a whole number of periods of ${every}`,
    received: text,
    expected: `a multiple of ${every}`,
    fix: `${place.split(".").at(-1)}: "${writtenDuration(nearest * length)}"`,
  });
}

function assertLongEnough(
  { names, millis, rows, spanMillis }: Periods,
  start: number,
  every: string,
  startText: string,
): void {
  const total = names.length;
  if (total < 2) {
    throw new DataError({
      path: "fitDays",
      message: `the log has rows on one period of ${every} only, so there is no next one to measure`,
      received: names.join(),
      expected: "at least two periods",
      fix: shorterPeriods(spanMillis),
    });
  }
  if (start < total) {
    if (rows.slice(0, start).some(({ length }) => length > 0)) return;
    throw new DataError({ path: "fitDays.start", message: "the first training has no rows", received: startText });
  }
  throw new DataError({
    path: "fitDays.start",
    message: "the first training would see the whole log, and nothing would be left to measure",
    received: `${startText}, of a log from ${names[0]} to ${names.at(-1)} (${count(total, "period")} of ${every})`,
    expected: `less than ${writtenDuration(total * millis)}`,
    fix: `start: "${writtenDuration(Math.max(1, Math.floor(total / 2)) * millis)}"`,
  });
}

function shorterPeriods(span: number): string {
  const every = [6 * hourMillis, hourMillis, 600_000, 60_000].find((millis) => span >= 3 * millis);
  return every === undefined
    ? "a log of more days"
    : `every: "${writtenDuration(every)}", start: "${writtenDuration(every)}"`;
}

async function firstRows(log: Dataset, { periods, start }: DayPlan): Promise<Dataset> {
  const { rowsBetween } = await import("../../lab/days/plan.js");
  return dataset(log.table.take(rowsBetween(periods, 0, start)));
}

/** Reports each measured day. */
function dayReporter({ periods, start }: DayPlan, { show }: PartProgress, { onDay }: FitDaysOptions) {
  const total = periods.names.length - start;
  return (day: number): void => {
    const report = { day: periods.names[day]!, done: day - start + 1, planned: total };
    onDay?.(report);
    show(`${report.day}: measured, ${report.done} of ${report.planned}`);
  };
}
