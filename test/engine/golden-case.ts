/** Golden cases of `shared/golden/pepnet.json` as parity cases: their config text read by a reader of this test's own. */
import { readFileSync } from "node:fs";
import type { Weight } from "../../src/engine/engine.js";
import type { ParityCase } from "../../src/engine/parity.js";
import { defaultMlp, emptySpec, type LossSpec, type ModelSpec, type TowerSpec } from "../../src/spec/index.js";
import { sharedPath } from "../shared.js";

interface Tensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** A case as the file holds it. */
export interface GoldenCase {
  readonly name: string;
  readonly model_config: string;
  readonly group_dims: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly mode: "train" | "eval";
  readonly params: Readonly<Record<string, Tensor>>;
  readonly buffers: Readonly<Record<string, Tensor>>;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly labels: Readonly<Record<string, readonly number[]>>;
  readonly sample_weights: Readonly<Record<string, readonly number[]>>;
  readonly predictions: Readonly<Record<string, Tensor>>;
  readonly losses: Readonly<Record<string, number>>;
  readonly total_loss: number;
  readonly grads: {
    readonly params: Readonly<Record<string, Tensor>>;
    readonly inputs: Readonly<Record<string, Tensor>>;
  };
  readonly adam_step: { readonly lr: number; readonly params_after: Readonly<Record<string, Tensor>> };
  readonly buffers_after?: Readonly<Record<string, Tensor>>;
}

/** All cases. */
export function goldenCases(): GoldenCase[] {
  return (JSON.parse(readFileSync(sharedPath("golden", "pepnet.json"), "utf8")) as { cases: GoldenCase[] }).cases;
}

/** A case for the engine. */
export function parityCase(golden: GoldenCase): ParityCase {
  const weights = new Map<string, Weight>();
  for (const [name, tensor] of [...Object.entries(golden.params), ...Object.entries(golden.buffers)]) {
    weights.set(`model.${name}`, weightOf(tensor));
  }
  return {
    spec: specOf(golden),
    mode: golden.mode,
    weights,
    inputs: Object.fromEntries(Object.entries(golden.inputs).map(([group, tensor]) => [group, weightOf(tensor)])),
    labels: golden.labels,
    sampleWeights: golden.sample_weights,
    learningRate: golden.adam_step.lr,
  };
}

function weightOf(tensor: Tensor | number): Weight {
  if (typeof tensor === "number") return { shape: [], data: Float32Array.of(tensor) };
  return { shape: tensor.shape, data: Float32Array.from([tensor.data].flat()) };
}

type Message = Record<string, (Message | string | number | boolean)[]>;

/** Protobuf text as lists of values by field. */
function readText(text: string): Message {
  const tokens = text.match(/"[^"]*"|[\w.+-]+|[{}[\]:,]/g) ?? [];
  let at = 0;
  const value = (token: string) =>
    token.startsWith('"')
      ? token.slice(1, -1)
      : token === "true"
        ? true
        : token === "false"
          ? false
          : Number.isNaN(Number(token))
            ? token
            : Number(token);
  const message = (): Message => {
    const fields: Message = {};
    while (at < tokens.length && tokens[at] !== "}") {
      const name = tokens[at++] as string;
      fields[name] ??= [];
      if (tokens[at] === ":") at++;
      if (tokens[at] === "{") {
        at++;
        fields[name].push(message());
        at++;
      } else if (tokens[at] === "[") {
        for (at++; tokens[at] !== "]"; at++) if (tokens[at] !== ",") fields[name].push(value(tokens[at] as string));
        at++;
      } else fields[name].push(value(tokens[at++] as string));
    }
    return fields;
  };
  return message();
}

function specOf(golden: GoldenCase): ModelSpec {
  const config = readText(golden.model_config);
  const pepnet = config.pepnet?.[0] as Message;
  const one = <T>(from: Message | undefined, name: string, fallback: T) => (from?.[name]?.[0] ?? fallback) as T;
  const groups = (config.feature_groups as Message[]).map((group) => ({
    name: one(group, "group_name", "all") as "all" | "domain" | "uia",
    features: group.feature_names as string[],
    extra: {},
  }));
  const column = one<string | null>(pepnet, "domain_input_name", null);
  return {
    ...emptySpec,
    groups,
    labels: Object.keys(golden.labels),
    epnet: { hidden: one(pepnet, "epnet_hidden_unit", null), gamma: one(pepnet, "epnet_gamma", 2) },
    ppnet: {
      hidden: (pepnet.ppnet_hidden_units ?? []) as number[],
      activation: one(pepnet, "ppnet_activation", "nn.ReLU"),
      dropout: (pepnet.ppnet_dropout_ratio ?? []) as number[],
      gamma: one(pepnet, "ppnet_gamma", 2),
    },
    domains: column === null ? null : { column, count: one(pepnet, "task_domain_num", 1), names: null },
    towers: (pepnet.task_towers as Message[]).map((tower): TowerSpec => {
      const mlp = tower.mlp?.[0] as Message | undefined;
      const indicator = one<string | null>(tower, "task_space_indicator_label", null);
      return {
        name: one(tower, "tower_name", ""),
        label: one(tower, "label_name", ""),
        numClass: one(tower, "num_class", 1),
        mlp:
          mlp === undefined
            ? null
            : {
                ...defaultMlp,
                hidden: mlp.hidden_units as number[],
                activation: one(mlp, "activation", "nn.ReLU"),
                batchNorm: one(mlp, "use_bn", false),
                layerNorm: one(mlp, "use_ln", false),
                bias: one(mlp, "bias", true),
              },
        losses: (tower.losses as Message[]).map((loss): LossSpec => {
          const [[kind, [fields]]] = Object.entries(loss) as [[LossSpec["kind"], [Message]]];
          if (kind === "binary_focal_loss")
            return { kind, gamma: one(fields, "gamma", 2), alpha: one(fields, "alpha", 0.5) };
          if (kind === "l2_loss" || kind === "other") return { kind: "l2_loss" };
          return { kind, labelSmoothing: one(fields, "label_smoothing", 0) };
        }),
        metrics: [],
        weight: one(tower, "weight", 1),
        sampleWeight: one(tower, "sample_weight_name", null),
        taskSpace:
          indicator === null
            ? null
            : {
                indicatorLabel: indicator,
                inWeight: one(tower, "in_task_space_weight", 1),
                outWeight: one(tower, "out_task_space_weight", 1),
              },
        extra: {},
      };
    }),
  };
}
