/**
 * Finished runs on disk, one file each under its key, in `runs` of the cache folder. A file is written under a
 * temporary name and renamed, so that any number of notebooks can share the folder: a reader finds a complete run or
 * none. Nothing here throws: unreadable runs are trained again, write errors become notes.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { cacheFolder } from "../../core/util/files/cache-folder.js";
import { type CacheKind, makeRoom, markUsed, writeCacheFile } from "../../core/util/write-whole.js";
import type { DrawnMetrics } from "./statistics/metric-draws.js";
import type { RecordedLook } from "./study-look.js";
import type { RunResult } from "./train-run.js";

export interface StoredPlan {
  readonly seeds: readonly (readonly number[])[];
  readonly looks: readonly RecordedLook[];
}

export interface RunStore {
  read(key: string): RunResult | null;
  write(key: string, result: RunResult): RunResult;
  /** Reads the design for which a study with a budget had time, so that repeating it returns the same study. */
  readPlan(key: string): StoredPlan | null;
  writePlan(key: string, plan: StoredPlan): void;
  readonly notes: readonly string[];
}

const extension = ".run";
const runFiles: CacheKind = { extension, isOwn: (file) => unpack(readFileSync(file)) !== null };
/** Largest number of cached runs; the least recently used are deleted. A run takes about 30 kB. */
const mostRuns = 20_000;

export function runStore(folder: string = path.join(cacheFolder(), "runs")): RunStore {
  const notes = new Set<string>();
  let written = 0;
  const write = (name: string, content: Buffer | string): void => {
    try {
      writeCacheFile(folder, name, content);
      if (written++ % 100 === 0) makeRoom(folder, runFiles, { files: mostRuns });
    } catch (error) {
      notes.add(`runs were not cached in ${folder}: ${(error as Error).message}`);
    }
  };
  return {
    get notes() {
      return [...notes];
    },
    read(key) {
      const file = path.join(folder, key + extension);
      try {
        const result = unpack(readFileSync(file), key);
        markUsed(file);
        return result;
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code !== "ENOENT") notes.add(`a cached run could not be read and is trained again (${message})`);
        return null;
      }
    },
    write(key, result) {
      const packed = pack(result, key);
      write(key + extension, packed);
      return unpack(packed);
    },
    readPlan(key) {
      try {
        const plan: unknown = JSON.parse(readFileSync(path.join(folder, `${key}.plan.json`), "utf8"));
        return isPlan(plan) ? plan : null;
      } catch {
        return null;
      }
    },
    writePlan: (key, plan) => write(`${key}.plan.json`, JSON.stringify(plan)),
  };
}

/** Checks a stored plan; older versions wrote plans as lists, which are ignored. */
function isPlan(plan: unknown): plan is StoredPlan {
  const { seeds, looks } = (plan ?? {}) as Partial<Record<keyof StoredPlan, unknown>>;
  const isSeeds = (list: unknown): boolean => Array.isArray(list) && list.every(Number.isSafeInteger);
  return Array.isArray(seeds) && seeds.every(isSeeds) && Array.isArray(looks) && looks.every(isLook);
}

function isLook(look: unknown): look is RecordedLook {
  const { seeds, share, stopped } = (look ?? {}) as Partial<Record<keyof RecordedLook, unknown>>;
  return Array.isArray(seeds) && typeof share === "number" && Array.isArray(stopped);
}

export const noStore: RunStore = {
  notes: [],
  read: () => null,
  write: (key, result) => unpack(pack(result, key), key),
  readPlan: () => null,
  writePlan: () => undefined,
};

/** The file format: a hash of the rest, then gzipped JSON with the run's key; draws are float32 in base64. */
function pack(result: RunResult, key: string): Buffer {
  const body = gzipSync(
    JSON.stringify({ ...result, key }, (_, value) => (value instanceof Float32Array ? packed(value) : value)),
  );
  return Buffer.concat([createHash("sha256").update(body).digest(), body]);
}

/** @param key of the run that is expected; a copied or renamed file has another. Default: any */
function unpack(bytes: Buffer, key?: string): RunResult {
  const body = bytes.subarray(32);
  if (!createHash("sha256").update(body).digest().equals(bytes.subarray(0, 32))) throw new Error("it is damaged");
  const { key: ofRun, ...result } = JSON.parse(gunzipSync(body).toString()) as RunResult & { readonly key: string };
  if (key !== undefined && ofRun !== key) throw new Error("its file is a copy of another run's");
  const withDraws = (metrics: DrawnMetrics): DrawnMetrics =>
    Object.fromEntries(
      Object.entries(metrics).map(([name, { value, draws }]) => [name, { value, draws: unpacked(draws) }]),
    );
  return {
    ...result,
    tasks: result.tasks.map(({ tower, overall, domains }) => {
      return { tower, overall: withDraws(overall), domains: domains.map(withDraws) };
    }),
  };
}

function packed(draws: Float32Array): string {
  return Buffer.from(draws.buffer, draws.byteOffset, draws.byteLength).toString("base64");
}

function unpacked(text: unknown): Float32Array {
  const bytes = Buffer.from(text as string, "base64");
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}
