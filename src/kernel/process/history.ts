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

export class History {
  readonly #cells: { line: number; source: string; output: string | null }[] = [];

  add(line: number, source: string): void {
    this.#cells.push({ line, source, output: null });
  }

  setOutput(line: number, output: string): void {
    const cell = this.#cells.filter((entry) => entry.line === line).pop();
    if (cell) cell.output = output;
  }

  find(request: HistoryRequest): Entry[] {
    let entries = this.#cells;
    if (request.hist_access_type === "range") {
      entries = entries.filter(
        ({ line }) => line >= (request.start ?? 0) && line < (request.stop ?? Number.POSITIVE_INFINITY),
      );
    }
    if (request.hist_access_type === "search") {
      entries = entries.filter(({ source }) => matchesGlob(request.pattern ?? "*", source));
      if (request.unique)
        entries = entries.filter((cell, i) => !entries.slice(i + 1).some(({ source }) => source === cell.source));
    }
    if (request.hist_access_type !== "range" && request.n) entries = entries.slice(-request.n);
    return entries.map(({ line, source, output }) => [1, line, request.output ? [source, output] : source]);
  }
}

/** Whether a text matches a pattern with `*` and `?`. It backtracks only to the last `*`, so its time is bounded. */
export function matchesGlob(pattern: string, text: string): boolean {
  let at = 0;
  let star: { readonly pattern: number; text: number } | null = null;
  for (let here = 0; here < text.length; ) {
    const letter = pattern[at];
    if (letter === "*") {
      star = { pattern: ++at, text: here };
    } else if (letter === "?" || (letter !== undefined && letter === text[here])) {
      at++;
      here++;
    } else if (star !== null) {
      at = star.pattern;
      here = ++star.text;
    } else return false;
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}
