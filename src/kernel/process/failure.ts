/** Describes errors of cells, with the cells' lines and without the kernel's frames. */
import { inspect } from "node:util";
import type { Diagnostic } from "tslab/dist/converter";
import { isDebugging, stackText } from "../../core/util/debug.js";
import { explained } from "../compiler/explanations.js";
import type { PositionMapper } from "../compiler/lookups.js";

export interface Failure {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

export interface CellSource {
  readonly name: string;
  readonly source: string;
  readonly mapper: PositionMapper | null;
  readonly lines: number;
}

export interface AwaitedPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const red = (text: string): string => `\u001b[31m${text}\u001b[0m`;
const dim = (text: string): string => `\u001b[2m${text}\u001b[0m`;

const mostFrames = 12;

const shownErrors = 5;

export function cellFile(count: number): string {
  return `[cell ${count}]`;
}

export function describeThrown(
  thrown: unknown,
  sources: ReadonlyMap<string, CellSource>,
  awaited: AwaitedPlace | null = null,
): Failure {
  try {
    if (isInterruption(thrown)) return interruption;
    if (!isErrorLike(thrown)) return describeValue(typeof thrown === "string" ? thrown : inspect(thrown, { depth: 2 }));
    const ename = String(thrown.name || "Error");
    const evalue = String(thrown.message);
    const head = `${red(ename)}: ${evalue}`;
    const way = frames(thrown, sources);
    if (!way.some((line) => line.startsWith("    at "))) way.push(...awaitLines(awaited, sources));
    // A cause usually has the same frames: they are printed once.
    const causeLines = causes(thrown, sources).filter((line) => !way.includes(line));
    const traceback = [head, ...way, ...gathered(thrown, sources), ...causeLines];
    if (isDebugging()) traceback.push(dim(stackText(thrown)));
    return { ename, evalue, traceback };
  } catch {
    return describeValue("a value that throws when it is read");
  }
}

function describeValue(evalue: string): Failure {
  return { ename: "Thrown", evalue, traceback: [`${red("Thrown")}: ${evalue}`] };
}

export class Interruption extends Error {
  override readonly name = "Interrupted";
  constructor() {
    super("the cell was interrupted");
  }
}

const interruption: Failure = {
  ename: "Interrupted",
  evalue: "the cell was interrupted",
  traceback: [`${red("Interrupted")}: the cell was interrupted; variables that were already assigned are kept`],
};

export function isInterruption(thrown: unknown): boolean {
  return thrown instanceof Interruption || (thrown as { code?: unknown })?.code === "ERR_SCRIPT_EXECUTION_INTERRUPTED";
}

export function describeAdvice(advice: string): Failure {
  const ename = "Not TypeScript";
  return { ename, evalue: advice, traceback: [`${red(ename)}: ${advice}`] };
}

export function describeDiagnostics(diagnostics: readonly Diagnostic[], source: string): Failure {
  const traceback: string[] = [];
  let previous: Diagnostic | undefined;
  for (const diagnostic of diagnostics.map((each) => clampToSource(source, each))) {
    const { start, end, code, fileName } = diagnostic;
    const messageText = explained(diagnostic.messageText);
    // A long explanation has several entries with the same position: the later ones belong to the first.
    if (previous && previous.start.offset === start.offset && previous.end.offset === end.offset) {
      traceback.push(`    ${messageText}`);
      continue;
    }
    const file = fileName ? `${fileName}, ` : "";
    const place = `${file}line ${start.line + 1}, column ${start.character + 1}`;
    traceback.push(`${red(`TypeScript error TS${code}`)} at ${place}: ${messageText}`);
    const width = end.line === start.line ? end.character - start.character : 1;
    if (!fileName) traceback.push(excerpt(source, start.line + 1, start.character + 1, width));
    previous = diagnostic;
  }
  const first = diagnostics[0] && clampToSource(source, diagnostics[0]);
  const evalue = first ? `line ${first.start.line + 1}, column ${first.start.character + 1}: ${first.messageText}` : "";
  return { ename: "TypeScript error", evalue, traceback };
}

function clampToSource(source: string, diagnostic: Diagnostic): Diagnostic {
  const lines = source.split("\n");
  if (diagnostic.fileName || diagnostic.start.line < lines.length) return diagnostic;
  const line = lines.length - 1;
  const end = { ...diagnostic.start, line, character: lines[line]?.trimEnd().length ?? 0 };
  return { ...diagnostic, start: end, end };
}

function excerpt(source: string, line: number, column: number, length = 1): string {
  const text = source.split("\n")[line - 1] ?? "";
  const number = String(line).padStart(5);
  return `${dim(`${number} |`)} ${text}\n${dim("      |")} ${" ".repeat(column - 1)}${red("^".repeat(Math.max(1, length)))}`;
}

interface ErrorLike {
  readonly name?: unknown;
  readonly message: unknown;
  readonly stack?: unknown;
  readonly cause?: unknown;
}

/** Errors of another realm, or of a library that does not extend Error, count too. */
function isErrorLike(thrown: unknown): thrown is ErrorLike {
  return (
    thrown instanceof Error ||
    (typeof thrown === "object" && thrown !== null && "message" in thrown && "stack" in thrown)
  );
}

/** The line of the cell that awaited a rejection whose stack does not name the cell. */
function awaitLines(awaited: AwaitedPlace | null, sources: ReadonlyMap<string, CellSource>): string[] {
  const cell = awaited && sources.get(awaited.file);
  if (!awaited || !cell) return [];
  const { line, column } = awaited;
  return [`    at ${cell.name}, line ${line}, column ${column}`, excerpt(cell.source, line, column)];
}

function frames(error: ErrorLike, sources: ReadonlyMap<string, CellSource>): string[] {
  const lines: string[] = [];
  let folded = 0;
  let latest = "";
  let shownFrames = 0;
  let repeats = 0;
  let hasExcerpt = false;
  const tellFolded = (): void => {
    if (folded > 0) lines.push(dim(`    … ${folded} ${folded === 1 ? "frame" : "frames"} of libraries`));
    folded = 0;
  };
  for (const frame of String(error.stack ?? "").split("\n")) {
    const match = /^\s+at (?:(.*?) \(|async (?=\[cell ))?(\[cell \d+\]|[^()]*?):(\d+):(\d+)\)?$/.exec(frame);
    if (!match) continue;
    const [, name, file = "", line, column] = match;
    const cell = sources.get(file);
    if (!cell) {
      if (!file.startsWith("node:")) folded++;
      continue;
    }
    if (Number(line) > cell.lines) continue;
    tellFolded();
    const place = cell.mapper?.(Number(line), Number(column)) ?? null;
    const where = place ? `${cell.name}, line ${place.line}, column ${place.column}` : cell.name;
    const frameLine = `    at ${name ? `${name.replace(/^Object\./, "")} in ` : ""}${where}`;
    if (frameLine === latest) repeats++;
    else if (shownFrames++ < mostFrames) lines.push(frameLine);
    else repeats++;
    latest = frameLine;
    if (place && !hasExcerpt) lines.push(excerpt(cell.source, place.line, place.column));
    hasExcerpt = true;
  }
  if (repeats > 0) lines.push(dim(`    … ${repeats} more ${repeats === 1 ? "call" : "calls"} in cells`));
  if (hasExcerpt || lines.length > 0) folded = 0; // frames below the cell belong to the kernel
  tellFolded();
  return lines;
}

function gathered(error: ErrorLike, sources: ReadonlyMap<string, CellSource>): string[] {
  const { errors } = error as { errors?: unknown };
  if (!(error instanceof AggregateError) || !Array.isArray(errors)) return [];
  const lines = errors.slice(0, shownErrors).flatMap((inner, index) => {
    const [head = "", ...rest] = describeThrown(inner, sources).traceback;
    return [`error ${index + 1} of ${errors.length}: ${head}`, ...rest];
  });
  return errors.length > shownErrors ? [...lines, dim(`    … ${errors.length - shownErrors} more errors`)] : lines;
}

function words(text: unknown): string {
  return String(text).replace(/\s+/g, " ").trim();
}

function causes(error: ErrorLike, sources: ReadonlyMap<string, CellSource>): string[] {
  const lines: string[] = [];
  let cause = error.cause;
  for (let depth = 0; depth < 3 && cause !== undefined && cause !== null; depth++) {
    if (!isErrorLike(cause)) return [...lines, `caused by ${inspect(cause, { depth: 1 })}`];
    const causeText = String(cause.message);
    // A message that quotes its cause has said it.
    if (!words(error.message).includes(words(causeText)) || causeText === "") {
      lines.push(`caused by ${red(String(cause.name || "Error"))}: ${causeText}`, ...frames(cause, sources));
    }
    cause = cause.cause;
  }
  return lines;
}
