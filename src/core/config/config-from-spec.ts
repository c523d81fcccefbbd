/** Converts a spec to the pipeline config that TorchEasyRec trains. */
import { ConfigError, type Problem } from "../errors/index.js";
import { growingRows, unfittedProblems } from "../spec/feature/feature.js";
import { emptySpec, type ModelSpec, type SwitchesSpec } from "../spec/model.js";
import { narrowTables } from "../spec/table-placement.js";
import { isAutomaticLength, type TrainingSpec } from "../spec/training.js";
import { unless } from "../spec/validate/checks.js";
import { structureProblems } from "../spec/validate/model.js";
import { stringLiteral } from "../util/code-text.js";
import { deepFreeze, type Json, type JsonObject } from "../util/json.js";
import { writeDataConfig } from "./convert/data.js";
import { FeatureConfigs, pieceNotes, vocabularyNotes } from "./convert/features.js";
import { chooseGeneration, mergeExtra, written } from "./convert/fields.js";
import { writeGroups } from "./convert/groups.js";
import { metricNotes, writeChoice } from "./convert/losses.js";
import { writePepnet } from "./convert/towers.js";
import { writeTrainConfig } from "./convert/training.js";
import { checkedMessage, type PipelineConfig } from "./pipeline/open-config.js";
import { printConfig } from "./pipeline/print-config.js";
import { messageType } from "./schema.js";

/** Paths of a pipeline; by default the paths of the opened config, else `train.parquet`, `test.parquet`, `model`. */
export interface ConfigPaths {
  readonly trainInputPath?: string;
  readonly evalInputPath?: string;
  /** The value of `model_dir`: where TorchEasyRec writes checkpoints. */
  readonly modelDir?: string;
}

export const defaultPaths: Readonly<Record<"train_input_path" | "eval_input_path" | "model_dir", string>> =
  Object.freeze({
    train_input_path: "train.parquet",
    eval_input_path: "test.parquet",
    model_dir: "model",
  });

/**
 * Settings without a field in TorchEasyRec go to the `# pepnet:` line.
 * @throws ConfigError with every switch that it lacks
 */
export function configFromSpec(spec: ModelSpec, paths: ConfigPaths = {}): PipelineConfig {
  // With one tower per task, TorchEasyRec has no domains.
  const domains = spec.switches.sharedTowers ? null : spec.domains;
  const complete = withDomainLabel(spec, domains?.column);
  const problems = [
    ...switchProblems(spec.switches),
    ...unless(spec.baseline === undefined, {
      path: "baseline",
      message: "a baseline is not a PEPNet",
      received: spec.baseline?.kind,
      expected: "PEPNet",
      fix: "export the model that the baseline was made from",
    }),
    ...lossProblems(spec),
    ...spec.layers.map(({ name, kind }) => ({
      path: `layers.${name}`,
      message: `TorchEasyRec${kind === "cross" ? "'s PEPNet" : ""} has no layer "${name}": it is a ${kind === "cross" ? "cross network" : "custom layer"}`,
      received: `.layer(${name})`,
      expected: "a model without such layers",
      fix: `train the model here, or export it without the layer: model.withoutLayer(${stringLiteral(name)})`,
    })),
    ...structureProblems(complete),
    ...unfittedProblems({ features: spec.features.filter((feature) => growingRows(feature) === null) }),
  ];
  const generation = chooseGeneration(spec.extra, spec.features);
  const base = written({
    train_input_path: paths.trainInputPath ?? pathSetting(spec, "train_input_path"),
    eval_input_path: paths.evalInputPath ?? pathSetting(spec, "eval_input_path"),
    model_dir: paths.modelDir ?? pathSetting(spec, "model_dir"),
    train_config: writeTrainConfig(spec.training, (spec.extra["train_config"] ?? {}) as JsonObject) as JsonObject,
    data_config: writeDataConfig(complete, generation),
    feature_configs: new FeatureConfigs(generation, problems).write(spec.features),
    model_config: {
      feature_groups: writeGroups(spec),
      pepnet: writePepnet({ ...spec, domains }),
      ...(spec.training.lossWeights === undefined ? {} : { use_pareto_loss_weight: true }),
    },
  });
  if (problems.length > 0) throw new ConfigError(problems);
  const message = checkedMessage(mergeExtra(base, spec.extra, messageType("EasyRecConfig")));
  return deepFreeze({
    message,
    notes: written({
      seed: spec.training.seed === emptySpec.training.seed ? undefined : spec.training.seed,
      domainNames: spec.domains?.names,
      sharedTowers: domains === spec.domains ? undefined : { column: spec.domains!.column, count: spec.domains!.count },
      derived: spec.derived as JsonObject | undefined,
      vocabularies: vocabularyNotes(spec.features),
      pieces: pieceNotes(spec.features),
      metrics: metricNotes(spec.towers),
      like: spec.training.like,
      epochs: isAutomaticLength(spec.training) ? "automatic" : undefined,
      outputBias: spec.training.outputBias,
    }),
    warnings: [],
  });
}

