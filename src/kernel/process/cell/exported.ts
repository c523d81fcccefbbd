/** Removes `export` before declarations, as in code pasted from a module: later cells see all declarations anyway. */
import type * as ts from "typescript";

/** Returns the source with each `export` replaced by blanks, so that all positions stay the same. */
export function withoutExports(source: string, typescript: typeof ts): string {
  if (!source.includes("export")) return source;
  const file = typescript.createSourceFile("cell.ts", source, typescript.ScriptTarget.ES2022, false);
  const { ExportKeyword, DefaultKeyword } = typescript.SyntaxKind;
  let script = source;
  for (const statement of file.statements) {
    const modifiers = typescript.canHaveModifiers(statement) ? (typescript.getModifiers(statement) ?? []) : [];
    const word = modifiers.find(({ kind }) => kind === ExportKeyword);
    if (!word || modifiers.some(({ kind }) => kind === DefaultKeyword)) continue;
    script = `${script.slice(0, word.end - "export".length)}${" ".repeat("export".length)}${script.slice(word.end)}`;
  }
  return script;
}
