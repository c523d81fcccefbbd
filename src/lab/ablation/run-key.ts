/** Keys of cached runs: hashes of everything that a run's result depends on. */
import { createHash } from "node:crypto";
import path from "node:path";
import { encodedHash } from "../../core/data/encoded/hashes.js";
import { type EncodedRows, isStreamed } from "../../core/data/encoded/streamed.js";
import type { EngineName } from "../../core/engine/engine.js";
import type { ModelSpec } from "../../core/spec/model.js";
import type { UserColumn } from "../../core/train/measure/task-rows.js";
import { sha256 } from "../../core/util/files/checksums.js";
import { hashOfCode } from "../../core/util/files/code-hash.js";
import { getOrMake } from "../../core/util/growing.js";
import { SharedValue } from "../../core/util/interrupt.js";
import type { Json } from "../../core/util/json.js";
import { effectiveSpec } from "./effective-spec.js";
import type { RunSettings } from "./train-run.js";

export interface RunGround {
  readonly data: string;
  readonly users: string | null;
  readonly settings: RunSettings;
  readonly engine: EngineName;
  /** The last bits of sums depend on the number of threads. */
  readonly threads: number;
  readonly program: string | null;
}

export function runKey(spec: ModelSpec, seed: number, ground: RunGround): string {
  const text = canonical({ code: codeHash(), spec: effectiveSpec(spec), seed, ...ground } as unknown as Json);
  return sha256(text).slice(0, 40);
}

export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(",")}}`;
}

const hashes = new WeakMap<EncodedRows, SharedValue<string>>();

/** A hash of the content of encoded rows, so that a copied or touched file has the same hash. */
function rowsHash(rows: EncodedRows): Promise<string> {
  const hash = getOrMake(hashes, rows, () => new SharedValue<string>());
  return hash.get(async () => (isStreamed(rows) ? sha256(rows.content) : encodedHash(rows)));
}

/** A hash of training and evaluation rows. */
export async function bothHashes(rows: {
  readonly train: EncodedRows;
  readonly validation: EncodedRows;
}): Promise<string> {
  return `${await rowsHash(rows.train)} ${await rowsHash(rows.validation)}`;
}

export function usersHash(users: UserColumn | null): string | null {
  if (users === null) return null;
  const { buffer, byteOffset, byteLength } = users.codes;
  return createHash("sha256")
    .update(users.name)
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest("hex");
}

const folders = ["core", path.join("lab", "ablation"), path.join("lab", "gates")];
const packages = ["onnxruntime-node", "@tensorflow/tfjs-core", "@tensorflow/tfjs-node", "tfjs-node-native"];
let code: string | null = null;

/** The engine's version: a hash of this package's code and of its numeric dependencies' versions. */
export function codeHash(): string {
  code ??= hashOfCode(path.resolve(__dirname, "../.."), folders, packages);
  return code;
}
