/** Loads the values and types of the names that notebooks can use without an import. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type * as ts from "typescript";
import { notebookTypes, notebookValues } from "./notebook-names.js";

/** The names of the first cell. */
export interface Prelude {
  /** The values by name. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The import statements that declare their types to the compiler, without names that the notebook declares. */
  declaration(others: ReadonlySet<string>): string;
}

/** Loads the package. Rethrows loading errors. */
export function loadPrelude(load: (id: string) => unknown, declarations: string, typescript: typeof ts): Prelude {
  const all = load("pepnet") as Record<string, unknown>;
  const exported = new Set([...Object.keys(all), ...exportedNames(declarations, typescript)]);
  const listed = new Set([...notebookValues, ...notebookTypes].filter((name) => exported.has(name)));
  // A variable may have any function's return type, which the compiler must be able to name in later cells.
  const others = [...exported].filter((name) => !listed.has(name) && (!(name in all) || isClass(all[name])));
  // A class among the listed types is also a value.
  const values = Object.fromEntries([...listed].filter((name) => name in all).map((name) => [name, all[name]]));
  return {
    values,
    declaration: (declared) => {
      const free = (names: Iterable<string>): string[] => [...names].filter((name) => !declared.has(name));
      return `${importStatement("import", free(listed))}${importStatement("import type", free(others))}`;
    },
  };
}

function importStatement(keyword: string, names: readonly string[]): string {
  return names.length === 0 ? "" : `${keyword} { ${names.join(", ")} } from "pepnet";\n`;
}

function isClass(value: unknown): boolean {
  return typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));
}

/** The names that a declaration file exports, including re-exports. */
export function exportedNames(file: string, typescript: typeof ts, visitedFiles: Set<string> = new Set()): string[] {
  if (visitedFiles.has(file) || !existsSync(file)) return [];
  visitedFiles.add(file);
  const source = typescript.createSourceFile(file, readFileSync(file, "utf8"), typescript.ScriptTarget.ES2022, false);
  return source.statements.flatMap((statement) => {
    if (typescript.isExportDeclaration(statement)) {
      if (statement.exportClause && typescript.isNamedExports(statement.exportClause)) {
        return statement.exportClause.elements.map((element) => element.name.text);
      }
      const target = statement.moduleSpecifier as ts.StringLiteral | undefined;
      return target ? exportedNames(importDeclaration(file, target.text), typescript, visitedFiles) : [];
    }
    return isExported(statement, typescript) ? declaredNames(statement, typescript) : [];
  });
}

function importDeclaration(from: string, specifier: string): string {
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
