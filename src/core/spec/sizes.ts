/** The widths of groups and their parts. */

import { sum } from "../util/numbers.js";
import { allEncoders, type EncoderPart, encoderParts, groupSuffix } from "./feature/encoder-part.js";
import { type FeatureSpec, featureWidth, findFeature, inputWidth, tableName, tableRows } from "./feature/feature.js";
import type { LayerInput } from "./layer.js";
import { everyGroup, type GroupName, groupFeatures, type ModelSpec } from "./model.js";

/** The width of a group's input: the sum of its parts' widths; `null` if the group is missing. */
export function groupDim(spec: ModelSpec, name: GroupName): number | null {
  return groupParts(spec, name)?.reduce((sum, { width }) => sum + width, 0) ?? null;
}

export interface GroupDims {
  readonly all: number;
  readonly domain: number | null;
  readonly uia: number | null;
}

export function groupDims(spec: ModelSpec): GroupDims {
  return { all: groupDim(spec, "all") ?? 0, domain: groupDim(spec, "domain"), uia: groupDim(spec, "uia") };
}

export interface GroupPart {
  /** The feature's name, or the encoder's (`clicks: din`). */
  readonly name: string;
  readonly start: number;
  readonly width: number;
  /** `null` for an encoder, or for an unknown feature. */
  readonly feature: FeatureSpec | null;
}

/** The parts of a group, in the order of their columns; `null` if the group is missing. */
export function groupParts(spec: ModelSpec, name: GroupName): readonly GroupPart[] | null {
  const features = groupFeatures(spec, name);
  if (features === null) return null;
  let start = 0;
  const part = (each: Omit<GroupPart, "start">): GroupPart => {
    start += each.width;
    return { ...each, start: start - each.width };
  };
  return [
    ...features.map((each) => {
      const feature = findFeature(spec, each) ?? null;
      const width = feature === null ? 0 : isWide(spec, name) ? wideWidth : featureWidth(feature);
      return part({ name: each, width, feature });
    }),
    ...encoderParts(spec, name).map((encoder) => part({ name: encoder.name, width: encoder.width, feature: null })),
  ];
}

export function layerInput(spec: ModelSpec): LayerInput {
  const fields = (groupParts(spec, "all") ?? []).map(({ name: feature, start, width }) => ({ feature, start, width }));
  return { width: sum(fields.map(({ width }) => width)), fields };
}

export function mostPositions({ encoder, input }: EncoderPart): number {
  if (encoder.kind === "multi_window_din") return sum(encoder.windows);
  if (encoder.maxLength > 0) return encoder.maxLength;
  const [first] = input.sequence;
  return first === undefined || first.kind === "other" ? 1 : Math.max(1, first.sequence?.length ?? 1);
}

/** As in TorchEasyRec, groups share one family of tables and sequence groups another, possibly of the same names. */

/** One embedding table. */
export interface TableSize {
  /** Its name, such as `user_id_emb`; unique in the model: tables of sequence groups end in ` (sequences)`. */
  readonly table: string;
  readonly parameter: string;
  readonly isOfSequences: boolean;
  readonly features: readonly string[];
  /** `null`: a vocabulary file determines the number. */
  readonly rows: number | null;
  readonly dim: number;
  /** `init_fn` of an opened config; `null`: uniform in ±1/√rows. */
  readonly initializer: string | null;
  /** `false`: `trainable: false`, which TorchEasyRec ignores for tables of sequence groups on a CPU. */
  readonly isTrained: boolean;
  /** rows × dim; `null` if a file determines the rows. */
  readonly parameters: number | null;
}

const prefix = "model.embedding_group";

/** The unique name of the table that a feature reads in a sequence group; `null` if it is not embedded. */
export function sequenceTable(feature: FeatureSpec, suffix: string): string | null {
  const name = tableName(feature);
  return name === null ? null : `${suffixed(name, suffix)} (sequences)`;
}

