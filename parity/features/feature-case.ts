/**
 * Cases of the form of `golden/sequences.json` and `golden/raw_embeddings.json`: one whole model with its tables, on
 * given features.
 */

import { specFromConfig } from "../../src/core/config/spec-from-config.js";
import { encode } from "../../src/core/data/encode/encode.js";
import type { FeatureColumn } from "../../src/core/data/encoded/encoded.js";
import { openTable } from "../../src/core/data/table/open.js";
import type { EngineName, Weight } from "../../src/core/engine/engine.js";
import { denseParameters } from "../../src/core/nn/plan/parameters.js";
import { planModel } from "../../src/core/nn/plan/plan.js";
import type { ModelSpec } from "../../src/core/spec/model.js";
import { assertComputable } from "../../src/core/spec/validate/model.js";
import type { Check } from "../check.js";
import {
  type Columns,
  columnsOf,
  compareModelCase,
  type ExpectedNumbers,
  qualified,
  type Tensors,
  weightOf,
} from "../model-case.js";
import { runParityCase } from "../run-case.js";
import { stacked, unstacked } from "./stacked.js";

type Nested = number | string | readonly Nested[];

/** The values of a feature, by row. */
export type GivenFeature =
  | { readonly type: "id" | "sequence_id"; readonly ids: readonly Nested[] }
  | { readonly type: "raw" | "sequence_raw"; readonly values: readonly Nested[] };

/** A case in the file. */
export interface FeatureCase extends ExpectedNumbers {
  readonly name: string;
  readonly feature_configs: string;
  readonly model_config: string;
  readonly label_fields: readonly string[];
  readonly sample_weight_fields?: readonly string[];
  readonly mode?: "train" | "eval";
  readonly params: Tensors;
  readonly buffers?: Tensors | null;
  readonly inputs: Readonly<Record<string, GivenFeature>>;
  readonly labels: Columns;
  readonly sample_weights?: Columns | null;
  readonly grads?: ExpectedNumbers["grads"] & { readonly not_finite?: readonly string[] };
}

/** The model of a case. */
export function specOfCase(
  golden: Pick<FeatureCase, "label_fields" | "sample_weight_fields" | "feature_configs" | "model_config">,
): ModelSpec {
  const fields = (name: string, values: readonly string[] = []) =>
    values.map((value) => `${name}: "${value}"`).join(" ");
  const spec = specFromConfig(`
    data_config {
      fg_mode: FG_NONE
      ${fields("label_fields", golden.label_fields)}
      ${fields("sample_weight_fields", golden.sample_weight_fields)}
    }
    ${golden.feature_configs}
    model_config { ${golden.model_config} }`);
  assertComputable(spec);
  return spec;
}

/** Computes a case on an engine and compares its values. */
export async function checkFeatureCase(
  golden: FeatureCase,
  engine: EngineName,
  savings: boolean = true,
): Promise<Check[]> {
  const spec = specOfCase(golden);
  const weights = new Map<string, Weight>();
  for (const [name, tensor] of Object.entries({ ...golden.params, ...golden.buffers })) {
    weights.set(qualified(name), weightOf(tensor));
  }
  const result = await runParityCase(
    {
      spec,
      mode: golden.mode ?? "eval",
      weights: unstacked(
        weights,
        denseParameters(planModel(spec)).map(({ name }) => name),
      ),
      inputs: await encodedFeatures(golden, spec),
      labels: columnsOf(golden.labels),
      sampleWeights: columnsOf(golden.sample_weights ?? {}),
      learningRate: golden.adam_step?.lr ?? 0.001,
    },
    { engine, savings },
  );
  const { parameterGradients, adamStep } = result;
  const joined = { parameterGradients: stacked(parameterGradients), adamStep: stacked(adamStep) };
  return compareModelCase(finiteOnly(golden), { ...result, ...joined });
}

/** The features as this library reads them from columns. */
export async function encodedFeatures(
  golden: Pick<FeatureCase, "inputs">,
  spec: ModelSpec,
): Promise<ReadonlyMap<string, FeatureColumn>> {
  const columns = Object.entries(golden.inputs).map(([name, given]): [string, readonly unknown[]] => {
    return [name, "ids" in given ? given.ids : given.values];
  });
  const table = await openTable(Object.fromEntries(columns) as never);
  return (await encode(table, { ...spec, domains: null }, { labels: false })).features;
}

/** Gradients that are not finite there are not compared: the loss is still. */
function finiteOnly(golden: FeatureCase): FeatureCase {
  const skipped = new Set(golden.grads?.not_finite ?? []);
  if (skipped.size === 0) return golden;
  const kept = (tensors: Tensors | null | undefined): Tensors =>
    Object.fromEntries(Object.entries(tensors ?? {}).filter(([name]) => !skipped.has(name)));
  const { grads, adam_step: adam } = golden;
  return {
    ...golden,
    grads: { ...grads, params: kept(grads?.params) },
    adam_step: adam == null ? null : { ...adam, params_after: kept(adam.params_after) },
  };
}
