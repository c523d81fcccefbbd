/** Reads the declarations of a notebook's variables. */
import type * as ts from "typescript";

/** The names that declarations declare. */
export function declaredNames(declarations: string, typescript: typeof ts): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    const { name } = node as ts.Node & { name?: ts.Node };
    if (name && typescript.isIdentifier(name)) names.add(name.text);
    const isList =
      typescript.isVariableStatement(node) ||
      typescript.isVariableDeclarationList(node) ||
      typescript.isImportDeclaration(node) ||
      typescript.isImportClause(node) ||
      typescript.isNamedImports(node);
    if (isList) typescript.forEachChild(node, visit);
  };
  for (const statement of parsed(declarations, typescript).statements) visit(statement);
  return names;
}

/** Declarations without the variables and classes that a failed cell did not assign. */
export function assignedDeclarations(
  declarations: string,
  isAssigned: (name: string) => boolean,
  typescript: typeof ts,
): string {
  const file = parsed(declarations, typescript);
  const statements = file.statements.filter((statement) => {
    if (typescript.isVariableStatement(statement)) {
      return statement.declarationList.declarations.every(({ name }) => isAssigned(name.getText(file)));
    }
    return !typescript.isClassDeclaration(statement) || isAssigned(statement.name?.text ?? "");
  });
  return statements.map((statement) => statement.getFullText(file)).join("");
}

function parsed(declarations: string, typescript: typeof ts): ts.SourceFile {
  return typescript.createSourceFile("cell.d.ts", declarations, typescript.ScriptTarget.ES2022, true);
}
