/** Versions of files, which show whether they changed: paths, sizes, times, inodes and samples of bytes. */
import { createHash, type Hash } from "node:crypto";
import {
  type BigIntStats,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir, userInfo } from "node:os";
import path, { resolve } from "node:path";
import { DataError } from "../../errors/index.js";
import { attempt } from "../../util/attempt.js";
import { isRunning } from "../../util/machine.js";
import { count } from "../../util/text.js";
import { beginUnfinished, isPassing } from "../../util/unfinished.js";
import { bytesAt } from "../../util/write-whole.js";
import type { ColumnInfo, RawColumn } from "../table/column.js";
import type { Roles } from "../table/roles.js";

const wholeBytes = 1 << 20;
const edgeBytes = 1 << 16;
const sampleBytes = 4096;
const samples = 32;

/**
 * Reads bytes again only if times or sizes changed. A deleted file counts as unchanged, since its data remain valid.
 */
export function fileVersions(files: readonly string[], reading = ""): () => Promise<SourceVersion> {
  let latest: { readonly stats: string; readonly version: SourceVersion } | null = null;
  const last = new Map<string, BigIntStats | undefined>();
  return async () => {
    const all = files.map((file) => {
      const stat = statSync(file, { bigint: true, throwIfNoEntry: false }) ?? last.get(file);
      last.set(file, stat);
      return { file, stat };
    });
    const places = all.map(({ file, stat }) => [
      resolve(file),
      ...(stat ? [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].map(String) : []),
    ]);
    const stats = JSON.stringify(reading === "" ? places : [reading, places]);
    if (latest?.stats === stats) return latest.version;
    const hash = createHash("sha256").update(stats);
    for (const { file, stat } of all) if (stat !== undefined) sample(file, Number(stat.size), hash);
    const version = { key: hash.digest("hex"), about: about(all.map(({ stat }) => stat)) };
    latest = { stats, version };
    return version;
  };
}

function about(stats: readonly (BigIntStats | undefined)[]): string {
  const existingStats = stats.filter((stat) => stat !== undefined);
  const bytes = existingStats.reduce((sum, { size }) => sum + Number(size), 0);
  const times = existingStats.map(({ mtimeNs }) => Number(mtimeNs / 1_000_000n));
  const written = times.length === 0 ? "" : `, written ${new Date(Math.max(...times)).toISOString()}`;
  return `${count(bytes, "byte")}${written}`;
}

function sample(file: string, size: number, hash: Hash): void {
  if (!existsSync(file)) return;
  const add = (position: number, length: number) => hash.update(bytesAt(file, position, length), "latin1");
  if (size <= wholeBytes) {
    add(0, size);
    return;
  }
  add(0, edgeBytes);
  add(size - edgeBytes, edgeBytes);
  const step = Math.floor((size - 2 * edgeBytes) / (samples + 1));
  for (let index = 1; index <= samples; index++) add(edgeBytes + index * step, sampleBytes);
}

/** Files of this process in a folder that only this user can enter; those of killed processes are removed later. */

const base = "pepnet-files";
const ownerFile = "process";
/** A folder of another machine or container is removed after this time, because its process cannot be checked from here. */
const leftMillis = 24 * 60 * 60 * 1000;

let folder: string | null = null;
let files = 0;

