/**
 * Conflicts of tasks and domains: norms and cosines of the gradients of their losses, in the parts of the model that
 * they share. Rows (or whole users) are divided into blocks. Only products of two different blocks count, since noise
 * within a block would lengthen norms and turn cosines. Intervals leave out one block at a time.
 */

import { copyRows } from "../../core/data/encoded/copies.js";
import type { EncodedData } from "../../core/data/encoded/encoded.js";
import type { EncodedRows } from "../../core/data/encoded/streamed.js";
import type { Gradients } from "../../core/engine/engine.js";
import type { ReadingEngine } from "../../core/engine/scaled-engine.js";
import { studentQuantile } from "../../core/metrics/distributions.js";
import type { Interval } from "../../core/metrics/intervals/bootstrap.js";
import { fewestForInterval } from "../../core/metrics/intervals/normal.js";
import { moduleParameters } from "../../core/nn/plan/parameters.js";
import { type Plan, planModel } from "../../core/nn/plan/plan.js";
import { listDomainNames, type ModelSpec } from "../../core/spec/model.js";
import { tableSizes } from "../../core/spec/sizes.js";
import type { StepPlan } from "../../core/train/loop/steps.js";
import { cellRows, drawnUsers, rowsByDomain, type UserColumn } from "../../core/train/measure/task-rows.js";
import { getOrMake, grown } from "../../core/util/growing.js";
import { dot, everyRow, mean, sum } from "../../core/util/numbers.js";
import { permutation, random } from "../../core/util/random.js";
import { fewestRows, fewRows } from "./audit-checks.js";
import { layerOf } from "./audit-layers.js";
import { type CounterfactualOptions, correctedIntervals } from "./counterfactual.js";
import { rowBatches, type Sample, sampleRows } from "./sample.js";
import type { Conflicts, Gap, GradientConflict } from "./types.js";

const mostBlocks = 32;
/** A squared norm counts if it exceeds this number of its standard errors. */
const beyondNoise = 3;
const level = 0.95;

/** A loss on the rows of each block. */
interface Side {
  readonly of: "tasks" | "domains";
  readonly name: string;
  /** The task whose loss alone counts, by its place; `null`: all tasks. */
  readonly task: number | null;
  readonly blocks: readonly Int32Array[];
}

export function conflicts(
  engine: ReadingEngine,
  allRows: EncodedRows,
  { rows = 16_384, seed = engine.spec.training.seed, users = null }: CounterfactualOptions = {},
): Promise<Conflicts> {
  return conflictsOn(engine, allRows, { numbers: sampleRows(allRows.rows, rows, seed, "conflicts"), users, seed });
}

/** When gradients are taken while a model trains, and of what. */
export interface LookPlan {
  readonly step: number;
  readonly rows: number;
  readonly blocks: number;
  readonly of: readonly Side["of"][];
}

/** Share of the first epoch after which gradients are measured: they are largest then, and conflicts are clearest. */
const lookShare = 1 / 16;
/** A measurement uses at most this share of the training's row gradients, and of its steps, which cost about as much as blocks. */
const lookCost = { rows: 0.03, steps: 0.1 };
const lookRows = { fewest: 2048, most: 8192 };
const lookBlocks = { fewest: 8, most: 16 };

/** Only tasks are measured if measuring domains as well would cost too much. `null`: tasks are not measured either, or there is nothing to compare. */
export function lookPlan({ towers, domains }: ModelSpec, training: StepPlan, trainRows: number): LookPlan | null {
  const { stepsPerEpoch, totalSteps } = training;
  const losses = { tasks: towers.length, domains: domains?.count ?? 0 };
  const all = (["tasks", "domains"] as const).filter((of) => losses[of] > 1);
  for (const of of [all, all.slice(0, 1)]) {
    if (of.length === 0) return null;
    const sides = sum(of.map((each) => losses[each]));
    const blocks = Math.min(lookBlocks.most, Math.floor((lookCost.steps * totalSteps) / sides));
    const passes = sum(of.map((each) => (each === "tasks" ? losses.tasks : 1)));
    const affordable = (lookCost.rows * trainRows * totalSteps) / stepsPerEpoch / passes;
    const rows = Math.round(Math.min(lookRows.most, affordable));
    if (blocks < lookBlocks.fewest || rows < lookRows.fewest) continue;
    return { step: Math.max(1, Math.round(lookShare * Math.min(stepsPerEpoch, totalSteps))), rows, blocks, of };
  }
  return null;
}

