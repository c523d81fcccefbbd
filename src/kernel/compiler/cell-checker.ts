/** Checks a cell without running it: its problems, habits of other languages, and whether it is complete. */
import type { Diagnostic } from "tslab/dist/converter";
import type * as ts from "typescript";
import { getOrMake } from "../../core/util/growing.js";
import { installCommand } from "../commands.js";
import type { Conversion, Declarations } from "./declarations.js";
import { explained } from "./explanations.js";
import type { CompiledFile } from "./internals.js";

const shell = (command: string): string =>
  `console.log((await import("node:child_process")).execSync(${JSON.stringify(command)}, { encoding: "utf8" }))`;

const habits: readonly (readonly [pattern: RegExp, instead: (match: RegExpExecArray) => string])[] = [
  [/^%%?time(?:it)?\b/, () => 'console.time("cell") before the code and console.timeEnd("cell") after it'],
  [
    /^[%!]\s*(?:pip|npm|conda)\s+(?:install|i|add)\s+(.*)$/,
    ([, names]) => `${installCommand(names!)} in a terminal in the notebook's folder, then import it here`,
  ],
  [/^%cd\s+(.*)$/, ([, folder]) => `process.chdir(${JSON.stringify(folder)})`],
  [/^%pwd\b/, () => "process.cwd()"],
  [/^%env\b/, () => "process.env"],
  [/^%%(?:html|svg)\b/, () => "({ outerHTML: `<b>text</b>` }) as the last line"],
  [/^%(?:matplotlib|plot)\b/, () => "the chart as the last line, such as plot(rows, { x, y })"],
  [/^%(?:whos?|reset)\b/, () => "nothing; restart the kernel to remove all variables"],
  [/^%?(?:%%bash|%%sh|%sx)\b/, () => shell("ls")],
  [/^!\s*(\S.*)$/, ([, command]) => shell(command!.trim())],
  [/^%%?\w+/, () => "TypeScript"],
];

/** The advice for the first line that is a command; `null` if none is. Advice for cells that do not compile. */
export function habitAdvice(source: string): string | null {
  for (const text of source.split("\n")) {
    const line = text.trim();
    if (!/^[%!]/.test(line)) continue;
    for (const [pattern, instead] of habits) {
      const match = pattern.exec(line);
      if (match) return `\`${line}\`. Write ${instead(match)}`;
    }
  }
  return null;
}

const tag = /<([A-Za-z][\w.]*)(?:\s[^<>]*)?(?:\/>|>[\s\S]*?<\/\1\s*>)/g;

/**
 * As TypeScript, JSX is a type in brackets: several errors, of syntax (below 2000) or at the tag, none of which names
 * it.
 */
export function jsxAdvice(diagnostics: readonly Diagnostic[], source: string): string | null {
  const match = [...source.matchAll(tag)].find(({ index, 0: text }) =>
    diagnostics.some(({ start: { offset }, code }) => {
      return offset === index + 1 || (code < 2000 && offset > index && offset < index + text.length);
    }),
  );
  return match
    ? `\`<${match[1]}>\` is JSX, which cells do not have. Write ({ outerHTML: \`${match[0]}\` }) as the last line`
    : null;
}

export function questionedName(source: string): string | null {
  const [, after, before] = /^\s*(?:([\w$.]+)\s*\?{1,2}|\?{1,2}\s*([\w$.]+))\s*;?\s*$/.exec(source) ?? [];
  return after ?? before ?? null;
}

/** A problem in a cell; positions count UTF-16 units, as editors and JavaScript do. */
export interface CellProblem {
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly severity: "error" | "warning";
  readonly code: number;
}

export interface CheckedCell {
  readonly code: string;
  readonly above: readonly string[];
}

/** Reads a request. Throws a TypeError if it has no code. */
export function checkedCell({ code, above = [] }: Partial<Record<keyof CheckedCell, unknown>>): CheckedCell {
  const isText = (value: unknown): value is string => typeof value === "string";
  if (!isText(code) || !Array.isArray(above) || !above.every(isText)) {
    throw new TypeError("a diagnostics_request has `code`, a text, and `above`, a list of texts");
  }
  return { code, above };
}

export interface CheckContext {
  readonly declarations: Declarations;
  hasRun(code: string): boolean;
  convert(declarations: Declarations, code: string): Conversion;
}

const warningCategory = 0;

export class CellChecker {
  readonly #declared = new WeakMap<Declarations, Map<string, Declarations>>();

  check({ code, above }: CheckedCell, context: CheckContext): readonly CellProblem[] {
    if (habitAdvice(code) !== null || questionedName(code) !== null) return [];
    const waiting = above.filter((cell) => !context.hasRun(cell) && habitAdvice(cell) === null);
    const declarations = waiting.reduce((before, cell) => {
      const conversions = getOrMake(this.#declared, before, () => new Map<string, Declarations>());
      return getOrMake(conversions, cell, () => context.convert(before, cell).declarations);
    }, context.declarations);
    const { diagnostics } = context.convert(declarations, code).converted;
    return problems(
      diagnostics.filter(({ fileName }) => !fileName),
      code,
    );
  }
}

function problems(diagnostics: readonly Diagnostic[], source: string): CellProblem[] {
  const advice = jsxAdvice(diagnostics, source);
  const byPlace = new Map<string, CellProblem>();
  for (const { start, end, messageText, category, code } of diagnostics) {
    const key = `${start.offset} ${end.offset}`;
    const message = advice ?? explained(messageText);
    const first = byPlace.get(key);
    byPlace.set(key, {
      start: Math.min(start.offset, source.length),
      end: Math.min(end.offset, source.length),
      message: first ? `${first.message}\n${message}` : message,
      severity: category === warningCategory ? "warning" : "error",
      code: first?.code ?? code,
    });
  }
  return [...byPlace.values()];
}

export interface Completeness {
  readonly status: "complete" | "incomplete" | "invalid";
  readonly indent?: string;
}

const openEnded = new Set([1160, 1010]);

/** Parses the code and finds the first error: at the end, the code is incomplete; before the end, it is invalid. */
export function completeness(code: string, typescript: typeof ts): Completeness {
  const source = typescript.createSourceFile("cell.ts", code, typescript.ScriptTarget.Latest, false);
  const { parseDiagnostics: faults } = source as CompiledFile;
  const end = code.trimEnd().length;
  const first = faults[0];
  if (first === undefined) return { status: "complete" };
  const atEnd = faults.some((fault) => (fault.start ?? 0) >= end || openEnded.has(fault.code));
  return (first.start ?? 0) >= end || (atEnd && openEnded.has(first.code))
    ? { status: "incomplete", indent: indentAfter(code) }
    : { status: "invalid" };
}

function indentAfter(code: string): string {
  const line = code.slice(code.lastIndexOf("\n", code.trimEnd().length) + 1).trimEnd();
  const indent = /^\s*/.exec(line)?.[0] ?? "";
  return /[{([]$/.test(line) ? `${indent}  ` : indent;
}
