/** Checks whether code is complete: consoles ask before they add a line or run it. */
import type * as ts from "typescript";

/** The content of `is_complete_reply`. */
export interface Completeness {
  readonly status: "complete" | "incomplete" | "invalid";
  readonly indent?: string;
}

/** TypeScript's codes for an unterminated template literal and an unterminated comment. */
const openEnded = new Set([1160, 1010]);

/** Parses the code and finds the first error: at the end, the code is incomplete; before the end, it is invalid. */
export function completeness(code: string, typescript: typeof ts): Completeness {
  const source = typescript.createSourceFile("cell.ts", code, typescript.ScriptTarget.Latest, false);
  const faults = (source as ts.SourceFile & { parseDiagnostics: readonly ts.Diagnostic[] }).parseDiagnostics;
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
