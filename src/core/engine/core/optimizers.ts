/**
 * Updates the weights: every dense parameter and embedding table by its optimiser, with accumulation, clipping and
 * averages.
 */
import { EngineError } from "../../errors/index.js";
import type { Plan } from "../../nn/plan/plan.js";
import { trainedName } from "../../nn/plan/sequences.js";
import { compilePattern } from "../../spec/pattern.js";
import type { DenseOptimizerSpec, GradClippingSpec, LearningRateSpec, TrainingSpec } from "../../spec/training.js";
import { flatName } from "../../tfjs/program.js";
import type { Weight, Weights } from "../engine.js";
import { addInto, kernel } from "./simd.js";
import { learningRate, type SparseOptimizer, sparseAsThere, sparseOptimizer } from "./sparse-optimizer.js";
import {
  type Block,
  denseNames,
  type EmbeddingTable,
  fixedTables,
  joinedView,
  type WeightStore,
} from "./weight-store.js";

/** PyTorch's optimisers in float32, rounded after each operation as there: over a run, losses would differ. */

/** State arrays of one parameter by name, each of the parameter's size, and the update. */
export interface DenseOptimizer {
  readonly slots: Readonly<Record<string, Float32Array>>;
  /** Updates in place. `step` counts from 1. @param from the place of the values within the slots; default: 0 */
  update(values: Float32Array, gradient: Float32Array, learningRate: number, step: number, from?: number): void;
}

type Slots = Readonly<Record<string, Float32Array>>;
type Maker<K extends DenseOptimizerSpec["kind"]> = (
  spec: Extract<DenseOptimizerSpec, { kind: K }>,
  zeros: () => Float32Array,
) => DenseOptimizer;

export function denseOptimizer(spec: DenseOptimizerSpec, size: number): DenseOptimizer {
  return makers[spec.kind](spec as never, () => new Float32Array(size));
}

/** An update by formulas that read and assign `value`, `gradient` and the slots. @param rates scalars of one update */
function byFormulas(
  slots: Slots,
  constants: Readonly<Record<string, number>>,
  lines: readonly (string | false)[],
  rates: (rate: number, step: number) => Readonly<Record<string, number>> = (rate) => ({ rate }),
): DenseOptimizer {
  const arrays: readonly string[] = ["value", "gradient", ...Object.keys(slots)];
  const run = kernel({ arrays, scalars: [...Object.keys(rates(0, 1)), ...Object.keys(constants)], lines });
  return {
    slots,
    update(value, gradient, rate, step, from = 0) {
      const parts = Object.entries(slots).map(([name, slot]) => [name, slot.subarray(from, from + gradient.length)]);
      run({ value, gradient, ...Object.fromEntries(parts) }, { ...constants, ...rates(rate, step) });
    },
  };
}

/** The gradient for the formulas. Without decay it is unchanged: 0 · value may be NaN or −0. */
function decayedGradient(decay: number): string {
  return Math.fround(decay) === 0 ? "g = gradient" : "g = gradient + decay * value";
}

const sgd: Maker<"sgd"> = ({ momentum, nesterov, dampening, weightDecay: decay }, zeros) => {
  const slots: Slots = momentum === 0 ? {} : { momentum_buffer: zeros() };
  const moving = (velocity: string) =>
    byFormulas(slots, { decay, keep: momentum, add: 1 - dampening }, [
      decayedGradient(decay),
      momentum !== 0 && `momentum_buffer = ${velocity}`,
      momentum === 0 ? "move = g" : nesterov ? "move = g + keep * momentum_buffer" : "move = momentum_buffer",
      "value = value - rate * move",
    ]);
  const [first, later] = [moving("g"), moving("keep * momentum_buffer + add * g")];
  return { slots, update: (...step) => (step[3] === 1 ? first : later).update(...step) };
};

const adagrad: Maker<"adagrad"> = ({ weightDecay: decay, eps, initialAccumulator }, zeros) =>
  byFormulas({ sum: zeros().fill(initialAccumulator) }, { decay, eps }, [
    decayedGradient(decay),
    "sum = sum + g * g",
    "value = value - rate * (g / (sqrt(sum) + eps))",
  ]);

