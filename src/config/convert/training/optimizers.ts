/**
 * Converts dense and sparse optimisers to a spec and back.
 */
import type { DenseOptimizerSpec, SparseOptimizerSpec } from "../../../spec/index.js";
import type { Json, JsonObject } from "../../../util/json.js";
import { compact, type Fields, type Writable } from "../fields.js";

/** Dense optimisers: the field, its message, and the spec's setting for each of its fields. */
const dense: Readonly<Record<DenseOptimizerSpec["kind"], OptimizerTable>> = {
  sgd: table("SGDOptimizer", {
    momentum: "momentum",
    weight_decay: "weightDecay",
    dampening: "dampening",
    nesterov: "nesterov",
  }),
  adagrad: table("AdagradOptimizer", {
    weight_decay: "weightDecay",
    initial_accumulator_value: "initialAccumulator",
    eps: "eps",
  }),
  adam: table("AdamOptimizer", adamFields()),
  adamw: table("AdamWOptimizer", adamFields()),
  adadelta: table("AdadeltaOptimizer", { rho: "rho", eps: "eps", weight_decay: "weightDecay" }),
  rmsprop: table("RMSpropOptimizer", { alpha: "alpha", eps: "eps", weight_decay: "weightDecay" }),
};

/** The supported sparse optimisers. */
const sparse: Readonly<Record<Exclude<SparseOptimizerSpec["kind"], "other">, OptimizerTable>> = {
  sgd: table("FusedSGDOptimizer", {}),
  adagrad: table("FusedAdagradOptimizer", { initial_accumulator_value: "initialAccumulator" }),
  rowwise_adagrad: table("FusedRowWiseAdagradOptimizer", {
    weight_decay: "weightDecay",
    weight_decay_mode: "weightDecayMode",
  }),
  adam: table("FusedAdamOptimizer", { beta1: "beta1", beta2: "beta2", weight_decay: "weightDecay" }),
  partial_rowwise_adam: table("FusedPartialRowWiseAdamOptimizer", {
    beta1: "beta1",
    beta2: "beta2",
    weight_decay: "weightDecay",
  }),
};

/** Sparse optimisers that are kept unchanged. */
const otherSparse = [
  "lars_sgd_optimizer",
  "lamb_optimizer",
  "partial_rowwise_lamb_optimizer",
  "adadelta_optimizer",
  "rmsprop_optimizer",
] as const;

interface OptimizerTable {
  readonly message: string;
  /** Maps TorchEasyRec's field to the spec's setting; all have `lr`. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Converts the dense optimiser of a `DenseOptimizer` or `PartOptimizer`; `null` if it has none. */
export function readDenseOptimizer(holder: Fields): DenseOptimizerSpec | null {
  const kind = findKind(holder, dense);
  if (kind === null) return null;
  const fields = holder.child(`${kind}_optimizer`);
  return { kind, ...readSettings(fields, dense[kind]) } as unknown as DenseOptimizerSpec;
}

/** Returns the oneof field for a dense optimiser. */
export function writeDenseOptimizer(optimizer: DenseOptimizerSpec): JsonObject {
  return { [`${optimizer.kind}_optimizer`]: writeSettings(optimizer, dense[optimizer.kind]) };
}

/** Converts the sparse optimiser of a `SparseOptimizer`; `null` if it has none. */
export function readSparseOptimizer(holder: Fields): SparseOptimizerSpec | null {
  const other = holder.which(otherSparse);
  if (other !== null) return { kind: "other", field: other, config: holder.take(other) as JsonObject };
  const kind = findKind(holder, sparse);
  if (kind === null) return null;
  const fields = holder.child(`${kind}_optimizer`);
  const clips = fields.has("gradient_clipping") && fields.flag("gradient_clipping");
  const maxGradient = clips ? fields.number("max_gradient") : null;
  return { kind, ...readSettings(fields, sparse[kind]), maxGradient } as unknown as SparseOptimizerSpec;
}

/** Returns the oneof field for a sparse optimiser. */
export function writeSparseOptimizer(optimizer: SparseOptimizerSpec): JsonObject {
  if (optimizer.kind === "other") return { [optimizer.field]: optimizer.config };
  const { maxGradient } = optimizer;
  const clipping: JsonObject = maxGradient === null ? {} : { gradient_clipping: true, max_gradient: maxGradient };
  return { [`${optimizer.kind}_optimizer`]: { ...writeSettings(optimizer, sparse[optimizer.kind]), ...clipping } };
}

function table(message: string, settings: Readonly<Record<string, string>>): OptimizerTable {
  return { message, settings: { lr: "lr", ...settings } };
}

function adamFields(): Readonly<Record<string, string>> {
  return { beta1: "beta1", beta2: "beta2", weight_decay: "weightDecay", eps: "eps", amsgrad: "amsgrad" };
}

function findKind<K extends string>(holder: Fields, tables: Readonly<Record<K, OptimizerTable>>): K | null {
  const kinds = Object.keys(tables) as K[];
  return kinds.find((kind) => holder.has(`${kind}_optimizer`)) ?? null;
}

function readSettings(fields: Fields, { settings }: OptimizerTable): Record<string, Json> {
  return Object.fromEntries(Object.entries(settings).map(([field, setting]) => [setting, readSetting(fields, field)]));
}

function readSetting(fields: Fields, field: string): Json {
  if (field === "nesterov" || field === "amsgrad") return fields.flag(field);
  return field === "weight_decay_mode" ? fields.text(field) : fields.number(field);
}

function writeSettings(optimizer: object, { message, settings }: OptimizerTable): JsonObject {
  const values = optimizer as Writable;
  return compact(
    message,
    Object.fromEntries(Object.entries(settings).map(([field, setting]) => [field, values[setting]])),
  );
}