/** The path of a new file, which is removed if `write` fails. @param extension such as `.parquet` */
export async function newPrivateFile(extension: string, write: (fresh: string) => Promise<unknown>): Promise<string> {
  const file = path.join(privateFilesFolder(), `${++files}${extension}`);
  try {
    await write(file);
    return file;
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
}

/** Removes a file of {@link newPrivateFile}; `null`: none was made. */
export function removePrivateFile(file: string | null): void {
  if (file !== null) rmSync(file, { force: true });
}

/** The folder of this process's files, where DuckDB may also spill. Throws file system errors. */
export function privateFilesFolder(): string {
  if (folder !== null) return folder;
  removeLeftFolders(base, isLeft);
  folder = beginUnfinished(path.join(tmpdir(), base));
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(path.join(folder, ownerFile), JSON.stringify([hostname(), process.pid]), { mode: 0o600 });
  return folder;
}

const owners = new FinalizationRegistry<string>((file) => {
  attempt(() => rmSync(file, { force: true }), undefined); // else its folder is removed when the process exits
});

export function removeWith(owner: object, file: string): void {
  owners.register(owner, file);
}

/** Removes this user's folders of an unfinished `name` in the temporary directory that other processes left. */
export function removeLeftFolders(name: string, isLeft: (folder: string, age: number) => boolean): void {
  const uid = process.getuid?.() ?? userInfo().uid;
  for (const each of readdirSync(tmpdir()).filter((each) => isPassing(each, "unfinished", name))) {
    const left = path.join(tmpdir(), each);
    const stats = lstatSync(left, { throwIfNoEntry: false });
    if (!stats?.isDirectory() || stats.uid !== uid) continue;
    if (isLeft(left, Date.now() - stats.mtimeMs)) rmSync(left, { recursive: true, force: true });
  }
}

function isLeft(left: string, age: number): boolean {
  const owner: unknown = attempt(() => JSON.parse(readFileSync(path.join(left, ownerFile), "utf8")), null);
  const [host, pid] = Array.isArray(owner) ? owner : [];
  return host === hostname() ? !isRunning(Number(pid)) : age > leftMillis;
}

/** The origin of a row. */
export interface RowPlace {
  readonly source: string;
  /** Row number in that source, counted from 0. */
  readonly row: number;
}

/** The identity of a source's rows. */
export interface SourceVersion {
  /** Equal only if the rows are equal. */
  readonly key: string;
  /** A description of the origin, such as files with their sizes. */
  readonly about: string;
}

/** How to read the parts of a source. */
export interface PartReading {
  /** Number columns to return as text. Default: none. */
  readonly asWritten?: readonly string[] | undefined;
  /** Only the first rows. Default: all. */
  readonly limit?: number | undefined;
  /** All rows in one part. Default: `false`. */
  readonly whole?: boolean;
}

export async function readWhole(
  source: Source,
  names: readonly string[],
  reading: PartReading = {},
): Promise<Map<string, RawColumn>> {
  let all = new Map<string, RawColumn>();
  for await (const part of source.parts(names, { ...reading, whole: true })) all = part;
  return all;
}

/** A source of rows. */
export interface Source {
  /** The display name: a path, or `12 rows in memory`. */
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly ColumnInfo[];
  /** Number columns that the source stores as text and can return as text (`asWritten`). */
  readonly written?: ReadonlySet<string>;
  /** Notes of opening, such as files that lack a column. Default: none. */
  readonly notes?: readonly string[];
  /** The columns of user, item, time and session, as the source itself records. Default: none. */
  readonly roles?: Roles;
  /** SQL of these rows in their order, which any DuckDB instance can read; `null` or missing if there is none. */
  readonly relation?: string | null;
  /** The state of the priors that these rows have; missing: they are not a result of `priors`. */
  readonly priorsState?: () => Promise<Source>;
  /** Reads columns part by part, so that they need not be in memory at once. */
  parts(names: readonly string[], reading?: PartReading): AsyncIterable<Map<string, RawColumn>>;
  /** The identity of these rows when they were opened, comparable across processes; `null` if unknown. */
  version(): Promise<SourceVersion | null>;
  /** Throws a DataError if the rows have changed since they were opened. */
  assertUnchanged(): Promise<void>;
  /** Where a row came from. */
  locate(row: number): Promise<RowPlace>;
}

/** Finds the origin of a row in consecutive files, by their numbers of rows. */
export function locator(
  files: readonly string[],
  rowsOfFile: (file: string, index: number) => Promise<number>,
): Source["locate"] {
  return async (row: number): Promise<RowPlace> => {
    let before = 0;
    for (const [index, file] of files.entries()) {
      if (files.length === 1) break;
      const rows = await rowsOfFile(file, index);
      if (row < before + rows) return { source: file, row: row - before };
      before += rows;
    }
    return { source: files[0]!, row };
  };
}

/** The error of files that have changed since they were opened: their rows would mix old and new data. */
export function changed(
  name: string,
  opened: SourceVersion | null,
  now: SourceVersion | null,
  received: number,
  expected: number,
): DataError {
  return new DataError({
    path: name,
    message: "the data has changed since it was opened",
    received: received === expected ? now?.about : `${received} rows`,
    expected: received === expected ? opened?.about : `${expected} rows`,
    fix: "open it again",
  });
}
