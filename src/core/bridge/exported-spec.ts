/** The model of an export, for rows with `fg_mode: FG_NONE`: ids are rows of tables, and numbers are normalised. */
import { ConfigError, type Problem } from "../errors/index.js";
import { columnContents } from "../spec/feature/column-contents.js";
import {
  type FeatureSpec,
  growingRows,
  holdsSeveral,
  type IdFeatureSpec,
  isFrozen,
  otherEncodings,
  type RawFeatureSpec,
  tableRows,
} from "../spec/feature/feature.js";
import type { ModelSpec } from "../spec/model.js";
import { type TableSize, tableSizes } from "../spec/sizes.js";
import { denseTables, narrowTables } from "../spec/table-placement.js";
import { show, unless } from "../spec/validate/checks.js";
import { stringLiteral } from "../util/code-text.js";
import type { JsonObject } from "../util/json.js";
import { listNames } from "../util/names.js";
import { sequenceNotes } from "./exported-sequences.js";

/** Fields of `data_config` on the source and format of rows, which the export replaces. */
const ofTheOldRows = [
  "dataset_type",
  "fg_encoded",
  "fg_encoded_multival_sep",
  "input_fields",
  "input_fields_str",
  "delimiter",
  "with_header",
  "is_orderby_partition",
  "odps_data_quota_name",
  "odps_data_compression",
];

/** @param spec with vocabulary files read @throws ConfigError that names settings TorchEasyRec cannot train */
export function exportedSpec(spec: ModelSpec): ModelSpec {
  const problems = untrainable(spec);
  if (problems.length > 0) throw new ConfigError(problems);
  const isPlanned = spec.training.tablePlacement === "planner";
  const dense = new Set(denseSizes(spec).flatMap((table) => table.features));
  const features = spec.features.map((feature) => pinned(exportedFeature(feature), dense, isPlanned));
  // The exported rows contain the results of rules.
  const { derived: _, ...rest } = spec;
  const domains = spec.domains && { ...spec.domains, column: exportedDomain(spec)! };
  const { data_config: data = {}, train_config: train = {}, ...extra } = spec.extra as Record<string, JsonObject>;
  return {
    ...rest,
    domains,
    labels: spec.labels.map((name) => (name === spec.domains?.column ? domains!.column : name)),
    features,
    training: isPlanned ? { ...spec.training, tablePlacement: "sparse" } : spec.training,
    extra: {
      ...extra,
      data_config: { num_workers: 1, ...without(data, ofTheOldRows), fg_mode: "FG_NONE" },
      ...(Object.keys(train).length === 0
        ? {}
        : { train_config: isPlanned ? without(train, ["global_embedding_constraints"]) : train }),
    },
  };
}

/**
 * Whether the exported config reads a user's columns differently than the model, so that the folder needs the model's
 * own config.
 */
export function isEncodedAnew(spec: ModelSpec, exported: ModelSpec): boolean {
  if (columnContents(spec) !== "rows" || Object.keys(spec.derived ?? {}).length > 0) return true;
  return spec.features.some((feature, at) => {
    if (feature.kind === "other" || growingRows(feature) !== null || feature.separator !== null) return true;
    if (feature.kind === "raw" && feature.pieces !== undefined) return true;
    const { defaultValue } = exported.features[at] as IdFeatureSpec | RawFeatureSpec;
    // Numbers without a default have a value in each row.
    return feature.defaultValue !== defaultValue && !(feature.kind === "raw" && feature.defaultValue === "");
  });
}

function exportedFeature(feature: FeatureSpec): FeatureSpec {
  if (feature.kind === "other") return feature;
  const column = exportedColumn(feature);
  return feature.sequence === undefined ? column : { ...column, sequence: feature.sequence };
}

