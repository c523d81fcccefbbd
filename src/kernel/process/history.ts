/** What was executed in this session, for consoles that ask. */

/** The content of `history_request`. */
export interface HistoryRequest {
  readonly output?: boolean;
  readonly hist_access_type?: "range" | "tail" | "search";
  readonly session?: number;
  readonly start?: number;
  readonly stop?: number | null;
  readonly n?: number | null;
  readonly pattern?: string;
  readonly unique?: boolean;
}

type Entry = readonly [session: number, line: number, source: string | readonly [string, string | null]];

/** The cells of this session by number. */
export class History {
  readonly #cells: { line: number; source: string; output: string | null }[] = [];

  /** Remembers a cell. */
  add(line: number, source: string): void {
    this.#cells.push({ line, source, output: null });
  }

  /** Remembers the text of a cell's result. */
  setOutput(line: number, output: string): void {
    const cell = this.#cells.filter((entry) => entry.line === line).pop();
    if (cell) cell.output = output;
  }

  /** The cells that a request asks for, oldest first. */
  find(request: HistoryRequest): Entry[] {
    let found = this.#cells;
    if (request.hist_access_type === "range") {
      found = found.filter(
        ({ line }) => line >= (request.start ?? 0) && line < (request.stop ?? Number.POSITIVE_INFINITY),
      );
    }
    if (request.hist_access_type === "search") {
      const pattern = glob(request.pattern ?? "*");
      found = found.filter(({ source }) => pattern.test(source));
      if (request.unique)
        found = found.filter((cell, i) => !found.slice(i + 1).some(({ source }) => source === cell.source));
    }
    if (request.hist_access_type !== "range" && request.n) found = found.slice(-request.n);
    return found.map(({ line, source, output }) => [1, line, request.output ? [source, output] : source]);
  }
}

function glob(pattern: string): RegExp {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", "[^]*")
    .replaceAll("?", "[^]");
  return new RegExp(`^${escaped}$`);
}
