/** Trains the models of a day-by-day run one after the other on one engine, and predicts the days after each. */

import { copyRows } from "../../core/data/encoded/copies.js";
import { type EncodedRows, measuredColumns } from "../../core/data/encoded/streamed.js";
import type { Engine, EngineState } from "../../core/engine/engine.js";
import { isBinary } from "../../core/spec/model.js";
import { predict } from "../../core/train/evaluate.js";
import type { TrainPart } from "../../core/train/loop/part-training.js";
import { type MeasuredColumns, positiveScores } from "../../core/train/measure/task-rows.js";
import { isInterruption } from "../../core/util/interrupt.js";
import { type DayPlan, rowsBetween } from "./plan.js";

/** Steps of one training. */
export interface TrainingSteps {
  readonly name: string;
  readonly variant: string;
  /** The first and last period that it saw. */
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  readonly steps: number;
}

/** Positive scores of the binary tasks on the rows of a day, in their order; `null`: there is no such model. */
export type DayScores = readonly Float32Array[] | null;

/** The trainings and predictions so far. */
export interface TrainedDays {
  /** Periods before this one are measured: fewer than planned if it was interrupted. */
  readonly end: number;
  readonly trainings: readonly TrainingSteps[];
  /** Labels and domains of each measured period, by period. */
  readonly columns: ReadonlyMap<number, MeasuredColumns>;
  /** By variant and period. */
  readonly scores: readonly ReadonlyMap<number, DayScores>[];
  /** By age ≥ 1 (index 0 is age 1) and period: scores of the aged variant's earlier models. */
  readonly aged: readonly ReadonlyMap<number, DayScores>[];
  /** Trainings that had no batch of rows. */
  readonly skipped: readonly string[];
  readonly interrupted: boolean;
}

export interface DaysRequest {
  readonly plan: DayPlan;
  readonly engine: Engine;
  readonly rows: EncodedRows;
  readonly train: TrainPart;
  readonly onDay?: ((day: number) => void) | undefined;
}

/** @throws the signal's reason if interrupted before the first day is measured */
export async function trainDays(request: DaysRequest): Promise<TrainedDays> {
  const days = new DayTrainer(request);
  const { start, periods } = request.plan;
  const last = periods.names.length;
  for (let day = start; day < last; day++) {
    try {
      if (!(await days.train(day))) return days.result(day, true);
    } catch (error) {
      if (!isInterruption(error) || day === start) throw error;
      return days.result(day, true);
    }
    request.onDay?.(day);
  }
  return days.result(last, false);
}

class DayTrainer {
  readonly #trainings: TrainingSteps[] = [];
  readonly #columns = new Map<number, MeasuredColumns>();
  readonly #scores: readonly Map<number, DayScores>[];
  readonly #aged: readonly Map<number, DayScores>[];
  readonly #skipped: string[] = [];
  #initial: EngineState | null = null;
  #warm: EngineState | null = null;
  /** The last training of warm. */
  #warmName: string | null = null;

  constructor(private readonly request: DaysRequest) {
    const { variants, mostAge } = request.plan;
    this.#scores = variants.map(() => new Map());
    this.#aged = Array.from({ length: mostAge }, () => new Map());
  }

