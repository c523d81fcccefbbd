/** Sequence encoders of a group: `din("clicks", { query: ["item_id"], hidden: [64, 16] })`. */
import { type Problem, SpecError } from "../errors/index.js";
import { isSequence } from "../spec/feature/feature.js";
import type {
  GroupSequences,
  MultiWindowDinSpec,
  PoolingEncoderSpec,
  SelfAttentionSpec,
  SequenceEncoderSpec,
  SequenceGroupSpec,
} from "../spec/feature/sequence.js";
import type { GroupName, ModelSpec } from "../spec/model.js";
import { encoderOptions, mlpOptions } from "../spec/tables.js";
import { checkOptions, unknownName } from "../spec/validate/checks.js";
import { stringLiteral } from "../util/code-text.js";
import { definedOnly, type MlpOptions, mlpSpec } from "./tower.js";

/** An encoder whose sequences (as `name[]`) and query the compiler knows. */
export interface SequenceEncoder<S extends string, Q extends string> {
  /** The sequences whose features make up a position: `["clicks[]"]`. */
  readonly sequences: readonly S[];
  /** Features of the candidate that each position is compared with. */
  readonly query: readonly Q[];
  /** Its sequence group's name in a TorchEasyRec config; `null`: the sequence's. */
  readonly name: string | null;
  /** Suffix of separate tables for it; `null`: tables are shared with other encoders. */
  readonly tables: string | null;
  /** The encoder with its input, and the most positions of its sequence. */
  toSpec(input: string, length: number): SequenceEncoderSpec;
}

/** Options of every encoder. */
export interface EncoderOptions {
  /** Reads only the first positions. Default: all, up to the sequence's length. */
  readonly maxLength?: number;
  /** Name of its sequence group in a TorchEasyRec config. Default: the sequence's name. */
  readonly name?: string;
  /** Gives the encoder separate tables, with this suffix. Default: all encoders share tables by name. */
  readonly tables?: string;
}

/** The query of an attention. */
export interface QueryOptions<Q extends string> extends EncoderOptions {
  /** Features of the candidate, such as the item's id. */
  readonly query: readonly Q[];
}

/**
 * DIN: weights each position by an MLP over the query, the position, their difference and their product; the query may
 * be narrower than a position, never wider.
 * @param sequence a sequence's name, or several names whose features make up a position
 * @example
 * model.group("all", ["user_id", "item_id"], { sequences: [din("clicks", { query: ["item_id"], hidden: [64, 16] })] })
 */
export function din<S extends string, Q extends string>(
  sequence: S | readonly S[],
  options: QueryOptions<Q> & MlpOptions,
): SequenceEncoder<`${S}[]`, Q> {
  return encoder("din", "din", sequence, options);
}

/** Weights each position by its product with the query, which must be as wide as a position. */
export function simpleAttention<S extends string, Q extends string>(
  sequence: S | readonly S[],
  options: QueryOptions<Q>,
): SequenceEncoder<`${S}[]`, Q> {
  return encoder("simpleAttention", "simple_attention", sequence, options);
}

/** The mean or sum of all positions. Default: mean. */
export function pooling<S extends string>(
  sequence: S | readonly S[],
  options: EncoderOptions & Partial<Pick<PoolingEncoderSpec, "pooling">> = {},
): SequenceEncoder<`${S}[]`, never> {
  return encoder<S, never>("pooling", "pooling", sequence, options, { pooling: "mean" });
}

/**
 * Weights each position by an MLP and averages windows of positions; the result has each window, then the query.
 * @example multiWindowDin("clicks", { query: ["item_id"], windows: [1, 4, 45], hidden: [64, 16] })
 */
export function multiWindowDin<S extends string, Q extends string>(
  sequence: S | readonly S[],
  options: Omit<QueryOptions<Q>, "maxLength"> & MlpOptions & Pick<MultiWindowDinSpec, "windows">,
): SequenceEncoder<`${S}[]`, Q> {
  return encoder("multiWindowDin", "multi_window_din", sequence, options);
}

/** Attention between the positions of a sequence, then their mean. Defaults: one head, no dropout. */
export function selfAttention<S extends string>(
  sequence: S | readonly S[],
  options: EncoderOptions & Pick<SelfAttentionSpec, "dim"> & Partial<Pick<SelfAttentionSpec, "heads" | "dropout">>,
): SequenceEncoder<`${S}[]`, never> {
  return encoder<S, never>("selfAttention", "self_attention", sequence, options, { heads: 1, dropout: 0 });
}

