/** Collects what is wrong with a config, each thing with its path and, where a text was read, line, column and caret. */
import type { Problem } from "../../errors/index.js";
import { caretSnippet, describePosition, type Position } from "../text/position.js";
import type { SyntaxValue } from "../text/syntax.js";
import type { Source } from "../text/tokens.js";

/** Problems of one reading; `source` is `null` where values came from a program. */
export interface ConfigReport {
  readonly source: Source | null;
  readonly problems: Problem[];
  readonly warnings: Problem[];
}

/** A problem at a place of the text; without a text, `received` says what came. */
export function placed(report: ConfigReport, at: Position | null, problem: Problem): Problem {
  if (report.source === null || at === null) return problem;
  return {
    ...problem,
    message: `${problem.message} (${report.source.name}, ${describePosition(at)})`,
    received: caretSnippet(report.source.text, at),
  };
}

/** A value as its writer would recognise it. */
export function showSyntax(value: SyntaxValue): string {
  switch (value.kind) {
    case "string":
      return JSON.stringify(value.text);
    case "number":
    case "name":
      return value.text;
    case "list":
      return "a list";
    case "message":
      return "a message { … }";
  }
}