/** Adam adds the decay to the gradient, AdamW shrinks the values. */
const adam: Maker<"adam" | "adamw"> = ({ kind, beta1, beta2, amsgrad, weightDecay, eps }, zeros) => {
  const decay = kind === "adamw" ? 0 : weightDecay;
  const moments: Slots = { exp_avg: zeros(), exp_avg_sq: zeros() };
  return byFormulas(
    amsgrad ? { ...moments, max_exp_avg_sq: zeros() } : moments,
    { decay, add1: 1 - beta1, keep2: beta2, add2: 1 - beta2, eps },
    [
      kind === "adamw" && "value = shrink * value",
      decayedGradient(decay),
      "exp_avg = exp_avg + add1 * (g - exp_avg)",
      "exp_avg_sq = keep2 * exp_avg_sq + add2 * g * g",
      amsgrad && "max_exp_avg_sq = max(max_exp_avg_sq, exp_avg_sq)",
      `scale = sqrt(${amsgrad ? "max_exp_avg_sq" : "exp_avg_sq"}) / correction + eps`,
      "value = value - rate * (exp_avg / scale)",
    ],
    (rate, step) => ({
      rate: rate / (1 - beta1 ** step),
      correction: Math.sqrt(1 - beta2 ** step),
      shrink: 1 - rate * weightDecay,
    }),
  );
};

const adadelta: Maker<"adadelta"> = ({ rho, eps, weightDecay: decay }, zeros) =>
  byFormulas({ square_avg: zeros(), acc_delta: zeros() }, { decay, keep: rho, add: 1 - rho, eps }, [
    decayedGradient(decay),
    "square_avg = keep * square_avg + add * g * g",
    "move = sqrt(acc_delta + eps) / sqrt(square_avg + eps) * g",
    "acc_delta = keep * acc_delta + add * move * move",
    "value = value - rate * move",
  ]);

const rmsprop: Maker<"rmsprop"> = ({ alpha, eps, weightDecay: decay }, zeros) =>
  byFormulas({ square_avg: zeros() }, { decay, keep: alpha, add: 1 - alpha, eps }, [
    decayedGradient(decay),
    "square_avg = keep * square_avg + add * g * g",
    "value = value - rate * (g / (sqrt(square_avg) + eps))",
  ]);

const makers: { readonly [K in DenseOptimizerSpec["kind"]]: Maker<K> } = {
  sgd,
  adagrad,
  adam: adam as Maker<"adam">,
  adamw: adam as Maker<"adamw">,
  adadelta,
  rmsprop,
};

/** PyTorch adds this to the norm to avoid a division by zero. */
const epsilon = 1e-6;

const limit = kernel({
  arrays: ["gradient"],
  scalars: ["least", "most"],
  lines: ["gradient = min(most, max(least, gradient))"],
});
const multiply = kernel({ arrays: ["gradient"], scalars: ["scale"], lines: ["gradient = gradient * scale"] });

/**
 * Clips in place: by `value`, each number to ±max; by `norm`, all by their common norm
 * (`torch.nn.utils.clip_grad_norm_`).
 */
export function clipGradients(gradients: readonly Float32Array[], clipping: GradClippingSpec): void {
  const { maxGradient, normType } = clipping;
  if (clipping.type === "value") {
    for (const gradient of gradients) limit({ gradient }, { least: -maxGradient, most: maxGradient });
    return;
  }
  const scale = Math.fround(maxGradient / (totalNorm(gradients, normType) + epsilon));
  if (!(scale < 1)) return;
  for (const gradient of gradients) multiply({ gradient }, { scale });
}

export function totalNorm(gradients: readonly Float32Array[], normType: number): number {
  let sum = 0;
  for (const gradient of gradients) {
    for (let i = 0; i < gradient.length; i++) {
      const size = Math.abs(gradient[i]!);
      if (normType === 2) sum += size * size;
      else if (normType === Number.POSITIVE_INFINITY) sum = Math.max(sum, size);
      else sum += size ** normType;
    }
  }
  return normType === Number.POSITIVE_INFINITY ? sum : sum ** (1 / normType);
}

