/** The types of `encoders.json`: how the columns of a row become the model's inputs. docs/serving.md describes it. */
import type { DerivedColumns } from "../spec/feature/derived.js";
import type { Pooling } from "../spec/feature/feature.js";
import type { DomainsSpec } from "../spec/model.js";
import type { FolderKind } from "../train/saved/folder.js";

/** The files of an exported model; the state of priors only if it was exported with one. */
export const exportedFiles = {
  model: "model.onnx",
  encoders: "encoders.json",
  readme: "README.md",
  priors: "priors.parquet",
} as const;

/** An exported model's folder. */
export const exportKind: FolderKind = {
  files: Object.values(exportedFiles),
  identity: exportedFiles.encoders,
  format: "pepnet.encoders",
  called: "the exported model",
  writer: "run.export() or pepnet export",
};

/** How one value becomes a row of the embedding table; `outside` is the row of unknown values. */
export type RowsRule =
  /** An integer is the row. */
  | {
      readonly kind: "buckets";
      readonly count: number;
      /** Row of numbers below 0 and from `count` on. */
      readonly outside: number;
    }
  /** MurmurHash2-64A of the text's UTF-8 bytes (seed 0xc70f6907), modulo `size`. */
  | { readonly kind: "hash"; readonly size: number }
  /** Text to row. */
  | { readonly kind: "vocabulary"; readonly values: Readonly<Record<string, number>>; readonly outside: number }
  /** A number's row is the count of boundaries at or below it, all as float32; after the normalizer. */
  | {
      readonly kind: "boundaries";
      /** Ascending; the table has one row more. */
      readonly boundaries: readonly number[];
    };

/** Fields of all encoders. */
export interface Encoder {
  readonly name: string;
  /** The first of these columns that exists is read. */
  readonly columns: readonly string[];
  readonly separator: string;
  /** Replaces a missing value, in the format of values; `""`: none. */
  readonly default: string;
  /** TorchEasyRec's text, before boundaries; `null`: none. A default value is not normalised. */
  readonly normalizer: string | null;
}

/** Ids into a table: input [rows, values] of int64, padded with −1, which means no value (a zero vector). */
export interface IdsEncoder extends Encoder {
  readonly kind: "ids";
  /** Columns whose values are crossed and joined with `_` if none of `columns` exists; `null`: none. */
  readonly cross: readonly string[] | null;
  readonly rows: RowsRule;
  readonly pooling: Pooling;
  /** The input for weights of values in the format `id:weight`, [rows, values] of float32; `null`: none. */
  readonly weights: string | null;
  /** Numbers per row, if boundaries bucketize several; else 1. */
  readonly dim: number;
}

/** Plain numbers: input [rows, dim] of float32. */
export interface ValuesEncoder extends Encoder {
  readonly kind: "values";
  readonly dim: number;
  /** The `dim + 1` edges of a number's pieces, after the normalizer; missing: the numbers themselves. */
  readonly pieces?: readonly number[];
}

/**
 * A behaviour sequence: input [rows, positions] of int64, padded with −1; [rows, positions, values] if positions hold
 * several ids; or [rows, positions, dim] of float32 for numbers, padded with 0.
 */
export interface SequenceColumnEncoder extends Encoder {
  readonly kind: "sequence";
  /** Separator of the positions in a text; `separator` separates the values of a position. */
  readonly delimiter: string;
  /** Most positions that are read, the first ones; `null`: all. */
  readonly most: number | null;
  /** How a value becomes a row of the table; `null`: the position holds numbers. */
  readonly rows: RowsRule | null;
  /** Whether a position may hold several ids. */
  readonly several: boolean;
  /** How the graph pools several ids of a position. */
  readonly pooling: Pooling;
  /** Numbers per position; 1 for ids, unless boundaries bucketize several. */
  readonly dim: number;
  /** The input for the number of positions of each row, [rows] of int64; `null`: the graph does not need it. */
  readonly length: string | null;
}

/** The encoder of a feature. */
export type FeatureEncoder = IdsEncoder | ValuesEncoder | SequenceColumnEncoder;

/** Describes one output. */
export interface ServedOutput {
  /** The output's name in the graph, such as `probs_ctr_0`. */
  readonly name: string;
  readonly tower: string;
  /** The tower's domain; `null` if the model has no domains. */
  readonly domain: number | null;
  /** TorchEasyRec's name of its content: logits, probabilities, the second of two classes' probability, a value. */
  readonly kind: "logits" | "probs" | "probs1" | "y";
  /** 1: shape [rows]; else [rows, classes]. */
  readonly classes: number;
}

/** The description of the state of priors in the folder. */
export interface ServedPriors {
  /** The columns of the model that rows get from it, such as `user_id_click_rate`. */
  readonly columns: readonly string[];
  /** The keys by which it counts, each a list of columns. */
  readonly keys: readonly (readonly string[])[];
  /** The last time of the log that it counts, in ISO 8601 (UTC), or the number if times are no dates; `null`: none. */
  readonly until: string | null;
  /** By label, how long after its row it is known, such as `1h`. */
  readonly delays: Readonly<Record<string, string>>;
}

/** The file `encoders.json`. */
export interface EncodersFile {
  readonly format: "pepnet.encoders";
  readonly version: 1;
  /** Whether ids are rows of tables (`fg_mode: FG_NONE`). */
  readonly encoded: boolean;
  readonly domains: DomainsSpec | null;
  /** Columns to compute first, by the rules of docs/serving.md. Missing: none. */
  readonly derived?: DerivedColumns;
  /** The state of priors in `priors.parquet`. Missing: none. */
  readonly priors?: ServedPriors;
  /** One per feature, in the order of the group `all`. */
  readonly features: readonly FeatureEncoder[];
  /** One per tower, domain and kind. */
  readonly outputs: readonly ServedOutput[];
}

export interface ServedPort {
  readonly name: string;
  readonly type: "int64" | "float32";
  /** Numbers are fixed; names differ from batch to batch. */
  readonly shape: readonly ("rows" | "positions" | "values" | number)[];
}

/** The inputs of a feature: its values, and their weights or numbers of positions. */
export function servedPorts(feature: FeatureEncoder): readonly ServedPort[] {
  const { name } = feature;
  if (feature.kind === "values") return [{ name, type: "float32", shape: ["rows", feature.dim] }];
  if (feature.kind === "ids") {
    const ids: ServedPort = { name, type: "int64", shape: ["rows", "values"] };
    return feature.weights === null ? [ids] : [ids, { ...ids, name: feature.weights, type: "float32" }];
  }
  const { rows, several, dim, length } = feature;
  const positions: ServedPort =
    rows === null
      ? { name, type: "float32", shape: ["rows", "positions", dim] }
      : { name, type: "int64", shape: several ? ["rows", "positions", "values"] : ["rows", "positions"] };
  return length === null ? [positions] : [positions, { name: length, type: "int64", shape: ["rows"] }];
}

export type ServedInput =
  | { readonly type: "int64"; readonly values: BigInt64Array; readonly shape: readonly number[] }
  | { readonly type: "float32"; readonly values: Float32Array; readonly shape: readonly number[] };

/** The rows `from` … `to` − 1. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** The result of an export. */
export interface ExportedModel {
  readonly folder: string;
  readonly encoders: EncodersFile;
  readonly bytes: number;
}
