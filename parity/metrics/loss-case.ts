/** Cases of a loss: logits and labels in; TorchEasyRec's predictions, loss and gradient of the logits. */

import { labelRule } from "../../src/core/data/encode/labels.js";
import type { EngineName } from "../../src/core/engine/engine.js";
import { DataError } from "../../src/core/errors/index.js";
import type { IdFeatureSpec } from "../../src/core/spec/feature/feature.js";
import type { ModelSpec } from "../../src/core/spec/model.js";
import { assertValid } from "../../src/core/spec/validate/model.js";
import { type Check, compare, type GoldenTensor } from "../check.js";
import { specFromModelConfig } from "../model-fragment.js";
import { type ParityResult, runParityCase } from "../run-case.js";

/** A case in the file. */
export interface LossCase {
  readonly name: string;
  readonly loss: string;
  readonly num_class: number;
  readonly tower_options?: string;
  readonly logits: readonly (number | readonly number[])[];
  readonly label: readonly number[];
  readonly sample_weight?: readonly number[];
  readonly session?: readonly number[];
  readonly other_labels?: Readonly<Record<string, readonly number[]>>;
  readonly losses?: Readonly<Record<string, number | "NaN">>;
  readonly grad_logits?: GoldenTensor;
  readonly predictions?: Readonly<Record<string, GoldenTensor>>;
  readonly error?: string;
}

/** The outcome of a case. */
export interface LossOutcome {
  readonly checks: readonly Check[];
  readonly note: string | null;
}

const refused: Check = { name: "refusal", difference: 0, share: 0 };

/** Computes a case on an engine. */
export async function checkLossCase(golden: LossCase, engine: EngineName): Promise<LossOutcome> {
  try {
    const result = await lossResult(golden, engine);
    if (golden.error !== undefined) return { checks: [], note: "computed here, an error in TorchEasyRec" };
    return compareLoss(golden, result);
  } catch (error) {
    if (golden.error === undefined) throw error;
    return { checks: [refused], note: `refused, as in TorchEasyRec: ${(error as Error).message.split("\n")[0]}` };
  }
}

function compareLoss(
  { losses = {}, grad_logits: gradient, predictions = {} }: LossCase,
  result: ParityResult,
): LossOutcome {
  const undefinedThere = Object.entries(losses).filter(([, value]) => value === "NaN");
  const checks = [
    ...Object.entries(predictions).map(([name, tensor]) => compare(name, result.predictions[name], tensor)),
    ...Object.entries(losses).flatMap(([name, value]) =>
      value === "NaN" ? [] : [compare(name, [result.losses[name]!], [value])],
    ),
    compare("grad_logits", result.inputGradients["all"], gradient ?? null),
  ];
  const finite = undefinedThere.every(([name]) => Number.isFinite(result.losses[name]));
  if (!finite) return { checks: [], note: "not finite" };
  return { checks, note: undefinedThere.length > 0 ? "finite here, NaN in TorchEasyRec: a mean over no rows" : null };
}

/** A tower without layers whose last one passes the group on: its logits are the given ones. */
function lossResult(golden: LossCase, engine: EngineName): Promise<ParityResult> {
  const { num_class: classes, label, logits } = golden;
  const spec = lossSpec(golden);
  const integers = label.every((value) => Number.isInteger(value)) && !/float labels/.test(golden.name);
  assertTrainable(spec, label, integers);
  const unit = Float32Array.from({ length: classes * classes }, (_, at) => (at % (classes + 1) === 0 ? 1 : 0));
  return runParityCase(
    {
      spec,
      mode: "train",
      weights: new Map([
        ["model._task_tower.0.linear.weight", { shape: [classes, classes], data: unit }],
        ["model._task_tower.0.linear.bias", { shape: [classes], data: new Float32Array(classes) }],
      ]),
      inputs: { all: { shape: [label.length, classes], data: Float32Array.from(logits.flat() as number[]) } },
      labels: { y: label, ...golden.other_labels },
      sampleWeights: golden.sample_weight === undefined ? {} : { w: golden.sample_weight },
      ids: golden.session === undefined ? {} : { u: golden.session },
      learningRate: 0.001,
    },
    { engine },
  );
}

/** Classes that are floats are read as integers here, since CSV and frames have no types; there they are an error. */
function assertTrainable(spec: ModelSpec, labels: readonly number[], integers: boolean): void {
  assertValid(spec);
  const { numClass, losses } = spec.towers[0]!;
  const rule = labelRule("y", spec.towers);
  const binary = losses.every(({ kind }) => kind === "binary_cross_entropy" || kind === "binary_focal_loss");
  for (const [row, label] of labels.entries()) {
    // Soft labels of binary losses pass at this level: columns of data are checked before.
    if ((integers || numClass === 1) && (binary || rule.allows(label))) continue;
    throw new DataError({ path: `row ${row}`, message: `a label of ${label}`, expected: rule.expected });
  }
}

function lossSpec({ loss, num_class, tower_options = "", sample_weight, session }: LossCase): ModelSpec {
  const weight = sample_weight === undefined ? "" : 'sample_weight_name: "w"';
  const spec = specFromModelConfig(
    `feature_groups { group_name: "all" feature_names: "all" group_type: DEEP }
     pepnet { task_towers {
       tower_name: "t" label_name: "y" num_class: ${num_class} losses { ${loss} } ${weight} ${tower_options} } }`,
    { groupDims: { all: num_class } },
  );
  if (session === undefined) return spec;
  const user: IdFeatureSpec = {
    kind: "id",
    name: "u",
    expression: "user:u",
    encoding: { kind: "buckets", count: 1000 },
    defaultBucket: null,
    weighted: false,
    embeddingDim: 4,
    embeddingName: null,
    pooling: "sum",
    separator: null,
    defaultValue: "",
    extra: {},
  };
  return { ...spec, features: [...spec.features, user] };
}