/** The rows of the gradients, and how they are divided. */
interface ConflictRows {
  readonly numbers: Int32Array;
  readonly users: UserColumn | null;
  readonly seed: number;
  readonly blocks?: number;
  readonly of?: readonly Side["of"][];
}

export async function conflictsOn(
  engine: ReadingEngine,
  allRows: EncodedRows,
  { numbers, users, seed, blocks: most = mostBlocks, of: compared = ["tasks", "domains"] }: ConflictRows,
): Promise<Conflicts> {
  const data = await copyRows(allRows, numbers);
  const blocks = blockOfRows({ data, numbers, seed }, users, most);
  const { sides, gaps } = listSides(engine, data, blocks);
  const parts = listParts(planModel(engine.spec));
  const pairs: Omit<GradientConflict, "cosine">[] = [];
  const intervals: Interval[] = [];
  for (const of of compared) {
    const some = sides.filter((side) => side.of === of);
    if (some.length < 2) continue;
    const products = await gradientProducts(engine, data, some, parts);
    const sizes = some.map((side) => side.blocks.map(({ length }) => length));
    for (const [part, each] of products) {
      const isSound = each.against.flat(2).every(Number.isFinite);
      if (!isSound) gaps.push({ what: part, reason: "a gradient is not finite" });
      if (!isSound) continue;
      const { norms, cosines } = blockCosines(each, sizes);
      for (const { first, second, cosine } of cosines) {
        const names = { first: some[first]!.name, second: some[second]!.name };
        pairs.push({ of, ...names, part, norms: [norms[first]!, norms[second]!] });
        intervals.push(cosine);
      }
    }
  }
  const corrected = correctedIntervals(intervals);
  const within = (end: number | null): number | null => end && Math.max(-1, Math.min(1, end));
  return {
    rows: data.rows,
    user: users?.name ?? null,
    gaps,
    pairs: pairs.map((pair, at) => {
      const { value, low, high, adjustedPValue } = corrected[at]!;
      return { ...pair, cosine: { value: within(value), low: within(low), high: within(high), adjustedPValue } };
    }),
  };
}

/** The block of each row, at random, with whole users in one block; one block: too few for intervals. */
function blockOfRows({ data, numbers, seed }: Sample, users: UserColumn | null, most: number): Int32Array {
  const units = users === null ? everyRow(data.rows) : drawnUsers(users, numbers);
  const places = new Map<number, number>();
  for (const unit of units) getOrMake(places, unit, () => places.size);
  const order = permutation(places.size, random(seed).fork("conflict blocks"));
  const count = places.size < fewestForInterval ? 1 : Math.min(most, places.size);
  return Int32Array.from(units, (unit) => order[places.get(unit)!]! % count);
}

function listSides({ spec }: ReadingEngine, data: EncodedData, blocks: Int32Array) {
  const count = blocks.reduce((most, block) => Math.max(most, block + 1), 0);
  const cut = (rows: Int32Array): Int32Array[] =>
    Array.from({ length: count }, (_, block) => rows.filter((row) => blocks[row] === block));
  const names = listDomainNames(spec);
  const byDomain = rowsByDomain(data, null, names.length);
  const all = [
    ...spec.towers.map((tower, task) => {
      return { of: "tasks" as const, name: tower.name, task, rows: cellRows(tower, data, 0)[0]! };
    }),
    ...names.map((name, domain) => ({ of: "domains" as const, name, task: null, rows: byDomain[domain]! })),
  ];
  const gaps: Gap[] = [];
  if (spec.towers.length < 2) gaps.push({ what: "tasks", reason: "the model has one" });
  if (names.length < 2) gaps.push({ what: "domains", reason: `the model has ${names.length === 0 ? "none" : "one"}` });
  if (count < 2) gaps.push({ what: "gradients", reason: "cannot be told: fewer than ten rows or users" });
  const few = all.filter(({ rows }) => rows.length < fewestRows);
  gaps.push(...few.map(({ name, rows }) => ({ what: `the gradient of ${name}`, reason: fewRows(rows.length) })));
  const sides = count < 2 ? [] : all.filter((side) => !few.includes(side));
  return { sides: sides.map(({ rows, ...side }): Side => ({ ...side, blocks: cut(rows) })), gaps };
}