/** PyTorch's lerp starts from the nearer end. */
const fromAverage = kernel({
  arrays: ["average", "value"],
  scalars: ["weight"],
  lines: ["average = average + weight * (value - average)"],
});
const fromValue = kernel({
  arrays: ["average", "value"],
  scalars: ["rest"],
  lines: ["average = value - (value - average) * rest"],
});

/** average + (1 − decay) · (values − average), in float32; update 1 copies the values. */
export function moveAverage(average: Float32Array, value: Float32Array, decay: number, updates: number): void {
  const weight = Math.fround(1 - decay);
  if (updates === 1) average.set(value);
  else if (weight < 0.5) fromAverage({ average, value }, { weight });
  else fromValue({ average, value }, { rest: 1 - weight });
}

interface Entry extends Weight {
  readonly name: string;
  /** Its moving average, filled with the values until the first update; `null`: none. */
  readonly average: Float32Array | null;
  /** Set if the array is an embedding table with gradients by row. */
  readonly table: EmbeddingTable | null;
  readonly optimizer: DenseOptimizerSpec;
  readonly schedule: LearningRateSpec;
  /** The place of a parameter among the values of all of them. */
  readonly place: number;
  /** The place within the arrays of its stretch. */
  readonly from: number;
}

/** Consecutive entries in memory with one optimiser: a single update, if their gradient is one array too. */
interface Stretch {
  readonly entries: readonly Entry[];
  readonly data: Float32Array;
  /** The place of its parameters among the values of all of them. */
  readonly place: number;
  /** Where its gradients are, if not all of them are one array. */
  readonly pieces: readonly Piece[];
  /** The moving averages of its values, in arrays as long as possible. */
  readonly averages: readonly Average[];
  readonly optimizer: DenseOptimizer;
  /** Sum of the gradients since the last update; `null` if each step is an update. */
  readonly sum: Float32Array | null;
}

interface Average {
  readonly average: Float32Array;
  readonly data: Float32Array;
}

function stretchesOf(
  entries: readonly Omit<Entry, "from">[],
  blocks: readonly Block[],
  accumulates: boolean,
): Stretch[] {
  const parts: Entry[][] = [];
  for (const entry of entries) {
    const last = parts.at(-1);
    const { optimizer, schedule, data, from } = last?.at(-1) ?? {};
    const joins = optimizer === entry.optimizer && schedule === entry.schedule && joinedView([data!, entry.data]);
    if (joins) last!.push({ ...entry, from: from! + data!.length });
    else parts.push([{ ...entry, from: 0 }]);
  }
  return parts.map((part) => {
    const data = joinedView(part.map((entry) => entry.data))!;
    const sum = accumulates ? new Float32Array(data.length) : null;
    const [{ place, optimizer: spec }] = part as [Entry];
    const pieces = piecesOf(blocks, place, data.length);
    const optimizer = denseOptimizer(spec, data.length);
    return { entries: part, data, sum, place, pieces, averages: averagesOf(part, data), optimizer };
  });
}

function averagesOf(entries: readonly Entry[], data: Float32Array): Average[] {
  const separate = entries.flatMap(({ average, data }) => (average === null ? [] : [{ average, data }]));
  const joined = separate.length === entries.length ? joinedView(separate.map(({ average }) => average)) : null;
  return joined === null ? separate : [{ average: joined, data }];
}

interface Part {
  readonly from: number;
  readonly gradient: Float32Array;
}

/** The numbers from `begin` to `end` of a gradient, which belong to those of a stretch from `from` on. */
interface Piece {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
  readonly from: number;
}