/** A feature that a group or its sequences look up in a table. */
export interface TableUse extends Pick<TableSize, "table" | "parameter" | "isOfSequences" | "dim"> {
  readonly feature: Exclude<FeatureSpec, { kind: "other" }>;
  /** Suffix of the group's tables. */
  readonly suffix: string;
}

/** The tables of all groups, in the order of the features; then those of sequence groups. */
export function tableSizes(spec: ModelSpec): readonly TableSize[] {
  const sizes = new Map<string, TableSize>();
  for (const { feature, table, parameter, isOfSequences, dim } of tableUses(spec)) {
    const earlier = sizes.get(table);
    const rows = earlier?.rows ?? tableRows(feature);
    const features = earlier?.features ?? [];
    sizes.set(table, {
      table,
      parameter,
      isOfSequences,
      features: features.includes(feature.name) ? features : [...features, feature.name],
      rows,
      dim,
      initializer: earlier?.initializer ?? (feature.extra["init_fn"] as string | undefined) ?? null,
      isTrained: isOfSequences || feature.extra["trainable"] !== false,
      parameters: rows === null ? null : rows * dim,
    });
  }
  return [...sizes.values()];
}

/** Every look-up in a table, in the order of features, then of encoders. */
export function tableUses(spec: ModelSpec): readonly TableUse[] {
  const groups = everyGroup.map((name) => ({ name, features: new Set(groupFeatures(spec, name)) }));
  const pooled = spec.features.flatMap((feature): TableUse[] => {
    if (feature.kind === "other" || tableName(feature) === null) return [];
    const uses = groups.flatMap(({ name, features }): TableUse[] => {
      if (!features.has(feature.name)) return [];
      const table = groupTable(spec, name, feature)!;
      const parameter = `${prefix}.emb_impls.__BASE__.ebc.embedding_bags.${table}.weight`;
      const dim = columnsIn(spec, name, feature);
      return [{ feature, table, parameter, isOfSequences: false, suffix: groupSuffix(spec, name), dim }];
    });
    return [...new Map(uses.map((use) => [JSON.stringify([use.table, use.suffix]), use])).values()];
  });
  const ofSequences = allEncoders(spec).flatMap(({ input: { query, sequence, suffix } }) =>
    [...query, ...sequence].flatMap((feature): TableUse[] => {
      const table = sequenceTable(feature, suffix);
      if (table === null || feature.kind === "other") return [];
      const weightName = suffixed(tableName(feature)!, suffix);
      const dim = feature.embeddingDim!;
      const parameter = `${prefix}.seq_emb_impls.__BASE__.ec_dict.${dim}.embeddings.${weightName}.weight`;
      return [{ feature, table, parameter, isOfSequences: true, suffix, dim }];
    }),
  );
  return [...pooled, ...ofSequences];
}

/** The name of the table that a feature reads in a group itself; `null` if it is not embedded. */
export function groupTable(spec: ModelSpec, group: GroupName, feature: FeatureSpec): string | null {
  const name = tableName(feature);
  return name === null ? null : suffixed(isWide(spec, group) ? `${name}_wide` : name, groupSuffix(spec, group));
}

/** The width of every table of a WIDE group, whatever its features' dims: no field of PEPNet sets another. */
const wideWidth = 4;

/** Whether a group has separate tables, named `…_wide`, of width 4 (`group_type: WIDE` in TorchEasyRec). */
export function isWide({ groups }: Pick<ModelSpec, "groups">, name: GroupName): boolean {
  return groups.find((each) => each.name === name)?.extra["group_type"] === "WIDE";
}

/**
 * The number of columns that a feature fills in a batch of a group: its width, or its numbers if the model embeds them.
 */
export function columnsIn(spec: ModelSpec, group: GroupName, feature: FeatureSpec): number {
  return isWide(spec, group) ? wideWidth : inputWidth(feature);
}

function suffixed(table: string, suffix: string): string {
  return suffix === "" ? table : `${table}_${suffix}`;
}