/**
 * Returns the TorchEasyRec text of a spec; {@link specFromConfig} converts it back to the same spec. Comments name
 * tables that TorchEasyRec refuses, columns that it cannot compute, and settings that depend on rows, which a config
 * does not have.
 */
export function configText(spec: ModelSpec, paths: ConfigPaths = {}): string {
  const text = printConfig(configFromSpec(spec, paths));
  const notes = narrowTables(spec).map(({ message, received, fix }) => `# ${message} (${received}): ${fix}\n`);
  const pieces = spec.features.flatMap((feature) =>
    feature.kind === "raw" && feature.pieces !== undefined
      ? [
          `# ${JSON.stringify(feature.name)}: TorchEasyRec needs its ${feature.valueDim} pieces as a list: model.exportTorchEasyRec(…) writes it\n`,
        ]
      : [],
  );
  return [...notes, ...pieces, ...(isAutomaticLength(spec.training) ? [guessComment(spec.training)] : []), text].join(
    "",
  );
}

function guessComment({ batchSize }: TrainingSpec): string {
  const batch = batchSize === null ? ", and batch_size is TorchEasyRec's 1024" : "";
  return `# num_epochs is a guess, as TorchEasyRec does not stop early${batch}: run.model.exportTorchEasyRec(…) writes what a run kept\n`;
}

function pathSetting(spec: ModelSpec, name: keyof typeof defaultPaths): Json {
  return spec.extra[name] ?? defaultPaths[name];
}

function withDomainLabel(spec: ModelSpec, column: string | undefined): ModelSpec {
  if (column === undefined || spec.labels.includes(column)) return spec;
  return { ...spec, labels: [...spec.labels, column] };
}

function switchProblems(switches: SwitchesSpec): Problem[] {
  return (Object.keys(emptySpec.switches) as (keyof SwitchesSpec)[])
    .filter((name) => name !== "sharedTowers" && switches[name] !== emptySpec.switches[name])
    .map((name) => ({
      path: `switches.${name}`,
      message: `TorchEasyRec has no ${name}: ${switches[name]}`,
      received: JSON.stringify(switches[name]),
      expected: `${JSON.stringify(emptySpec.switches[name])}, as in TorchEasyRec`,
      fix: `train the model here, or set ${name} to ${JSON.stringify(emptySpec.switches[name])} to export it`,
    }));
}

function lossProblems({ towers }: ModelSpec): Problem[] {
  return towers.flatMap(({ name, losses }) =>
    losses.flatMap((loss, index) => {
      if (writeChoice("LossConfig", loss) !== null) return [];
      const message = `TorchEasyRec has no ${loss.kind}`;
      const path = `towers.${name}.losses[${index}]`;
      const fix = "train the model here, or use one of TorchEasyRec's losses to export it";
      return [{ path, message, received: loss.kind, expected: "a loss of TorchEasyRec", fix }];
    }),
  );
}
