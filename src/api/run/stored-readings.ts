/** Results of calls on a run from the cache: an equal call on equal rows is answered from the cache folder. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { isAnyArrayBuffer, isTypedArray } from "node:util/types";
import { deserialize, serialize } from "node:v8";
import { columnContents } from "../../core/data/sources/memory.js";
import type { Table } from "../../core/data/table/table.js";
import { attempt } from "../../core/util/attempt.js";
import { cacheFolder } from "../../core/util/files/cache-folder.js";
import { sha256 } from "../../core/util/files/checksums.js";
import { hashOfCode } from "../../core/util/files/code-hash.js";
import { getOrMake } from "../../core/util/growing.js";
import { SharedValue, type SignalOptions } from "../../core/util/interrupt.js";
import type { Json } from "../../core/util/json.js";
import { makeRoom, markUsed, writeCacheFile } from "../../core/util/write-whole.js";
import { canonical } from "../../lab/ablation/run-key.js";
import type { RunCall } from "./call-options.js";

const extension = ".reading";
const mostBytes = 200e6;
/** A reading that is larger is read again: it is likely a list of all rows. */
const mostBytesOfOne = 20e6;

/** Everything that the result of a call depends on, besides the code. */
export interface Asked {
  /** The key of the training. */
  readonly run: string;
  readonly call: RunCall;
  readonly rows: Table;
  /** Whether these are the rows that the run was trained on. */
  readonly isTraining: boolean;
  readonly options: object;
}

/**
 * The result of an equal call, or that of `work`. Always worked out: calls with functions or data sets among their options,
 * and results that are no plain data.
 */
export async function storedReading<Parts extends readonly unknown[]>(
  { run, call, rows, isTraining, options: all }: Asked,
  work: () => Promise<Parts>,
): Promise<Parts> {
  const { signal: _, ...options } = all as SignalOptions;
  if (!isPlain(options)) return work();
  const folder = path.join(cacheFolder(), "readings");
  const parts = { code: codeOfReadings(), run, call, isTraining, options, rows: await tableDigest(rows) };
  const name = sha256(canonical(parts as unknown as Json)).slice(0, 40) + extension;
  const file = path.join(folder, name);
  const before = attempt(() => unpack(readFileSync(file)) as Parts, null);
  if (before !== null) {
    markUsed(file);
    return before;
  }
  const read = await work();
  attempt(() => {
    if (!isPlain(read)) return;
    const packed = pack(read);
    if (packed.byteLength > mostBytesOfOne) return;
    writeCacheFile(folder, name, packed);
    const isOwn = (each: string): boolean => unpack(readFileSync(each)) !== undefined;
    makeRoom(folder, { extension, isOwn }, { bytes: mostBytes, newest: file });
  }, undefined); // without an entry, it is read again
  return read;
}

/** A hash of the rest, then the value as Node serialises it. */
function pack(value: unknown): Buffer {
  const body = serialize(value);
  return Buffer.concat([createHash("sha256").update(body).digest(), body]);
}

/** @throws an Error if the bytes are damaged, or of another program */
function unpack(bytes: Buffer): unknown {
  const body = bytes.subarray(32);
  if (!createHash("sha256").update(body).digest().equals(bytes.subarray(0, 32))) throw new Error("it is damaged");
  return deserialize(body);
}

/** Whether a copy by {@link serialize} is the same: no functions, and no objects of classes. */
function isPlain(value: unknown): boolean {
  if (typeof value === "function" || typeof value === "symbol") return false;
  if (typeof value !== "object" || value === null || isTypedArray(value) || isAnyArrayBuffer(value)) return true;
  if (Array.isArray(value)) return value.every(isPlain);
  if (value instanceof Map) return [...value].every(isPlain);
  if (value instanceof Set) return [...value].every(isPlain);
  const prototype = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every(isPlain);
}

const digests = new WeakMap<Table, SharedValue<string>>();

/** Of roles, names and values, unchanged: two rows that a model reads in the same way may be shown differently. */
function tableDigest(table: Table): Promise<string> {
  return getOrMake(digests, table, () => new SharedValue<string>()).get(async () => {
    const hash = createHash("sha256").update(JSON.stringify([table.rows, table.roles, table.columns]));
    for await (const { columns } of table.parts()) {
      for (const content of columnContents(columns)) hash.update("\0").update(content as Uint8Array | string);
    }
    return hash.digest("hex");
  });
}

const packages = ["onnxruntime-node", "@tensorflow/tfjs-core", "@tensorflow/tfjs-node", "tfjs-node-native"];
let code: string | null = null;

function codeOfReadings(): string {
  code ??= hashOfCode(path.resolve(__dirname, "../.."), ["api", "core", "lab"], packages);
  return code;
}