function exportedColumn(feature: Exclude<FeatureSpec, { kind: "other" }>): IdFeatureSpec | RawFeatureSpec {
  const { name, embeddingName, pooling } = feature;
  // A default would replace values that are empty on purpose.
  const extra = without(feature.extra, ["fg_encoded_default_value", ...otherEncodings]);
  const { sequence } = feature;
  const prefix = sequence == null || sequence.of === null ? "" : `${sequence.of}__`;
  // The side of a feature (`user:`, `item:`) tells TorchEasyRec's serving what to compute once per user.
  const expressions = feature.kind === "combo" ? feature.expressions : [feature.expression];
  const sides = new Set(expressions.map((text) => (text.includes(":") ? text.slice(0, text.indexOf(":")) : "context")));
  const expression = `${sides.size === 1 ? [...sides][0]! : "context"}:${name.slice(prefix.length)}`;
  const common = { name, embeddingName, pooling, separator: null, extra, expression };
  if (feature.kind === "raw" && feature.boundaries.length === 0) {
    const { valueDim, embeddingDim, projection } = feature;
    // An empty sequence has no positions.
    const defaultValue = sequence ? "" : Array.from({ length: valueDim }, () => "0").join("\x03");
    const numbers = { valueDim, embeddingDim, normalizer: null, boundaries: [], defaultValue };
    return { kind: "raw", ...common, ...numbers, projection };
  }
  // Buckets of several numbers are several ids.
  const several = sequence && holdsSeveral(feature) && { extra: { ...extra, value_dim: 0 } };
  return {
    kind: "id",
    ...common,
    ...several,
    encoding: { kind: "buckets", count: tableRows(feature)! },
    defaultValue: "",
    defaultBucket: null,
    weighted: feature.kind === "id" && feature.weighted,
    embeddingDim: feature.embeddingDim!,
  };
}

/**
 * Pins the sharding of tables that the dense optimizer trains, since the planner's choice depends on the machine.
 * Frozen tables get the other one, since TorchEasyRec would train them with the dense optimizer.
 */
function pinned(feature: FeatureSpec, dense: ReadonlySet<string>, isPlanned: boolean): FeatureSpec {
  if (feature.kind === "other" || !dense.has(feature.name)) return feature;
  if (!isFrozen(feature) && !isPlanned) return feature;
  const [sharding, kernel] = isFrozen(feature) ? ["table_wise", "fused"] : ["data_parallel", "dense"];
  const constraints = { sharding_types: [sharding!], compute_kernels: [kernel!] };
  return { ...feature, extra: { ...feature.extra, embedding_constraints: constraints } };
}

/** The sharded tables that the dense optimizer trains; those of sequences are not sharded. */
function denseSizes(spec: ModelSpec): readonly TableSize[] {
  const dense = denseTables(spec);
  return tableSizes(spec).filter(({ table, isOfSequences }) => !isOfSequences && dense.has(table));
}

function without(fields: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name))) as JsonObject;
}

/** TorchEasyRec cannot average sharded tables that its dense optimizer trains. */
function averagedTables(spec: ModelSpec): Problem[] {
  const { emaDecay, tablePlacement } = spec.training;
  if (emaDecay === null) return [];
  const dense = denseSizes(spec).filter(({ isTrained }) => isTrained);
  const features = constrainedFeatures(spec);
  const isConstrained = (table: TableSize): boolean => table.features.some((name) => features.has(name));
  const bySetting = dense.filter((table) => !isConstrained(table));
  const byFeature = dense.filter(isConstrained);
  const names = (tables: readonly TableSize[]): string => listNames(tables.map(({ table }) => table));
  const causes: string[] = [];
  const ways: string[] = [];
  if (bySetting.length > 0) {
    causes.push(`tablePlacement "${tablePlacement}": ${names(bySetting)}`);
    ways.push('.train({ tablePlacement: "sparse" })');
  }
  if (byFeature.length > 0) {
    const those = byFeature.flatMap((table) => table.features.filter((name) => features.has(name)));
    causes.push(`embedding_constraints of their features: ${names(byFeature)}`);
    ways.push(`remove embedding_constraints of ${listNames(those)} from feature_configs`);
  }
  return unless(dense.length === 0, {
    path: "training.emaDecay",
    message: "TorchEasyRec stops when it averages weights (ema) while its dense optimizer trains tables",
    received: `emaDecay ${emaDecay}; tables of the dense optimizer by ${causes.join(", by ")}`,
    expected: "all tables under the sparse optimizer, or no averages",
    fix: `${ways.join(" and ")}, or .train({ emaDecay: null })`,
  });
}

