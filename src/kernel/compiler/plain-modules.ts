/** The CommonJS text of a module that declares, imports and awaits nothing: the same as the compiler's, without its work. */

import type { PositionMapper } from "./lookups.js";

/** As tslab's converter writes it: the last expression of a cell, and what makes the cell a module. */
const last = "export const tsLastExpr = ";
const end = "export {};\n";

const head = `"use strict";\n__tslab__.define(exports, "__esModule", { value: true });\n`;
const lastHead = "exports.tsLastExpr = void 0;\n";
const storedLast = "exports.tsLastExpr = ";

/** Words that are written differently in CommonJS, or in a cell that can be interrupted; including in texts and comments. */
const rewritten = /\b(?:import|export|await|defineProperty|__addDisposableResource)\b|\\u/;
const blank = /^(?:\s|\/\/.*\n|\/\*[\s\S]*?\*\/)*/;

export interface PlainModule {
  readonly code: string;
  /** The place in the module's text. */
  readonly origin: PositionMapper;
}

/** Null if the compiler has to write it. */
export function plainModule(code: string): PlainModule | null {
  if (!code.endsWith(end)) return null;
  const [before = "", expression, ...more] = code.slice(0, -end.length).split(last);
  if (more.length > 0 || rewritten.test(before) || rewritten.test(expression ?? "")) return null;
  if (/^["']/.test(before.replace(blank, ""))) return null; // a directive, such as "use strict"
  if (expression === undefined) return moved(head, before, () => 0);
  if (/[^\n]$|`/.test(before)) return null; // it may be inside a text
  const line = before.split("\n").length;
  const shift = last.length - storedLast.length;
  const shiftOf = (at: number, column: number): number => (at === line && column > storedLast.length ? shift : 0);
  return moved(head + lastHead, `${before}${storedLast}${expression}`, shiftOf);
}

function moved(above: string, body: string, shiftOf: (line: number, column: number) => number): PlainModule {
  const lines = above.split("\n").length - 1;
  const origin: PositionMapper = (line, column) => {
    const at = line - lines;
    return at < 1 ? null : { line: at, column: column + shiftOf(at, column) };
  };
  return { code: above + body, origin };
}
