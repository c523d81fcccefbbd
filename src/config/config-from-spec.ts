/** From a spec to the pipeline that TorchEasyRec trains. */
import { ConfigError, type Problem } from "../errors/index.js";
import type { ModelSpec, SwitchesSpec } from "../spec/index.js";
import { emptySpec } from "../spec/index.js";
import { structureProblems } from "../spec/validate/index.js";
import { deepFreeze } from "../util/freeze.js";
import type { Json, JsonObject } from "../util/json.js";
import { generationOf } from "./convert/feature-generation.js";
import { writeFeature } from "./convert/features.js";
import { written } from "./convert/fields.js";
import { mergeExtra } from "./convert/merge.js";
import { writeGroups } from "./convert/model/groups.js";
import { writePepnet } from "./convert/model/pepnet.js";
import { writeDataConfig } from "./convert/training/data.js";
import { writeTrainConfig } from "./convert/training/training.js";
import { defaultPaths } from "./paths/default-paths.js";
import { checkedMessage, type PipelineConfig } from "./pipeline/open-config.js";
import { printConfig } from "./pipeline/print-config.js";
import { messageType } from "./schema/schema.js";

/** Paths of a pipeline; what is left out is as the opened config had it, else `train.parquet`, `test.parquet`, `model`. */
export interface ConfigPaths {
  /** Of `train_input_path`. */
  readonly trainInputPath?: string;
  /** Of `eval_input_path`. */
  readonly evalInputPath?: string;
  /** Of `model_dir`: where TorchEasyRec writes checkpoints. */
  readonly modelDir?: string;
}

/**
 * The pipeline of a spec. The domain column is added to `label_fields` where it is missing. Seed and domain names go
 * into the `# pepnet:` line, which TorchEasyRec skips.
 *
 * @throws ConfigError with every problem: each switch that TorchEasyRec lacks, by its name, and whatever is wrong with
 * the spec itself.
 */
export function configFromSpec(spec: ModelSpec, paths: ConfigPaths = {}): PipelineConfig {
  const complete = withDomainLabel(spec);
  const problems = [...switchProblems(spec.switches), ...layerProblems(spec), ...structureProblems(complete)];
  const generation = generationOf(spec.extra, spec.features);
  const trainExtra = (spec.extra["train_config"] ?? {}) as JsonObject;
  const base = written({
    train_input_path: paths.trainInputPath ?? kept(spec, "train_input_path"),
    eval_input_path: paths.evalInputPath ?? kept(spec, "eval_input_path"),
    model_dir: paths.modelDir ?? kept(spec, "model_dir"),
    train_config: writeTrainConfig(spec.training, trainExtra) as JsonObject,
    data_config: writeDataConfig(complete, generation),
    feature_configs: spec.features.map((feature) => writeFeature(feature, generation, problems)),
    model_config: { feature_groups: writeGroups(spec), pepnet: writePepnet(spec) },
  });
  if (problems.length > 0) throw new ConfigError(problems);
  const message = checkedMessage(mergeExtra(base, spec.extra, messageType("EasyRecConfig")));
  return deepFreeze({ message, notes: notesOf(spec), warnings: [] });
}

/**
 * The TorchEasyRec text of a spec; {@link specFromConfig} of it is the spec again.
 *
 * @example await writeFile("pipeline.config", configText(model.spec, { trainInputPath: "data/train/*.parquet" }))
 */
export function configText(spec: ModelSpec, paths: ConfigPaths = {}): string {
  return printConfig(configFromSpec(spec, paths));
}

function kept(spec: ModelSpec, name: keyof typeof defaultPaths): Json {
  return spec.extra[name] ?? defaultPaths[name];
}

function withDomainLabel(spec: ModelSpec): ModelSpec {
  const column = spec.domains?.column;
  if (column === undefined || spec.labels.includes(column)) return spec;
  return { ...spec, labels: [...spec.labels, column] };
}

function switchProblems(switches: SwitchesSpec): Problem[] {
  const names = Object.keys(emptySpec.switches) as (keyof SwitchesSpec)[];
  return names
    .filter((name) => switches[name] !== emptySpec.switches[name])
    .map((name) => ({
      path: `switches.${name}`,
      message: `TorchEasyRec has no ${name}: ${switches[name]}`,
      received: JSON.stringify(switches[name]),
      expected: `${JSON.stringify(emptySpec.switches[name])}, as TorchEasyRec computes it`,
      fix: `train it here, or set ${name} back to ${JSON.stringify(emptySpec.switches[name])} to export`,
    }));
}

function layerProblems({ layers }: ModelSpec): Problem[] {
  return layers.map(({ name }) => ({
    path: `layers.${name}`,
    message: `TorchEasyRec has no layer "${name}": it is your own`,
    received: `.layer(${name})`,
    expected: "no layers of one's own",
    fix: "train it here; export the model as it was before .layer(…)",
  }));
}

function notesOf({ training, domains }: ModelSpec): JsonObject {
  return written({
    seed: training.seed === emptySpec.training.seed ? undefined : training.seed,
    domainNames: domains?.names,
  });
}
