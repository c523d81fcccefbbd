/** The names that every notebook has without an import: all that `pepnet` exports, values and types. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type * as ts from "@tslab/typescript-for-tslab";

/** What the first cell starts with. */
export interface Prelude {
  /** The values by name. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The import that gives the compiler their types. */
  readonly declaration: string;
}

/** Loads the package. Throws what loading it throws. */
export function loadPrelude(load: (id: string) => unknown, declarations: string, typescript: typeof ts): Prelude {
  const values = load("pepnet") as Record<string, unknown>;
  const names = new Set([...Object.keys(values), ...exportedNames(declarations, typescript)]);
  for (const name of ["default", "__esModule"]) names.delete(name);
  const declaration = names.size === 0 ? "" : `import { ${[...names].join(", ")} } from "pepnet";\n`;
  return { values, declaration };
}

/** The names that a declaration file exports, those it passes on from its neighbours included. */
export function exportedNames(file: string, typescript: typeof ts, seen: Set<string> = new Set()): string[] {
  if (seen.has(file) || !existsSync(file)) return [];
  seen.add(file);
  const source = typescript.createSourceFile(file, readFileSync(file, "utf8"), typescript.ScriptTarget.ES2022, false);
  return source.statements.flatMap((statement) => {
    if (typescript.isExportDeclaration(statement)) {
      if (statement.exportClause && typescript.isNamedExports(statement.exportClause)) {
        return statement.exportClause.elements.map((element) => element.name.text);
      }
      const target = statement.moduleSpecifier as ts.StringLiteral | undefined;
      return target ? exportedNames(declarationOf(file, target.text), typescript, seen) : [];
    }
    return isExported(statement, typescript) ? declaredNames(statement, typescript) : [];
  });
}

function declarationOf(from: string, specifier: string): string {
  return path.resolve(path.dirname(from), specifier.replace(/\.js$/, ".d.ts"));
}

function isExported(statement: ts.Statement, typescript: typeof ts): boolean {
  const modifiers = typescript.canHaveModifiers(statement) ? typescript.getModifiers(statement) : undefined;
  return modifiers?.some((modifier) => modifier.kind === typescript.SyntaxKind.ExportKeyword) ?? false;
}

function declaredNames(statement: ts.Statement, typescript: typeof ts): string[] {
  if (typescript.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map((declaration) => (declaration.name as ts.Identifier).text);
  }
  const { name } = statement as ts.Statement & { name?: ts.Identifier };
  return name ? [name.text] : [];
}