/** A stretch's gradient as a whole, or that of each of its blocks or tables. */
function partsOf({ entries, place, data, pieces }: Stretch, gradients: ReadonlyMap<string, Float32Array>): Part[] {
  if (entries[0]!.table !== null) return entries.map(({ table, from }) => ({ from, gradient: wholeGradient(table!) }));
  const flat = gradients.get(flatName);
  if (flat !== undefined) return [{ from: 0, gradient: flat.subarray(place, place + data.length) }];
  return pieces.map(({ name, begin, end, from }) => {
    return { from, gradient: gradients.get(name)?.subarray(begin, end) ?? new Float32Array(end - begin) };
  });
}

/** The pieces of the blocks' gradients for a stretch of parameters. */
function piecesOf(blocks: readonly Block[], place: number, length: number): Piece[] {
  return blocks.flatMap(({ name, place: start, values }) => {
    const begin = Math.max(place, start);
    const end = Math.min(place + length, start + values.length);
    return begin < end ? [{ name, begin: begin - start, end: end - start, from: begin - place }] : [];
  });
}

function wholeGradient(table: EmbeddingTable): Float32Array {
  const gradient = new Float32Array(table.rows * table.dim);
  for (let i = 0; i < table.touchedCount; i++) {
    const from = i * table.dim;
    gradient.set(table.gradient.subarray(from, from + table.dim), table.touched[i]! * table.dim);
  }
  return gradient;
}

export class Updates {
  readonly #training: TrainingSpec;
  readonly #dense: readonly Stretch[];
  readonly #sparse: readonly { readonly table: EmbeddingTable; readonly optimizer: SparseOptimizer }[];
  readonly #fixed: readonly EmbeddingTable[];
  /** The epoch in which accumulation last restarted; `null` before the first update. */
  #startEpoch: number | null = null;

  /**
   * Creates the optimisers.
   * @param owns whether they train a weight
   * @throws EngineError or SpecError for unsupported settings
   */
  constructor(
    plan: Plan,
    store: WeightStore,
    averages: ReadonlyMap<string, Float32Array> = new Map(),
    owns: (name: string) => boolean = () => true,
  ) {
    const { training } = plan.spec;
    this.#training = training;
    const dense = new Set(denseNames(plan, store));
    const fixed = fixedTables(plan);
    const held = [...store.tables].filter(([, { name }]) => owns(name));
    const tables = held.flatMap(([table, each]) => (fixed.has(table) ? [] : [each]));
    this.#fixed = held.flatMap(([table, each]) => (fixed.has(table) ? [each] : []));
    const parts = training.partOptimizers.map((part) => ({ part, pattern: compilePattern(part.pattern) }));
    const entry = (named: Pick<Entry, "name" | "shape" | "data" | "table" | "place">): Omit<Entry, "from"> => {
      const { name } = named;
      // The optimiser of the first pattern that matches the whole name, else the dense optimiser.
      const part = parts.find(({ pattern }) => pattern.matches(trainedName(name)))?.part;
      const spec = part?.optimizer ?? training.dense;
      return {
        ...named,
        average: averages.get(name) ?? null,
        optimizer: spec,
        schedule: part?.learningRate ?? training.denseLearningRate,
      };
    };
    let end = 0;
    const entries = [
      ...store.parameters.flatMap(({ name, shape, values: data }) => {
        const place = end;
        end += data.length;
        return owns(name) ? [entry({ name, shape, data, table: null, place })] : [];
      }),
      ...tables
        .filter(({ name }) => dense.has(name))
        .map((table) => {
          const { name, values: data } = table;
          return entry({ name, shape: [table.rows, table.dim], data, table, place: end });
        }),
    ];
    this.#dense = stretchesOf(entries, store.blocks, training.gradientAccumulation > 1);
    const sparse = sparseAsThere(training);
    this.#sparse = tables
      .filter(({ name }) => !dense.has(name))
      .map((table) => ({ table, optimizer: sparseOptimizer(sparse, table) }));
  }