  result(end: number, interrupted: boolean): TrainedDays {
    const [columns, scores, aged] = [this.#columns, this.#scores, this.#aged];
    return { end, trainings: this.#trainings, columns, scores, aged, skipped: this.#skipped, interrupted };
  }

  /** Trains all variants up to the day before, and predicts the day; `false` if interrupted. */
  async train(day: number): Promise<boolean> {
    const { plan, engine } = this.request;
    this.#initial ??= await engine.state();
    const isFirst = day === plan.start;
    for (const [at, variant] of plan.variants.entries()) {
      if (variant.kind === "frozen") continue; // predicted with the first model
      const from = variant.kind === "warm" ? (isFirst ? 0 : day - 1) : Math.max(0, day - variant.window!);
      if (variant.kind === "afresh" && isFirst && from === 0) continue; // it is the first model
      const began = variant.kind === "warm" ? (this.#warm ?? this.#initial) : this.#initial;
      const steps = await this.#part(isFirst && from === 0 ? "start" : variant.name, variant.name, from, day, began);
      if (steps === null) return false;
      const isModel = steps > 0 || (variant.kind === "warm" && !isFirst);
      if (variant.kind === "warm") {
        if (steps > 0) this.#warm = await engine.state();
        else if (isModel) await engine.restore(this.#warm!);
      }
      if (variant.kind === "warm" && isFirst) await this.#firstModel(day);
      else await this.#predict(at, day, isModel);
    }
    return true;
  }

  /** Trains on the periods `from` … `to − 1`. Returns the steps: 0 without a batch of rows; `null` if interrupted. */
  async #part(label: string, variant: string, from: number, to: number, began: EngineState): Promise<number | null> {
    const { plan, engine, rows, train } = this.request;
    const numbers = rowsBetween(plan.periods, from, to);
    const { batchSize, dropRemainder } = engine.spec.training;
    const day = plan.periods.names[to - 1]!;
    const name = label === "start" ? label : `${label} ${day}`.replace(/[^\w.]+/g, "-");
    if (numbers.length === 0 || (dropRemainder && numbers.length < batchSize!)) {
      this.#skipped.push(name);
      return 0;
    }
    const data = await copyRows(rows, numbers);
    const isWarm = variant === "warm";
    const continues = isWarm ? this.#warmName : null;
    const steps = await train({ name, data, from: began, isUntrained: continues === null, continues });
    if (isWarm) this.#warmName = name;
    if (steps !== null) this.#trainings.push({ name, variant, from, to: to - 1, rows: data.rows, steps });
    return steps;
  }

  /** The first model is warm's, frozen's, and that of windows that reach back to the first row. */
  async #firstModel(day: number): Promise<void> {
    const { start, variants, aged, periods } = this.request.plan;
    const scores = new Map<number, DayScores>();
    for (let each = day; each < periods.names.length; each++) scores.set(each, await this.#scoresOf(each));
    for (const [at, { kind, window }] of variants.entries()) {
      if (kind === "afresh" && window! < start) continue;
      const days = kind === "frozen" ? scores : [[day, scores.get(day)!] as const];
      for (const [each, its] of days) this.#scores[at]!.set(each, its);
      if (at === aged) await this.#age(day, async (later) => scores.get(later)!);
    }
  }

  /** Predicts the day, and with an aged model the days after it. */
  async #predict(variant: number, day: number, isModel: boolean): Promise<void> {
    this.#scores[variant]!.set(day, isModel ? await this.#scoresOf(day) : null);
    if (isModel && variant === this.request.plan.aged) await this.#age(day, (later) => this.#scoresOf(later));
  }

  /** Predicts the days after the first of an aged model. */
  async #age(day: number, scoresOf: (later: number) => Promise<DayScores>): Promise<void> {
    for (const [index, scores] of this.#aged.entries()) {
      const later = day + index + 1;
      if (later < this.request.plan.periods.names.length) scores.set(later, await scoresOf(later));
    }
  }

  async #scoresOf(day: number): Promise<DayScores> {
    const { engine, rows, plan } = this.request;
    const data = await copyRows(rows, plan.periods.rows[day]!);
    if (!this.#columns.has(day)) this.#columns.set(day, withoutFeatures(await measuredColumns(data, new Set())));
    const outputs = data.rows === 0 ? null : await predict(engine, data);
    return engine.spec.towers.flatMap((tower, at) => {
      if (!isBinary(tower)) return [];
      return [outputs === null ? new Float32Array(0) : positiveScores(tower, outputs[at]!.probabilities)];
    });
  }
}

function withoutFeatures({ rows, labels, domains }: MeasuredColumns): MeasuredColumns {
  return { rows, labels, domains, features: new Map() };
}
