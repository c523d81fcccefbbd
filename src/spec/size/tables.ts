/**
 * The embedding tables of a model. As in TorchEasyRec, features of groups share one family of tables and sequence
 * groups another: a feature in both has two tables of one name.
 */
import { type FeatureSpec, tableName, tableRows } from "../feature/feature.js";
import { findFeature } from "../feature/find-feature.js";
import { allEncoders } from "../feature/sequence/encoder-part.js";
import { groupedFeatures, type ModelSpec } from "../model.js";

/** One embedding table. */
export interface TableSize {
  /** Its name, such as `user_id_emb`; unique in the model: tables of sequence groups end in ` (sequences)`. */
  readonly table: string;
  /** TorchEasyRec's name of its weight. */
  readonly parameter: string;
  /** Whether sequence groups read it. */
  readonly isOfSequences: boolean;
  /** The features that read it. */
  readonly features: readonly string[];
  /** `null`: a vocabulary file determines the number. */
  readonly rows: number | null;
  /** Number of columns. */
  readonly dim: number;
  /** `init_fn` of an opened config; `null`: uniform in ±1/√rows. */
  readonly initializer: string | null;
  /**
   * Whether training changes it: not with `trainable: false`. TorchEasyRec trains tables of sequence groups on a CPU
   * even then.
   */
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

/** A feature's use of a table. */
interface TableUse {
  readonly feature: FeatureSpec;
  readonly table: string;
  readonly parameter: string;
  readonly isOfSequences: boolean;
}

/** The tables of all groups, in the order of the features; then those of sequence groups. */
export function tableSizes(spec: ModelSpec): readonly TableSize[] {
  const sizes = new Map<string, TableSize>();
  for (const { feature, table, parameter, isOfSequences } of [...pooledUses(spec), ...sequenceUses(spec)]) {
    if (feature.kind === "other") continue;
    const earlier = sizes.get(table);
    const rows = earlier?.rows ?? tableRows(feature);
    const dim = feature.embeddingDim!;
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

function pooledUses(spec: ModelSpec): TableUse[] {
  const read = groupedFeatures(spec);
  return spec.features.flatMap((feature): TableUse[] => {
    const table = tableName(feature);
    if (table === null || !read.has(feature.name)) return [];
    const parameter = `${prefix}.emb_impls.__BASE__.ebc.embedding_bags.${table}.weight`;
    return [{ feature, table, parameter, isOfSequences: false }];
  });
}

/** In the order of encoders. */
function sequenceUses(spec: ModelSpec): TableUse[] {
  return allEncoders(spec).flatMap(({ input }) =>
    [...input.query, ...input.sequence].flatMap(({ name }): TableUse[] => {
      const feature = findFeature(spec, name)!;
      const table = sequenceTable(feature, input.suffix);
      if (table === null || feature.kind === "other") return [];
      const weightName = suffixed(tableName(feature)!, input.suffix);
      const parameter = `${prefix}.seq_emb_impls.__BASE__.ec_dict.${feature.embeddingDim}.embeddings.${weightName}.weight`;
      return [{ feature, table, parameter, isOfSequences: true }];
    }),
  );
}

function suffixed(table: string, suffix: string): string {
  return suffix === "" ? table : `${table}_${suffix}`;
}
