/** Finds why a loss is not finite: rows with non-finite or the largest logits. The engine has skipped the step. */
import type { Batch, FeatureColumn } from "../../data/encoded/encoded.js";
import type { Engine, StepResult, TowerOutput } from "../../engine/engine.js";
import { TrainError } from "../../errors/index.js";

/** What to do at a step with a non-finite loss: stop with an error, or skip the step and continue. */
export type OnNonFinite = "stop" | "skip";

export const mostSkippedInARow = 50;

export async function nonFiniteError(
  engine: Engine,
  batch: Batch,
  result: StepResult,
  step: number,
): Promise<TrainError> {
  const bad = Object.entries({ ...result.taskLosses, loss: result.loss }).find(([, loss]) => !Number.isFinite(loss))!;
  const rows = [...brokenColumns(batch), ...(await suspects(engine, batch))].slice(0, shownRows);
  return new TrainError({
    path: `step ${step}${rows[0] === undefined ? "" : `, row ${rows[0].row} of its ${batch.rows.length}`}`,
    message: "the loss is not a finite number; the step was skipped, so the weights are those before the step",
    received: [`${bad[0]} = ${bad[1]}`, ...rows.map(({ row, what }) => `row ${row}: ${what}`)].join("\n    "),
    expected: "finite losses",
    fix: 'lower the learning rate, clip gradients (train({ gradClipping: { max: 1 } })), correct or normalise the features named above, or skip such steps: fit(data, { onNonFinite: "skip" })',
  });
}

interface Suspect {
  readonly row: number;
  readonly what: string;
}

interface RowLogit {
  readonly row: number;
  readonly tower: string;
  readonly logit: number;
}

const shownRows = 3;
const shownFeatures = 4;

async function suspects(engine: Engine, batch: Batch): Promise<Suspect[]> {
  const worstByTask = (await engine.predict(batch)).map((output) => worstRows(output, batch.rows.length));
  const all = worstByTask.flat().sort((a, b) => size(b.logit) - size(a.logit));
  const rows = all.filter(({ row }, index) => all.findIndex((other) => other.row === row) === index);
  return rows.map((each) => ({ row: each.row, what: describe(each, batch) }));
}

function brokenColumns({ data, rows }: Batch): Suspect[] {
  return [...data.labels, ...data.sampleWeights].flatMap(([name, values]) => {
    const row = rows.findIndex((place) => !Number.isFinite(values[place]));
    return row < 0 ? [] : [{ row, what: `${name} = ${values[rows[row]!]}` }];
  });
}

function worstRows({ tower, logits }: TowerOutput, rows: number): RowLogit[] {
  const width = logits.length / rows;
  const worst = Array.from({ length: rows }, (_, row): RowLogit => {
    const values = logits.subarray(row * width, (row + 1) * width);
    return { row, tower, logit: values.reduce((a, b) => (size(b) > size(a) ? b : a), 0) };
  });
  return worst.sort((a, b) => size(b.logit) - size(a.logit)).slice(0, shownRows);
}

function size(value: number): number {
  return Number.isFinite(value) ? Math.abs(value) : Number.POSITIVE_INFINITY;
}

function describe({ row, tower, logit }: RowLogit, { data, rows }: Batch): string {
  const place = rows[row]!;
  const values = [...data.features].flatMap(([name, column]) => enteringNumbers(name, column, place));
  const largest = values.sort((a, b) => size(b.value) - size(a.value)).slice(0, shownFeatures);
  const features = largest.map(({ name, value }) => `${name} = ${Number(value.toPrecision(6))}`);
  return `logit of ${tower} = ${logit}${features.length > 0 ? `; largest inputs ${features.join(", ")}` : ""}`;
}

function enteringNumbers(name: string, column: FeatureColumn, row: number): { name: string; value: number }[] {
  if (column.kind === "ids") return [];
  if (column.kind === "dense") {
    const { dim, values } = column;
    const elements = [...values.subarray(row * dim, (row + 1) * dim)];
    return elements.map((value, index) => ({ name: dim === 1 ? name : `${name}[${index}]`, value }));
  }
  const weights = column.weights?.subarray(column.offsets[row], column.offsets[row + 1]) ?? [];
  return [...weights].map((value) => ({ name: `weight of ${name}`, value }));
}

export function skippedText(steps: number): string {
  return `${steps} ${steps === 1 ? "step was" : "steps were"} skipped because the loss was not a finite number`;
}

/** The largest explosion. */
export interface ExplodedGradients {
  readonly step: number;
  readonly norm: number;
  readonly median: number;
  readonly times: number;
}

const farAbove = 100;
/** The fewest norms to compare with, since the norms of the first steps fall fast. */
const fewest = 5;
const remembered = 50;

export class GradientWatch {
  exploded: ExplodedGradients | null = null;
  readonly #norms: number[] = [];

  take(step: number, norm: number): void {
    const median = medianOf(this.#norms);
    if (this.#norms.length >= fewest && !(norm <= farAbove * median)) {
      this.exploded = { ...(this.exploded ?? { step, norm, median }), times: (this.exploded?.times ?? 0) + 1 };
      return; // excluded from comparisons
    }
    this.#norms.push(norm);
    if (this.#norms.length > remembered) this.#norms.shift();
  }
}

export function explodedText({ step, norm, median, times }: ExplodedGradients): string {
  const [now, before] = [norm, median].map((value) => Number(value.toPrecision(3)));
  const often = times === 1 ? "" : `, and at ${times - 1} more of the measured steps`;
  return (
    `gradients exploded: their norm was ${now} at step ${step}, and its median before was ${before}${often}; ` +
    "to avoid it, clip gradients with train({ gradClipping: { max: 1 } }), lower the learning rate or use a warm-up"
  );
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
