/** The length of a training, which each half of the validation rows chooses for the other half in each domain. */
import type { ModelSpec } from "../../core/spec/model.js";
import type { Predictions } from "../../core/train/evaluate.js";
import {
  drawnUsers,
  type MeasuredColumns,
  rowsByDomain,
  spaceRows,
  type UserColumn,
} from "../../core/train/measure/task-rows.js";
import { everyRow } from "../../core/util/numbers.js";
import { permuting, random } from "../../core/util/random.js";
import { atOnce, inRuns, type Work } from "../../core/util/turns.js";
import { isBetterHigher, type StudyMetric, studyMetrics } from "./statistics/metric-draws.js";

/** Two parts of the rows, [rows] each, ascending. */
export interface Halves {
  readonly choosing: Int32Array;
  readonly comparing: Int32Array;
}

/** Splits rows at random, the same way in every study: whole users, or rows if there are fewer than two users. */
export function halvesOf(rows: number, users: UserColumn | null): Halves {
  return atOnce(halving(rows, users));
}

const runRows = 1 << 14;

export function* halving(rows: number, users: UserColumn | null): Work<Halves> {
  const unitOf = users === null ? null : drawnUsers(users);
  const units = new Set<number>();
  yield* inRuns(unitOf?.length ?? 0, runRows, (start, end) => {
    for (let row = start; row < end; row++) units.add(unitOf![row]!);
  });
  const isByRow = unitOf === null || units.size < 2;
  const names = isByRow ? everyRow(rows) : Int32Array.from(units);
  const order = yield* permuting(names.length, random(1).fork("early stopping"));
  const choosers = new Set<number>();
  const flags = new Uint8Array(isByRow ? rows : 0);
  yield* inRuns(Math.floor(names.length / 2), runRows, (start, end) => {
    for (let at = start; at < end; at++) {
      const name = names[order[at]!]!;
      if (isByRow) flags[name] = 1;
      else choosers.add(name);
    }
  });
  const [choosing, comparing] = [new Int32Array(rows), new Int32Array(rows)];
  let [chosen, compared] = [0, 0];
  yield* inRuns(rows, runRows, (start, end) => {
    for (let row = start; row < end; row++) {
      if (isByRow ? flags[row] === 1 : choosers.has(unitOf[row]!)) choosing[chosen++] = row;
      else comparing[compared++] = row;
    }
  });
  return { choosing: choosing.slice(0, chosen), comparing: comparing.slice(0, compared) };
}

/** How each training chooses its own length. */
export interface OwnLength {
  /** Training ends after this number of consecutive looks that are not the best for any task in any domain. */
  readonly patience: number;
  readonly metric: StudyMetric | undefined;
}

/** The predictions of a task for rows of a domain in one half, from the weights that are best on its rows in the other. */
interface Choice {
  readonly task: number;
  readonly choosing: Int32Array;
  readonly predicted: Int32Array;
  best: number | null;
}

/**
 * Keeps each domain's best predictions while a model trains: every row is predicted by weights that it did not choose. So
 * all validation rows compare, and a length does not depend on the rows of other domains.
 */
export class LengthChooser {
  readonly #choices: readonly Choice[];
  readonly #once: Uint8Array;
  #worse = 0;

  /**
   * @param isFirst by row: whether it is in the first half
   * @param predictions of all rows; those that are chosen are written into them
   */
  constructor(
    private readonly spec: ModelSpec,
    private readonly data: MeasuredColumns,
    isFirst: (row: number) => boolean,
    private readonly length: OwnLength,
    readonly predictions: readonly Predictions[],
  ) {
    this.#once = new Uint8Array(data.rows).fill(1);
    const domains = spec.domains === null ? [everyRow(data.rows)] : rowsByDomain(data, null, spec.domains.count);
    this.#choices = spec.towers.flatMap((tower, task) => {
      const space = new Set(spaceRows(tower, data));
      return domains.flatMap((rows) =>
        [true, false].map((half): Choice => {
          const choosing = rows.filter((row) => isFirst(row) === half && space.has(row));
          return { task, choosing, predicted: rows.filter((row) => isFirst(row) !== half), best: null };
        }),
      );
    });
  }

  /** Takes the predictions where they are the best so far. Returns whether training should go on. */
  look(predictions: readonly Predictions[], counts: boolean): boolean {
    let isBetter = false;
    for (const choice of this.#choices) {
      const value = this.#value(choice, predictions);
      if (choice.best !== null && (value === null || value <= choice.best)) continue;
      choice.best = value; // where it is never defined, the last weights predict
      isBetter ||= value !== null;
      this.#take(choice, predictions);
    }
    this.#worse = isBetter || !counts ? 0 : this.#worse + 1;
    return this.#worse < this.length.patience;
  }

  #take({ task, predicted }: Choice, predictions: readonly Predictions[]): void {
    const { numClass } = this.spec.towers[task]!;
    for (const name of ["probabilities", "logits"] as const) {
      const [from, to] = [predictions[task]![name], this.predictions[task]![name]];
      for (const row of predicted) for (let at = row * numClass; at < (row + 1) * numClass; at++) to[at] = from[at]!;
    }
  }

  /** Larger is better; `null`: not defined. */
  #value({ task, choosing: rows }: Choice, predictions: readonly Predictions[]): number | null {
    const tower = this.spec.towers[task]!;
    const { probabilities } = predictions[task]!;
    const labels = this.data.labels.get(tower.label)!;
    const metrics = studyMetrics(tower, { probabilities, labels, users: null, rows });
    const [metric, measure] = metrics.find(([name]) => name === this.length.metric) ?? metrics[0]!;
    const value = measure(this.#once);
    if (value === null || !Number.isFinite(value)) return null;
    return isBetterHigher(metric) ? value : -value;
  }
}
