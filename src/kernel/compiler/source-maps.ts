import { SourceMap, type SourceMapPayload } from "node:module";

/** Finds the line and column (from 1) in the TypeScript for a line and column (from 1) in the JavaScript. */
export type PositionMapper = (line: number, column: number) => { line: number; column: number } | null;

export type LazyMap = () => SourceMap;

/** Number of lines that tslab's converter adds before a cell. */
export const prefixLines = 1;

export function splitMap(text: string): { code: string; map: LazyMap | null } {
  const mark = "//# sourceMappingURL=data:application/json;base64,";
  const at = text.lastIndexOf(mark);
  if (at < 0) return { code: text, map: null };
  const encoded = text.slice(at + mark.length).trim();
  let map: SourceMap | null = null;
  const decode = (): SourceMap =>
    new SourceMap(JSON.parse(Buffer.from(encoded, "base64").toString("utf8")) as SourceMapPayload);
  return { code: text.slice(0, at), map: () => (map ??= decode()) };
}

export function inCell(map: LazyMap): PositionMapper {
  return (line, column) => {
    const origin = map().findEntry(line - 1, column - 1);
    if (!("originalLine" in origin)) return null;
    return { line: origin.originalLine + 1 - prefixLines, column: origin.originalColumn + 1 };
  };
}

export function chain(last: LazyMap, first: LazyMap): PositionMapper {
  return (line, column) => {
    const between = last().findEntry(line - 1, column - 1);
    if (!("originalLine" in between)) return null;
    const origin = first().findEntry(between.originalLine, between.originalColumn);
    if (!("originalLine" in origin)) return null;
    return { line: origin.originalLine + 1, column: origin.originalColumn + 1 };
  };
}