/** Features whose own constraints choose their table's optimizer, whatever the training settings say. */
function constrainedFeatures(spec: ModelSpec): ReadonlySet<string> {
  const isConstrained = (each: FeatureSpec): boolean =>
    each.kind !== "other" && each.extra["embedding_constraints"] !== undefined;
  return new Set(spec.features.filter(isConstrained).map(({ name }) => name));
}

/** The column of the domains. It gets another name if the model's feature of that name holds other values. */
export function exportedDomain(spec: ModelSpec): string | undefined {
  const name = spec.domains?.column;
  const feature = spec.features.find((each) => each.name === name);
  const isDomain = feature?.kind === "id" && feature.encoding.kind === "buckets";
  if (feature === undefined || isDomain || columnContents(spec) === "rows") return name;
  const taken = new Set([...spec.features.map((each) => each.name), ...spec.labels, ...spec.sampleWeights]);
  let fresh = `${name}_domain`;
  while (taken.has(fresh)) fresh += "_";
  return fresh;
}

export function exportNotes(spec: ModelSpec): readonly string[] {
  const column = exportedDomain(spec);
  const isRenamed = column !== spec.domains?.column;
  const note = `domains are in the column "${column}", since "${spec.domains?.column}" holds the feature's table rows`;
  const frozen = denseSizes(spec).flatMap(({ isTrained, features }) => (isTrained ? [] : features));
  const pins = `${listNames([...new Set(frozen)])}: pinned to the fused kernel, as TorchEasyRec trains frozen tables of the dense one`;
  const growing = spec.features.filter((feature) => growingRows(feature) !== null).map(({ name }) => name);
  const fixed = `${listNames(growing)}: rows of a vocabulary of the training rows, without zch and dynamicemb; model.config has both, and the vocabulary for new rows`;
  const numpy = 'use_pareto_loss_weight fails there with NumPy 2: pip install "numpy<2"';
  const notes = [...(isRenamed ? [note] : []), ...(frozen.length > 0 ? [pins] : []), ...sequenceNotes(spec)];
  if (spec.training.lossWeights !== undefined) notes.push(numpy);
  if (spec.domains !== null && spec.switches.sharedTowers)
    notes.push(
      `one tower for all domains: TorchEasyRec has none to evaluate by; "${column}" is in the rows for pepnet`,
    );
  return growing.length > 0 ? [...notes, fixed] : notes;
}

function untrainable(spec: ModelSpec): Problem[] {
  const labels = spec.towers.flatMap(({ label, taskSpace }) => [label, taskSpace?.indicatorLabel]);
  const isOnlyDomain = (name: string): boolean =>
    name === spec.domains?.column && ![...labels, ...spec.sampleWeights].includes(name);
  const features = spec.features.map(({ name }) => name);
  const data = (spec.extra["data_config"] ?? {}) as JsonObject;
  return [
    ...averagedTables(spec),
    ...narrowTables(spec),
    ...spec.towers.flatMap(({ name, numClass }) =>
      unless(spec.domains === null || spec.switches.sharedTowers || numClass < 2, {
        path: `towers.${name}.numClass`,
        message: "TorchEasyRec fails on a multi-class tower in a model with domains",
        received: `${numClass} classes, domains by "${spec.domains?.column}"`,
        expected: "one class, or no domains",
        fix: "train it here, or remove this tower before the export",
      }),
    ),
    ...[...spec.labels, ...spec.sampleWeights].flatMap((name) =>
      unless(isOnlyDomain(name) || !features.includes(name), {
        path: `features.${name}`,
        message: "a feature and a label or sample weight with the same name would share a column of the export",
        fix: `rename the feature: idFeature(${stringLiteral(`${name}_id`)}).expression(${stringLiteral(`context:${name}`)})`,
      }),
    ),
    ...["sample_cost_field", "batch_cost_size"].flatMap((field) =>
      unless(data[field] === undefined, {
        path: `data_config.${field}`,
        message: `${field} makes batches by a column that is not exported`,
        fix: "remove it from the config, and use batch_size",
      }),
    ),
    ...unless(data["min_batch_size"] === undefined, {
      path: "data_config.min_batch_size",
      message: "TorchEasyRec 1.3.16, which trains exports, has no such field",
      received: show(data["min_batch_size"]),
      fix: "remove it from the config, or use drop_remainder: true in its place",
    }),
  ];
}
