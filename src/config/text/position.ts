/** Places in a config text, and how an error shows them: line, column and a caret under the place. */

/** A place in a text, both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** `line 12, column 5`. */
export function describePosition({ line, column }: Position): string {
  return `line ${line}, column ${column}`;
}

/** The line with a caret under the place; a long line is cut around it. */
export function caretSnippet(source: string, { line, column }: Position): string {
  const full = (source.split(/\r\n|\n|\r/)[line - 1] ?? "").replaceAll("\t", " ");
  const start = Math.max(0, column - 60);
  const shown = full.slice(start, start + 100);
  const gutter = `${line} | `;
  return `\n    ${gutter}${shown}\n    ${" ".repeat(gutter.length - 2)}| ${" ".repeat(column - 1 - start)}^`;
}
