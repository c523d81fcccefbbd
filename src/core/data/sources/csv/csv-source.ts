/**
 * CSV files as a source: a scan of all cells decides the types and divides files into ranges, which reads return in
 * order.
 */

import { readFileSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { DataError, type Problem } from "../../../errors/index.js";
import { attempt } from "../../../util/attempt.js";
import { AsideThread } from "../../../util/called-thread.js";
import { cacheFolder } from "../../../util/files/cache-folder.js";
import { sha256 } from "../../../util/files/checksums.js";
import { throwIfInterrupted } from "../../../util/interrupt.js";
import { workerFile } from "../../../util/worker-file.js";
import { type CacheKind, makeRoom, markUsed, writeCacheFile } from "../../../util/write-whole.js";
import { columnOfCells, hasMarks, kindOfCells, usualNulls } from "../../cell-classes.js";
import {
  columnRows,
  joinColumns,
  type RawColumn,
  type ScalarColumn,
  sliceColumn,
  type TextColumn,
} from "../../table/column.js";
import { changed, fileVersions, locator, type PartReading, type Source, type SourceVersion } from "../file-version.js";
import { oneTable } from "../one-table.js";
import { type Dialect, readDialect } from "./dialect.js";
import { isStored, utf8Bytes } from "./encoding.js";
import { type CsvReading, nullNotes, typedClasses, typeProblems } from "./options.js";
import { type ReadTask, type RecordFormat, type RecordsRead, readTask } from "./read-records.js";
import { type RecordRange, scanFile } from "./scan.js";
import type { ColumnFormat } from "./values.js";
import { writtenNumbers } from "./written-numbers.js";

/** If a scan returns other results for the same files, bump this version. */
const scanVersion = 3;
const extension = ".lines";
const mostEntries = 200;
const cacheKind: CacheKind = { extension, isOwn: (file) => entryText(file) !== null };

export function readCached<Data>(key: string): Data | null {
  const file = path.join(cacheFolder(), key + extension);
  const text = attempt(() => entryText(file), null);
  if (text === null) return null;
  markUsed(file);
  return JSON.parse(text) as Data;
}

export function writeCached(key: string, data: unknown): void {
  const folder = cacheFolder();
  // Without the entry, the files are scanned again.
  attempt(() => {
    const text = JSON.stringify(data);
    writeCacheFile(folder, key + extension, `${sha256(text)}\n${text}`);
    makeRoom(folder, cacheKind, { files: mostEntries });
  }, undefined);
}

/** The content of an entry; `null` if it is damaged or another program's. */
function entryText(file: string): string | null {
  const [sum = "", text = ""] = readFileSync(file, "utf8").split("\n");
  return sum === sha256(text) ? text : null;
}

interface Opened {
  readonly name: string;
  readonly opened: string | readonly string[];
}

interface TableRecords {
  readonly rows: number;
  /** [files], in the order of their records. */
  readonly ranges: readonly (readonly RecordRange[])[];
  /** [columns], the bits of `cell-classes.ts` over all files. */
  readonly classes: readonly number[];
  /** [columns], the usual texts for a missing value with their numbers of cells. */
  readonly marks: readonly (readonly (readonly [string, number])[])[];
}

interface CsvTable extends Opened {
  readonly files: readonly string[];
  readonly dialects: readonly Dialect[];
  readonly names: readonly string[];
  /** [files][columns of the file], the column's index in `names`. */
  readonly places: readonly (readonly number[])[];
  readonly version: () => Promise<SourceVersion>;
  readonly reading: CsvReading;
}

export async function csvSource(opened: Opened, files: readonly string[], reading: CsvReading = {}): Promise<Source> {
  const { header, names, separator, nulls, encoding, types, decimal, thousands } = reading;
  const dependsOn = [header, names, separator, nulls, encoding, types];
  const marks = decimal === undefined && thousands === undefined ? [] : [decimal, thousands];
  const version = fileVersions(files, JSON.stringify([...dependsOn, ...marks]));
  const before = await version();
  const source = await textSource({ ...opened, files, version }, reading);
  const now = await version();
  if (now.key !== before.key) throw changed(opened.name, before, now, source.rows, source.rows);
  return source;
}

async function textSource(opened: Opened & Pick<CsvTable, "files" | "version">, reading: CsvReading): Promise<Source> {
  const { name, files, version } = opened;
  const dialects = await readDialects(files, reading, opened.opened);
  try {
    const { names, notes } = oneTable(
      name,
      files.map((file, index) => ({ ...dialects[index]!, file })),
    );
    const placeOf = new Map(names.map((name, index) => [name.toLowerCase(), index]));
    const places = dialects.map((dialect) => dialect.names.map((name) => placeOf.get(name.toLowerCase())!));
    const source = await recordsSource({
      name,
      opened: opened.opened,
      files,
      dialects,
      names,
      places,
      version,
      reading,
    });
    const allNotes = [...dialects.flatMap((dialect) => dialect.notes), ...notes, ...source.notes];
    return { ...source, notes: [...new Set(allNotes)] };
  } catch (error) {
    // If not every comma is followed by a space, spaces belong to the fields.
    if (!(error instanceof DataError) || !dialects.some(({ separator }) => isDetected(separator, reading))) throw error;
    return textSource(opened, { ...reading, separator: "," });
  }
}

function isDetected(separator: string, { separator: stated }: CsvReading): boolean {
  return separator === ", " && stated === undefined;
}

async function readDialects(files: CsvTable["files"], options: CsvReading, opened: Opened["opened"]) {
  const problems: Problem[] = [];
  const dialects: Dialect[] = [];
  for (const file of files) {
    throwIfInterrupted();
    try {
      dialects.push(await readDialect(file, options, opened));
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new DataError(problems);
  const separators = new Set(dialects.map(({ separator }) => separator));
  if (separators.size === 2 && separators.has(",") && [...separators].some((each) => isDetected(each, options))) {
    return readDialects(files, { ...options, separator: "," }, opened);
  }
  if (separators.size > 1) {
    throw new DataError({
      path: files.join(", "),
      message: "the files have different separators",
      received: [...separators].map((separator) => JSON.stringify(separator)).join(", "),
      fix: "open each file separately",
    });
  }
  return dialects;
}

async function recordsSource(table: CsvTable): Promise<Source & { readonly notes: readonly string[] }> {
  const { name, files, names, version, reading } = table;
  const { types = {}, nulls = [], threadsFrom = 1 << 20 } = reading;
  const { ranges, rows, classes, marks } = await tableRecords(table);
  const typed = typedClasses(names, classes, types);
  if (typed === null) {
    const asText = names.map((): ColumnFormat => ({ kind: "text", nulls: [...usualNulls, ...nulls] }));
    const column = (index: number) => texts(readTable(table, ranges, asText, [index]), index);
    throw new DataError(await typeProblems(name, names, classes, reading, column));
  }
  const { columns: numbers, notes } = await writtenNumbers({
    opened: table.opened,
    path: name,
    names,
    classes: typed,
    options: reading,
    texts: async function* (index) {
      const formats = names.map((): ColumnFormat => ({ kind: "text", nulls }));
      for await (const part of readTable(table, ranges, formats, [index])) {
        if (part !== null) yield part.get(index) as TextColumn;
      }
    },
  });
  const columns = names.map((column, index) => numbers.get(index)?.info ?? columnOfCells(column, typed[index]!));
  const formats = typed.map((bits, index): ColumnFormat => {
    if (numbers.has(index)) return { kind: "text", nulls: [...usualNulls, ...nulls] };
    const kind = kindOfCells(bits);
    const missing = hasMarks(bits) ? [...usualNulls, ...nulls] : nulls;
    return { kind: kind === "digits" ? "text" : kind, nulls: missing };
  });
  const places = new Map(names.map((column, index) => [column, index]));
  const opened = await version();
  const assertUnchanged = async (): Promise<void> => {
    const now = await version();
    if (now.key === opened.key) return;
    const current = sizeOf(files) < threadsFrom ? await tableRecords(table).catch(() => null) : null;
    throw changed(name, opened, now, current?.rows ?? rows, rows);
  };
  async function* parts(readNames: readonly string[], { asWritten = [], limit = rows, whole }: PartReading = {}) {
    const written = new Set(asWritten);
    const readAs = formats.map((format, index) =>
      written.has(names[index]!) ? { ...format, kind: "text" as const } : format,
    );
    const indices = readNames.map((column) => places.get(column)!);
    const all = firstRows(readTable(table, ranges, readAs, indices), limit);
    for await (const part of whole === true || sizeOf(files) < threadsFrom ? wholeTable(all) : all) {
      if (part === null) {
        await assertUnchanged();
        throw new DataError({ path: name, message: "the file can no longer be read", fix: "open it again" });
      }
      yield new Map(
        readNames.map((column) => {
          const place = places.get(column)!;
          const read = part.get(place)!;
          return [column, numbers.get(place)?.parse(read as TextColumn) ?? read];
        }),
      );
    }
    await assertUnchanged();
  }
  const marked = names.flatMap((column, index) => (hasMarks(typed[index]!) ? [[column, marks[index]!] as const] : []));
  return {
    name,
    columns,
    rows,
    notes: [...nullNotes(marked), ...notes],
    written: new Set(
      columns.filter(({ type }, at) => type === "float" && !numbers.has(at)).map((column) => column.name),
    ),
    parts,
    version: async () => opened,
    assertUnchanged,
    locate: locator(files, async (_, index) => ranges[index]!.reduce((sum, range) => sum + range.rows, 0)),
  };
}

/** The scan of all files; that of large files comes from the cache. */
async function tableRecords(table: CsvTable): Promise<TableRecords> {
  const { files, dialects, names, places, version, reading } = table;
  const { cache = true, keptFrom = 32 << 20, rangeBytes = 4 << 20 } = reading;
  const before = await version();
  const shapes = dialects.map(({ separator, header, names }) => ({ separator, header, names }));
  const dependsOn = JSON.stringify([scanVersion, before.key, shapes, rangeBytes]);
  const key = cache && sizeOf(files) >= keptFrom ? sha256(dependsOn).slice(0, 40) : null;
  const cached = key === null ? null : readCached<TableRecords>(key);
  if (cached !== null && describes(cached, table)) return cached;
  const classes = new Uint8Array(names.length);
  const marks = names.map(() => new Map<string, number>());
  const ranges: (readonly RecordRange[])[] = [];
  for (const [index, file] of files.entries()) {
    const scan = await scanFile(file, dialects[index]!, { ...reading, rangeBytes });
    ranges.push(scan.ranges);
    for (const [column, place] of places[index]!.entries()) {
      classes[place]! |= scan.classes[column]!;
      for (const [mark, count] of scan.marks[column]!) marks[place]!.set(mark, (marks[place]!.get(mark) ?? 0) + count);
    }
  }
  const rows = ranges.flat().reduce((sum, range) => sum + range.rows, 0);
  const records = { rows, ranges, classes: [...classes], marks: marks.map((counts) => [...counts]) };
  if (key !== null && (await version()).key === before.key) writeCached(key, records);
  return records;
}

/**
 * Whether a cached scan covers each file once, from record to record. Its checksum only shows that it was written
 * completely.
 */
function describes({ rows, ranges, classes, marks }: TableRecords, { files, dialects, names }: CsvTable): boolean {
  const isCovered = (file: string, { encoding }: Dialect, all: readonly RecordRange[] = []): boolean =>
    all.every(({ start, end, rows }, at) => start < end && rows > 0 && (at === 0 || start === all[at - 1]!.end)) &&
    (all.length === 0 || !isStored(file, encoding) || all.at(-1)!.end === statSync(file).size);
  const counted = ranges.flat().reduce((sum, range) => sum + range.rows, 0);
  const isComplete = ranges.length === files.length && classes.length === names.length && marks.length === names.length;
  return isComplete && counted === rows && files.every((file, at) => isCovered(file, dialects[at]!, ranges[at]));
}

/** Columns by their place in the table; `null`: the file cannot be read as scanned. */
type TableParts = AsyncGenerator<Map<number, RawColumn> | null>;

/** Reads columns by ranges, in order. Yields `null` and ends at the first file that cannot be read as scanned. */
async function* readTable(
  table: CsvTable,
  ranges: TableRecords["ranges"],
  formats: readonly ColumnFormat[],
  indices: readonly number[],
): TableParts {
  const { files, dialects, places, reading } = table;
  const { threadsFrom = 1 << 20 } = reading;
  if (indices.length === 0) return;
  const isWanted = new Set(indices);
  async function* tasks(): AsyncGenerator<ReadTask & { readonly index: number }> {
    for (const [index, file] of files.entries()) {
      const columns = places[index]!.map((place) => (isWanted.has(place) ? formats[place]! : null));
      const { separator, encoding } = dialects[index]!;
      const format: RecordFormat = { separator, columns };
      const all = isStored(file, encoding) ? ranges[index]! : withBytes(file, encoding, ranges[index]!);
      for await (const range of all) yield { bytes: null, ...range, index, file, format };
    }
  }
  const read = sizeOf(files) < threadsFrom ? async (task: ReadTask) => readTask(task) : readInThread;
  for await (const { task, result } of ahead(tasks(), (task) => read(task).catch((): RecordsRead => null))) {
    throwIfInterrupted();
    if (result === null) return yield null;
    const part = new Map<number, RawColumn>();
    for (const [column, place] of places[task.index]!.entries()) if (result[column]) part.set(place, result[column]);
    for (const place of indices) if (!part.has(place)) part.set(place, emptyColumn(formats[place]!, task.rows));
    yield part;
  }
}

async function* withBytes(file: string, encoding: string | null, ranges: readonly RecordRange[]) {
  const waiting = [...ranges];
  if (waiting.length === 0) return;
  let base = 0;
  let pieces: Buffer[] = [];
  for await (const piece of utf8Bytes(file, encoding)) {
    pieces.push(piece);
    for (let end = base + pieces.reduce((sum, { length }) => sum + length, 0); end >= waiting[0]!.end; ) {
      const range = waiting.shift()!;
      const bytes = Buffer.concat(pieces);
      yield { ...range, bytes: new Uint8Array(bytes.subarray(range.start - base, range.end - base)) };
      pieces = [bytes.subarray(range.end - base)];
      base = range.end;
      if (waiting.length === 0) return;
    }
  }
}

/** Results in the order of their tasks; a few tasks run in advance. */
async function* ahead<Task, Result>(tasks: AsyncGenerator<Task>, run: (task: Task) => Promise<Result>) {
  const started: { readonly task: Task; readonly result: Promise<Result> }[] = [];
  try {
    for (let isDone = false; ; ) {
      while (!isDone && started.length < 2 * threadCount()) {
        const next = await tasks.next();
        if (next.done === true) isDone = true;
        else started.push({ task: next.value, result: run(next.value) });
      }
      const first = started.shift();
      if (first === undefined) return;
      yield { task: first.task, result: await first.result };
    }
  } finally {
    await tasks.return(undefined); // closes the file
  }
}

function emptyColumn({ kind }: ColumnFormat, rows: number): ScalarColumn {
  if (kind === "text") return { kind, codes: new Int32Array(rows).fill(-1), words: [] };
  const values = kind === "integer" ? new Int32Array(rows) : new Float64Array(rows);
  return { kind: "number", type: kind, values, valid: new Uint8Array(rows) };
}

async function* firstRows(parts: TableParts, count: number): TableParts {
  let left = count;
  for await (const part of parts) {
    const rows = part === null ? 0 : columnRows(part.values().next().value!);
    const isCut = part !== null && rows > left;
    yield isCut ? new Map([...part].map(([place, column]) => [place, sliceColumn(column, 0, left)])) : part;
    left -= rows;
    if (left <= 0) return;
  }
}

/** Joins all parts into one, since many small files would have too many. */
async function* wholeTable(parts: TableParts): TableParts {
  const read: Map<number, RawColumn>[] = [];
  for await (const part of parts) {
    if (part === null) return yield null;
    read.push(part);
  }
  if (read.length === 0) return;
  const places = [...read[0]!.keys()];
  yield new Map(places.map((place) => [place, joinColumns(read.map((part) => part.get(place) as ScalarColumn))]));
}

function sizeOf(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
}

async function* texts(parts: AsyncIterable<ReadonlyMap<number, RawColumn> | null>, index: number) {
  for await (const part of parts) {
    const column = part?.get(index) as TextColumn | undefined;
    for (const code of column?.codes ?? []) yield column!.words[code] ?? null;
  }
}

/** The maximum number of threads; each uses a few megabytes. */
const mostThreads = 4;

const threads: AsideThread<ReadTask, RecordsRead, string>[] = [];

function threadCount(): number {
  return Math.max(1, Math.min(mostThreads, availableParallelism()));
}

function readInThread(task: ReadTask): Promise<RecordsRead> {
  while (threads.length < threadCount()) {
    const file = () => workerFile(__dirname, "thread");
    threads.push(
      new AsideThread({ name: "pepnet-csv", file, error: (message) => new Error(message), ended: (cause) => cause }),
    );
  }
  const least = threads.reduce((least, other) => (other.waiting < least.waiting ? other : least));
  return least.call(task);
}