/** The parameters and tables that training changes, by part of the model. */
function listParts(plan: Plan): Map<string, string[]> {
  const parts = new Map<string, string[]>();
  for (const [module, parameters] of moduleParameters(plan)) {
    for (const { name } of parameters) getOrMake(parts, layerOf(plan, module, name).name, () => []).push(name);
  }
  const trained = tableSizes(plan.spec).flatMap(({ isTrained, parameter }) => (isTrained ? [parameter] : []));
  if (trained.length > 0) parts.set("embeddings", trained);
  return parts;
}

/** The pieces of a gradient, by parameter or table. */
type Share = Map<string, Piece[]>;

/** Values of a parameter, or of rows of a table, each with the place of its first value among those of all rows. */
interface Piece {
  readonly starts: Int32Array;
  /** Starts × values. */
  readonly values: Float32Array;
  /** What the values are multiplied by. */
  readonly factor: number;
}

/** Gives each parameter, and each row of a table, a place of its own in arrays of all values. */
class Places {
  /** The sum of all lengths. */
  size = 0;
  readonly #starts = new Map<string, Map<number, number>>();

  startsOf(name: string, rows: ArrayLike<number>, length: number): Int32Array {
    const starts = getOrMake(this.#starts, name, () => new Map());
    return Int32Array.from(rows, (row) =>
      getOrMake(starts, row, () => {
        this.size += length;
        return this.size - length;
      }),
    );
  }
}

function addGradients(into: Share, { dense, tables }: Gradients, factor: number, places: Places): void {
  const add = (name: string, rows: ArrayLike<number>, values: Float32Array): void => {
    const starts = places.startsOf(name, rows, values.length / rows.length);
    getOrMake(into, name, () => []).push({ starts, values, factor });
  };
  for (const [name, values] of dense) add(name, [0], values);
  for (const [name, { rows, values }] of tables) add(name, rows, values);
}

function piecesOf(share: Share, names: readonly string[]): Piece[] {
  return names.flatMap((name) => share.get(name) ?? []);
}

function addTo(all: Float64Array, pieces: readonly Piece[]): void {
  for (const { starts, values, factor } of pieces) {
    const length = values.length / starts.length;
    let from = 0;
    for (const start of starts) for (let at = start; at < start + length; at++) all[at]! += factor * values[from++]!;
  }
}

function clear(all: Float64Array, pieces: readonly Piece[]): void {
  for (const { starts, values } of pieces) {
    const length = values.length / starts.length;
    for (const start of starts) all.fill(0, start, start + length);
  }
}

function product(all: Float64Array, pieces: readonly Piece[]): number {
  let total = 0;
  for (const { starts, values, factor } of pieces) {
    const length = values.length / starts.length;
    let [from, part] = [0, 0];
    for (const start of starts) for (let at = start; at < start + length; at++) part += all[at]! * values[from++]!;
    total += factor * part;
  }
  return total;
}

/** Products of the sums of two sides' gradients, [first][second]. */
export interface BlockProducts {
  /** By block: products of the two sides' gradients in it. */
  readonly inside: number[][][];
  /** By block: products of the first side's gradient in it with the second side's in all blocks. */
  readonly against: number[][][];
}

/** Number of values of all blocks' gradients that are kept; beyond that they are computed twice. */
const mostKept = 16_000_000;

/** The products by part of the model. */
async function gradientProducts(
  engine: ReadingEngine,
  data: EncodedData,
  sides: readonly Side[],
  parts: ReadonlyMap<string, readonly string[]>,
): Promise<Map<string, BlockProducts>> {
  const places = new Places();
  const shareOf = async ({ task, blocks }: Side, block: number): Promise<Share> => {
    const share: Share = new Map();
    const rows = blocks[block]!;
    for (const some of rowBatches(rows.length)) {
      const batch = { data, rows: some.map((at) => rows[at]!) };
      addGradients(share, await engine.gradients(batch, { task, tables: true }), some.length, places);
    }
    return share;
  };
  const sharesOf = async (block: number): Promise<Share[]> => {
    const shares: Share[] = [];
    for (const side of sides) shares.push(await shareOf(side, block));
    return shares;
  };
  const blocks = [...sides[0]!.blocks.keys()];
  const sums = sides.map(() => new Float64Array());
  const inMemory: Share[][] = [];
  let numbers = 0;
  for (const block of blocks) {
    const shares = await sharesOf(block);
    for (const [at, share] of shares.entries()) {
      sums[at] = grown(sums[at]!, places.size);
      addTo(sums[at], [...share.values()].flat());
    }
    numbers += sum(shares.map(sizeOf));
    if (numbers <= mostKept) inMemory.push(shares);
  }
  const first = new Float64Array(places.size);
  const products = new Map<string, BlockProducts>();
  for (const part of parts.keys()) products.set(part, { inside: [], against: [] });
  for (const block of blocks) {
    const shares = inMemory[block] ?? (await sharesOf(block));
    for (const [part, names] of parts) {
      const { inside, against } = products.get(part)!;
      const all = shares.map((share) => piecesOf(share, names));
      against.push(all.map((a) => sums.map((b) => product(b, a))));
      inside.push(
        all.map((a) => {
          addTo(first, a);
          const row = all.map((b) => product(first, b));
          clear(first, a);
          return row;
        }),
      );
    }
  }
  return products;
}

function sizeOf(share: Share): number {
  return sum([...share.values()].flat().map(({ values }) => values.length));
}

/** The cosine of two sides, which are named by their places. */
interface PairCosine {
  readonly first: number;
  readonly second: number;
  readonly cosine: Interval;
}

/** Norms of gradients, and cosines of each two, with intervals. @param sizes rows of each side's blocks */
export function blockCosines(
  { inside, against }: BlockProducts,
  sizes: readonly (readonly number[])[],
): { readonly norms: readonly (number | null)[]; readonly cosines: readonly PairCosine[] } {
  const blocks = inside.length;
  /** The estimate from all pairs of blocks, then without each block. */
  const paired = (a: number, b: number): number[] => {
    const whole = sum(against.map((each, k) => each[a]![b]! - inside[k]![a]![b]!));
    const shares = inside.map((each, k) => against[k]![a]![b]! + against[k]![b]![a]! - 2 * each[a]![b]!);
    return [whole, ...shares.map((share) => whole - share)];
  };
  const squares = sizes.map((_, side) => paired(side, side));
  const isShort = squares.map((each) => !(each[0]! > beyondNoise * jackknifeError(each)));
  const norms = squares.map(([whole], side) => {
    const rows = sizes[side]!;
    const pairs = sum(rows) ** 2 - dot(rows, rows);
    return isShort[side] ? null : Math.sqrt(whole! / pairs);
  });
  const cosines: PairCosine[] = [];
  for (const [first, a] of squares.entries()) {
    for (const [second, b] of squares.entries()) {
      // If a gradient is exactly 0, the part is not shared.
      if (second <= first || a[0] === 0 || b[0] === 0) continue;
      const values = paired(first, second).map((value, at) => value / Math.sqrt(a[at]! * b[at]!));
      const reach = studentQuantile(1 - level, blocks - 1) * jackknifeError(values);
      const isTold = !isShort[first] && !isShort[second] && Number.isFinite(reach);
      const [value] = values as [number, ...number[]];
      const [low, high] = [value - reach, value + reach];
      cosines.push({ first, second, cosine: isTold ? { value, low, high } : { value: null, low: null, high: null } });
    }
  }
  return { norms, cosines };
}

/** The standard error of an estimate, from the estimates without each block. */
function jackknifeError([, ...without]: readonly number[]): number {
  const middle = mean(without);
  return Math.sqrt(((without.length - 1) / without.length) * sum(without.map((value) => (value - middle) ** 2)));
}