/** Builds an encoder from its options. @param defaults values of the settings that may be left out */
function encoder<S extends string, Q extends string>(
  call: string,
  kind: SequenceEncoderSpec["kind"],
  sequence: S | readonly S[],
  options: Omit<EncoderOptions, "maxLength"> & { readonly query?: readonly Q[] },
  defaults: object = {},
): SequenceEncoder<`${S}[]`, Q> {
  const settings = Object.keys(encoderOptions[kind]);
  const hasMlp = kind === "din" || kind === "multi_window_din";
  const hasQuery = hasMlp || kind === "simple_attention";
  const layers = hasMlp ? Object.keys(mlpOptions) : [];
  checkOptions(call, options, [...(hasQuery ? ["query"] : []), ...settings, "name", "tables", ...layers]);
  const { query = [], name = null, tables = null } = options;
  const chosen = { ...defaults, ...definedOnly(options) } as Readonly<Record<string, unknown>>;
  const pick = (names: readonly string[]) => Object.fromEntries(names.map((each) => [each, chosen[each]]));
  const mlp = hasMlp ? { mlp: mlpSpec(call, [pick(layers)]) } : {};
  return Object.freeze<SequenceEncoder<`${S}[]`, Q>>({
    sequences: (typeof sequence === "string" ? [sequence] : sequence).map((each: S) => `${each}[]` as const),
    query: [...query],
    name,
    tables,
    toSpec(input, length) {
      const usual = "maxLength" in encoderOptions[kind] ? { maxLength: length } : {};
      return { kind, input, ...mlp, ...usual, ...definedOnly(pick(settings)), extra: {} } as SequenceEncoderSpec;
    },
  });
}

/** A group's sequences, shared by encoders of the same features. @throws SpecError for an undeclared sequence */
export function groupSequences(
  spec: ModelSpec,
  group: GroupName,
  encoders: readonly SequenceEncoder<string, string>[],
): GroupSequences | null {
  if (encoders.length === 0) return null;
  const taken = new Set(spec.groups.flatMap((each) => each.sequences?.groups.map(({ name }) => name) ?? []));
  const groups: SequenceGroupSpec[] = [];
  const problems: Problem[] = [];
  const made = encoders.map((each) => {
    const sequences = each.sequences.map((name) => name.replace(/\[\]$/, ""));
    const inputs = sequences.map((name) => memberFeatures(spec, group, name, problems));
    const features = [...each.query, ...inputs.flatMap(({ names }) => names)];
    const same = groups.find(
      (other) => other.suffix === each.tables && JSON.stringify(other.features) === JSON.stringify(features),
    );
    const base = each.name ?? sequences.join("_");
    const name = same?.name ?? (each.name === null ? freeName(base, group, taken) : base);
    taken.add(name);
    if (same === undefined) groups.push({ name, features, suffix: each.tables });
    return each.toSpec(name, inputs[0]?.length ?? 0);
  });
  if (problems.length > 0) throw new SpecError(problems);
  return { groups, encoders: made };
}

function memberFeatures(spec: ModelSpec, group: GroupName, name: string, problems: Problem[]) {
  const inputs = spec.features.filter(
    (feature) => isSequence(feature) && (feature.sequence?.of === name || feature.name === name),
  );
  if (inputs.length === 0) {
    const declared = [
      ...new Set(spec.features.flatMap(({ sequence, name: featureName }) => sequence && (sequence.of ?? featureName))),
    ];
    const names = declared.flatMap((each) => each ?? []);
    const declare = `.features(sequenceFeature(${stringLiteral(name)}, { of: […], length: 50 }))`;
    problems.push(unknownName(`groups.${group}.sequences`, "sequence", name, names, declare));
  }
  return { names: inputs.map((feature) => feature.name), length: inputs[0]?.sequence?.length ?? 0 };
}

/** Names of sequence groups are unique in a model. */
function freeName(name: string, group: GroupName, taken: ReadonlySet<string>): string {
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? name : `${group}_${name}${count === 2 ? "" : `_${count - 1}`}`;
    if (!taken.has(candidate)) return candidate;
  }
}