  /**
   * Applies gradients; missing ones are zero, others may be overwritten.
   * @param step number of steps before this one
   */
  apply(gradients: ReadonlyMap<string, Float32Array>, step: number, epoch: number): void {
    this.#applyDense(gradients, step, epoch);
    for (const table of this.#fixed) table.clear();
    const { sparse, sparseLearningRate, gradientAccumulation } = this.#training;
    const since = step % gradientAccumulation;
    if (since === 0 || this.#startEpoch === null) this.#startEpoch = epoch;
    const rate =
      sparse.kind === "other" ? 0 : learningRate(sparseLearningRate, sparse.lr, step - since, this.#startEpoch);
    for (const { table, optimizer } of this.#sparse) {
      if (gradientAccumulation > 1) table.scaleGradient(1 / gradientAccumulation);
      optimizer.update(rate, step + 1);
      table.clear();
    }
  }

  /** Adds a step's gradients; updates after the last accumulated step. Schedules count steps, optimisers updates. */
  #applyDense(gradients: ReadonlyMap<string, Float32Array>, step: number, epoch: number): void {
    const { gradientAccumulation, gradClipping, emaDecay } = this.#training;
    const current = this.#dense.map((stretch) => {
      const parts = partsOf(stretch, gradients);
      const { sum } = stretch;
      if (sum === null) return parts;
      for (const { from, gradient } of parts)
        addInto(sum.subarray(from, from + gradient.length), gradient, 1 / gradientAccumulation);
      return [{ from: 0, gradient: sum }];
    });
    for (const { entries } of this.#dense) for (const { table } of entries) table?.clear();
    if ((step + 1) % gradientAccumulation !== 0) return;
    const updates = (step + 1) / gradientAccumulation;
    if (gradClipping !== null) {
      const gradientsOf = current.flat().map(({ gradient }) => gradient);
      clipGradients(gradientsOf, gradClipping);
    }
    this.#dense.forEach(({ entries, data, sum, averages, optimizer }, index) => {
      const [{ schedule, optimizer: spec }] = entries as [Entry];
      const rate = learningRate(schedule, spec.lr, step, epoch);
      for (const { from, gradient } of current[index]!)
        optimizer.update(data.subarray(from, from + gradient.length), gradient, rate, updates, from);
      sum?.fill(0);
      for (const { average, data } of averages) moveAverage(average, data, emaDecay!, updates);
    });
  }

  /** The limit of a look-up's gradient, which FBGEMM clips before it sums over rows with the same id; `null`: none. */
  rowGradientLimit(table: EmbeddingTable): number | null {
    const { sparse, gradientAccumulation } = this.#training;
    if (sparse.kind === "other" || sparse.maxGradient === null) return null;
    return this.#sparse.some((entry) => entry.table === table) ? sparse.maxGradient * gradientAccumulation : null;
  }

  read(): Map<string, Weight> {
    return new Map([...this.#slots()].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
  }

  write(slots: Weights): void {
    for (const [name, { data }] of this.#slots()) {
      const slot = slots.get(name);
      if (slot?.data.length === data.length) continue;
      throw new EngineError({
        path: `state.slots["${name}"]`,
        message: slot === undefined ? "missing in the optimiser state" : "the size differs from the model's",
        fix: "restore the state of an engine with the same model and optimisers",
      });
    }
    for (const [name, { data }] of this.#slots()) data.set(slots.get(name)!.data);
  }

  #slots(): Map<string, Weight> {
    const dense = this.#dense.flatMap(({ entries, optimizer, sum }) =>
      entries.flatMap(({ name, shape, from, data: { length }, average }) => {
        const arrays = Object.entries({ ...optimizer.slots, ...(sum && { gradient_sum: sum }) });
        const parts = arrays.map(([slot, data]) => [slot, data.subarray(from, from + length)] as const);
        const all = average === null ? parts : [...parts, ["ema", average] as const];
        return all.map(([slot, data]) => [`${name}.${slot}`, { shape, data }] as const);
      }),
    );
    const sparse = this.#sparse.flatMap(({ table, optimizer }) =>
      Object.entries(optimizer.slots).map(([slot, weight]) => [`${table.name}.${slot}`, weight] as const),
    );
    return new Map<string, Weight>([...dense, ...sparse]);
  }
}
