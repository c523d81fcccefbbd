/**
 * Collects the problems of a config, each with its path and, if a text was read, line, column and caret.
 */
import type { Problem } from "../../errors/index.js";
import { clipped, grouped } from "../../util/text/format.js";
import { caretSnippet, describePosition, type Position, type Source } from "../text/position.js";
import type { SyntaxValue } from "../text/syntax.js";

/** The problems of one read; `source` is `null` if the values came from a program. */
export interface ConfigReport {
  readonly source: Source | null;
  readonly problems: Findings;
  readonly warnings: Findings;
}

/** The maximum number of listed findings. An entirely invalid text would have one per word. */
const mostFindings = 100;

/** A list of findings up to a limit; further findings are only counted. */
export class Findings {
  readonly #list: Problem[] = [];
  #more = 0;

  /** @param make called only if the finding is listed */
  add(make: () => Problem): void {
    if (this.#list.length < mostFindings) this.#list.push(make());
    else this.#more++;
  }

  /** The listed findings and the number of further ones. @param name of the text */
  list(name: string): readonly Problem[] {
    if (this.#more === 0) return this.#list;
    return [...this.#list, { path: name, message: `${grouped(this.#more)} more problems, which are not listed` }];
  }
}

/** A problem at a position of the text; without a text, `received` is the value. */
export function placed(report: ConfigReport, at: Position | null, problem: Problem): Problem {
  if (report.source === null || at === null) return problem;
  return {
    ...problem,
    message: `${problem.message} (${report.source.name}, ${describePosition(at)})`,
    received: caretSnippet(report.source, at),
  };
}

/** A value in a notation that its author recognises. */
export function showSyntax(value: SyntaxValue): string {
  switch (value.kind) {
    case "string":
      return JSON.stringify(clipped(value.text));
    case "number":
    case "name":
      return clipped(value.text);
    case "list":
      return "a list";
    case "message":
      return "a message { … }";
  }
}
