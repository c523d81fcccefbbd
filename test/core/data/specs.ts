/** Small specs for the tests of this folder. */
import type {
  ComboFeatureSpec,
  IdEncoding,
  IdFeatureSpec,
  RawFeatureSpec,
} from "../../../src/core/spec/feature/feature.js";
import { emptySpec, type ModelSpec, type TowerSpec } from "../../../src/core/spec/model.js";

const embedded = { embeddingName: null, pooling: "sum", separator: null, defaultValue: "", extra: {} } as const;

export function idSpec(name: string, encoding: IdEncoding | number, more: Partial<IdFeatureSpec> = {}): IdFeatureSpec {
  const full: IdEncoding = typeof encoding === "number" ? { kind: "buckets", count: encoding } : encoding;
  const id = { kind: "id", name, expression: `user:${name}`, encoding: full, defaultBucket: null } as const;
  return { ...embedded, ...id, weighted: false, embeddingDim: 4, ...more };
}

export function rawSpec(name: string, more: Partial<RawFeatureSpec> = {}): RawFeatureSpec {
  const raw = { kind: "raw", name, expression: `item:${name}`, valueDim: 1, normalizer: null } as const;
  return { ...embedded, ...raw, boundaries: [], embeddingDim: null, defaultValue: "0", ...more };
}

export function comboSpec(name: string, expressions: string[], encoding: IdEncoding): ComboFeatureSpec {
  return { ...embedded, kind: "combo", name, expressions, encoding, defaultBucket: null, embeddingDim: 4 };
}

export function towerSpec(name: string, label: string, more: Partial<TowerSpec> = {}): TowerSpec {
  const losses = [{ kind: "binary_cross_entropy", labelSmoothing: 0 }] as const;
  const rest = { numClass: 1, mlp: null, metrics: [], weight: 1, sampleWeight: null, taskSpace: null, extra: {} };
  return { name, label, losses, ...rest, ...more };
}

export function modelSpec(more: Partial<ModelSpec>): ModelSpec {
  return { ...emptySpec, ...more };
}
