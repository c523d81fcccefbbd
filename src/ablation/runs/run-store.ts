/**
 * Finished runs on disk, one file each under its key, in `runs` of the cache folder. A file is written under a name of
 * its own and renamed, so that any number of notebooks share the folder: a reader finds a whole run or none. Nothing
 * here throws: what cannot be read is trained again, what cannot be written is a note.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { cacheFolder } from "../../util/cache-folder.js";
import type { DrawnMetrics } from "../statistics/metric-draws.js";
import type { RunResult } from "./train-run.js";

/** Finished runs by key. */
export interface RunStore {
  /** `null` where there is none, or it is damaged. */
  read(key: string): RunResult | null;
  /** Gives the run as it will be read. */
  write(key: string, result: RunResult): RunResult;
  /** Which seeds a study of a budget had time for, by variant: it is the same study when it runs again. */
  readPlan(key: string): number[][] | null;
  writePlan(key: string, seeds: readonly (readonly number[])[]): void;
  /** What could not be kept or read, once each. */
  readonly notes: readonly string[];
}

const extension = ".run";
const unfinished = ".writing";
/** A file that nobody has written to for so long was left by a process that ended. */
const leftMillis = 3_600_000;
/** Runs kept: those used longest ago make room. A run takes some 30 kB. */
const mostRuns = 20_000;

/** The store on disk. @param folder default: `runs` in the cache folder */
export function runStore(folder: string = path.join(cacheFolder(), "runs")): RunStore {
  const notes = new Set<string>();
  let written = 0;
  const write = (name: string, content: Buffer | string): void => {
    const file = path.join(folder, `${name}.${process.pid}.${randomBytes(6).toString("hex")}${unfinished}`);
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, content);
      renameSync(file, path.join(folder, name));
      if (written++ % 100 === 0) makeRoom(folder);
    } catch (error) {
      rmSync(file, { force: true });
      notes.add(`runs were not kept in ${folder}: ${(error as Error).message}`);
    }
  };
  return {
    get notes() {
      return [...notes];
    },
    read(key) {
      const file = path.join(folder, key + extension);
      try {
        const result = unpack(readFileSync(file));
        touch(file);
        return result;
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code !== "ENOENT") notes.add(`a kept run could not be read and is trained again (${message})`);
        return null;
      }
    },
    write(key, result) {
      const packed = pack(result);
      write(key + extension, packed);
      return unpack(packed);
    },
    readPlan(key) {
      try {
        return JSON.parse(readFileSync(path.join(folder, `${key}.plan.json`), "utf8")) as number[][];
      } catch {
        return null;
      }
    },
    writePlan: (key, seeds) => write(`${key}.plan.json`, JSON.stringify(seeds)),
  };
}

/** Keeps nothing. */
export const noStore: RunStore = {
  notes: [],
  read: () => null,
  write: (_, result) => unpack(pack(result)),
  readPlan: () => null,
  writePlan: () => undefined,
};

/** Those used longest ago are removed first. */
function touch(file: string): void {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // A folder that may only be read keeps its order.
  }
}

function makeRoom(folder: string): void {
  const runs: { readonly file: string; readonly used: number }[] = [];
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    if (name.endsWith(unfinished) && Date.now() - stat.mtimeMs > leftMillis) rmSync(file, { force: true });
    if (name.endsWith(extension)) runs.push({ file, used: stat.mtimeMs });
  }
  runs.sort((a, b) => a.used - b.used);
  for (const { file } of runs.slice(0, Math.max(0, runs.length - mostRuns))) rmSync(file, { force: true });
}

/** A hash of the rest, then JSON, gzipped; draws as float32 in base64. */
function pack(result: RunResult): Buffer {
  const body = gzipSync(JSON.stringify(result, (_, value) => (value instanceof Float32Array ? packed(value) : value)));
  return Buffer.concat([createHash("sha256").update(body).digest(), body]);
}

function unpack(bytes: Buffer): RunResult {
  const body = bytes.subarray(32);
  if (!createHash("sha256").update(body).digest().equals(bytes.subarray(0, 32))) throw new Error("it is damaged");
  const result = JSON.parse(gunzipSync(body).toString()) as RunResult;
  const drawn = (metrics: DrawnMetrics): DrawnMetrics =>
    Object.fromEntries(
      Object.entries(metrics).map(([name, { value, draws }]) => [name, { value, draws: unpacked(draws) }]),
    );
  return {
    ...result,
    tasks: result.tasks.map(({ tower, overall, domains }) => {
      return { tower, overall: drawn(overall), domains: domains.map(drawn) };
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
