/**
 * Positions in a config text, and how errors show them: line, column and a caret.
 */

/** A position in a text; line and column count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A text with its name for error messages. */
export interface Source {
  readonly text: string;
  readonly name: string;
}

const starts = new WeakMap<Source, readonly number[]>();

/** The start offset of each line; computed once per text. */
function lineStarts(source: Source): readonly number[] {
  const cachedStarts = starts.get(source);
  if (cachedStarts !== undefined) return cachedStarts;
  const offsets = [0];
  for (const { 0: end, index } of source.text.matchAll(/\r\n|\n|\r/g)) offsets.push(index + end.length);
  starts.set(source, offsets);
  return offsets;
}

/** `line 12, column 5`. */
export function describePosition({ line, column }: Position): string {
  return `line ${line}, column ${column}`;
}

/** The line with a caret below the position; a long line is truncated around it. */
export function caretSnippet(source: Source, { line, column }: Position): string {
  const begins = lineStarts(source)[line - 1] ?? source.text.length;
  const start = Math.max(0, column - 60);
  const excerpt = /^[^\r\n]*/.exec(source.text.slice(begins + start, begins + start + 100))![0].replaceAll("\t", " ");
  const gutter = `${line} | `;
  return `\n    ${gutter}${excerpt}\n    ${" ".repeat(gutter.length - 2)}| ${" ".repeat(column - 1 - start)}^`;
}
