/** The entry to DuckDB: an interrupt or an exit ends its queries. A shared in-memory instance reads files. */
import path from "node:path";
import type { DuckDBConnection, DuckDBDataChunk, DuckDBInstance } from "@duckdb/node-api";
import { DataError } from "../../errors/index.js";
import { slashPath } from "../../util/files/package-version.js";
import { currentSignal, interruptible, onAbort } from "../../util/interrupt.js";
import { clipped } from "../../util/text.js";
import { inTurns, type Work } from "../../util/turns.js";
import { literal } from "./names.js";

/** Loaded with the first connection: it is large, and a notebook starts without it. */
let library: typeof import("@duckdb/node-api") | null = null;
let shared: Promise<DuckDBInstance> | null = null;

/** An interrupt before a query has begun is lost, so it is repeated. */
const interruptMillis = 20;
const interruptsAtExit = 10;

const running = new Set<DuckDBConnection>();

/** Node waits for its threads when it exits, and these for their queries. */
function interruptRunning(): void {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (let time = 0; time < interruptsAtExit; time++) {
    for (const connection of running) connection.interrupt();
    Atomics.wait(clock, 0, 0, interruptMillis);
  }
}

/** A connection whose queries end, and reject with the signal's reason, when the running work is interrupted. */
export class Connection {
  constructor(private readonly connection: DuckDBConnection) {}

  async run(sql: string): Promise<void> {
    await this.#answer(() => this.connection.run(sql));
  }

  async rows(sql: string): Promise<Record<string, unknown>[]> {
    const reader = await this.#answer(() => this.connection.runAndReadAll(sql));
    return reader.getRowObjectsJS() as Record<string, unknown>[];
  }

  /** The names of a query's columns. */
  async names(sql: string): Promise<string[]> {
    const prepared = await this.#answer(() => this.connection.prepare(sql));
    try {
      return Array.from({ length: prepared.columnCount }, (_, index) => prepared.columnName(index));
    } finally {
      prepared.destroySync();
    }
  }

  /** The rows of a query; the next chunk is read while the last one is processed. */
  async *chunks(sql: string): AsyncGenerator<DuckDBDataChunk> {
    const result = await this.#answer(() => this.connection.stream(sql));
    const fetch = () => this.#query(() => result.fetchChunk());
    let next = fetch();
    try {
      for (;;) {
        const chunk = await interruptible(() => next);
        if (chunk === null || chunk.rowCount === 0) return;
        next = fetch();
        next.catch(() => undefined); // rejects when it is awaited
        yield chunk;
      }
    } finally {
      await next.catch(() => undefined);
    }
  }

  async append(table: string, chunks: Iterable<DuckDBDataChunk>): Promise<void> {
    const appender = await this.connection.createAppender(table);
    function* appending(): Work<void> {
      for (const chunk of chunks) {
        appender.appendDataChunk(chunk);
        yield;
      }
    }
    await inTurns(appending()).finally(() => appender.closeSync());
  }

  #answer<T>(ask: () => Promise<T>): Promise<T> {
    return interruptible(() => this.#query(ask));
  }

  async #query<T>(ask: () => Promise<T>): Promise<T> {
    const signal = currentSignal();
    signal?.throwIfAborted();
    let repeated: NodeJS.Timeout | undefined;
    const stopListening = onAbort(signal, () => {
      this.connection.interrupt();
      repeated = setInterval(() => this.connection.interrupt(), interruptMillis);
    });
    if (running.size === 0) process.prependListener("exit", interruptRunning);
    running.add(this.connection);
    try {
      const answer = await ask();
      signal?.throwIfAborted(); // a stream ends without an error
      return answer;
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      stopListening();
      clearInterval(repeated);
      running.delete(this.connection);
      if (running.size === 0) process.off("exit", interruptRunning);
    }
  }
}

/** @param instance another database than the shared one */
export async function withConnection<T>(
  work: (connection: Connection) => Promise<T>,
  instance?: DuckDBInstance,
): Promise<T> {
  const connection = await (instance?.connect() ?? connect());
  try {
    return await work(new Connection(connection));
  } finally {
    connection.disconnectSync();
  }
}

/** DuckDB would download extensions, and through them files, from the network. */
const offline = { autoinstall_known_extensions: "false", autoload_known_extensions: "false" } as const;

/** Loads DuckDB. Throws a DataError if it has no binary for this machine, or is not installed. */
export async function loadDuckdb(): Promise<typeof import("@duckdb/node-api")> {
  try {
    library ??= await import("@duckdb/node-api");
    return library;
  } catch (cause) {
    throw new DataError({
      path: "DuckDB",
      message: `cannot be loaded on ${process.platform} ${process.arch}: files and queries need it`,
      received: String((cause as Error).message).split("\n")[0],
      expected: "a platform with a binary of @duckdb/node-api, installed with its optional dependencies",
      fix: "npm install @duckdb/node-api; without it, rows and columns in memory work: models, training, evaluations, gates, charts and saved runs",
      cause,
    });
  }
}

export async function openDatabase(place: string, settings: Readonly<Record<string, string>>): Promise<DuckDBInstance> {
  const instance = await (await loadDuckdb()).DuckDBInstance.create(place, { ...offline, ...settings });
  const connection = await instance.connect();
  await connection.run("SET GLOBAL TimeZone = 'UTC'").finally(() => connection.disconnectSync());
  return instance;
}

async function connect(): Promise<DuckDBConnection> {
  shared ??= openDatabase(":memory:", {});
  return (await shared).connect();
}

export function duckdbWords(error: unknown): string {
  const lines = (error instanceof Error ? error.message : String(error)).split("\n").slice(0, 6);
  return lines
    .map((line) => clipped(line, 200))
    .join("\n    ")
    .trim();
}

/** Paths as an SQL list for DuckDB's readers. Glob characters in file names are escaped. */
export function fileList(files: readonly string[], paths: path.PlatformPath = path): string {
  const escapeGlob = (file: string): string => file.replace(/[*?[]/g, (character) => `[${character}]`);
  return `[${files.map((file) => placeLiteral(escapeGlob(file), paths)).join(", ")}]`;
}

/** A path to write to, or a pattern of paths, as an SQL literal. @param paths the rules of another system, in tests */
export function placeLiteral(place: string, paths: path.PlatformPath = path): string {
  // In a pattern, DuckDB reads a backslash before * ? [ as an escape.
  const slashed = /[*?[]/.test(place) ? slashPath(place, paths) : place;
  // DuckDB expands a leading ~ to the home folder, and treats a path that ends in a colon as a drive or a service.
  return literal(/^(~|[^/]*:)/.test(slashed) && !paths.isAbsolute(slashed) ? `./${slashed}` : slashed);
}

export async function countRows(relation: string): Promise<number> {
  const [count] = await queryRows(`SELECT count(*) AS rows FROM ${relation}`);
  return Number(count?.["rows"]);
}

export function queryRows(sql: string): Promise<Record<string, unknown>[]> {
  return withConnection((connection) => connection.rows(sql));
}

/** DuckDB's read-ahead: with less, its threads wait for space. */
const streamedBytes = "64MiB";

/** The rows of a query of the shared instance. */
export async function* streamChunks(sql: string): AsyncGenerator<DuckDBDataChunk> {
  const opened = await connect();
  try {
    const connection = new Connection(opened);
    await connection.run(`SET streaming_buffer_size = '${streamedBytes}'`);
    yield* connection.chunks(sql);
  } finally {
    opened.disconnectSync();
  }
}
