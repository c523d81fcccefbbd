/** Declarations of a notebook's variables: a cell is compiled with those that it can depend on, so it stays fast. */
import type { Converter, ConvertResult } from "tslab/dist/converter";
import type * as ts from "typescript";
import { getOrMake } from "../../core/util/growing.js";

interface Statement {
  readonly text: string;
  readonly names: readonly string[];
  readonly module: string | null;
  readonly isNamespace: boolean;
  readonly isVariable: boolean;
}

const identifiers = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu;

export class Declarations {
  #text: string | null = null;

  private constructor(
    private readonly statements: readonly Statement[],
    private readonly typescript: typeof ts,
  ) {}

  static read(text: string, typescript: typeof ts): Declarations {
    const file = typescript.createSourceFile("cell.d.ts", text, typescript.ScriptTarget.ES2022, true);
    const statements = file.statements.map((statement): Statement => {
      return {
        text: statement.getFullText(file).trim(),
        names: namesIn(statement, typescript),
        module: typescript.isImportDeclaration(statement) ? (statement.moduleSpecifier as ts.StringLiteral).text : null,
        isNamespace: typescript.isModuleDeclaration(statement),
        isVariable: typescript.isVariableStatement(statement) || typescript.isClassDeclaration(statement),
      };
    });
    return new Declarations(statements, typescript);
  }

  get text(): string {
    this.#text ??= this.statements.map(({ text }) => `${text}\n`).join("");
    return this.#text;
  }

  get names(): Set<string> {
    return new Set(this.statements.flatMap(({ names }) => names));
  }

  /** Those that code can depend on; imports of one module stay together, and unnamed statements may affect all code. */
  about(code: string): Declarations {
    if (/\\u/.test(code)) return this; // a name may be written with escapes
    const byName = new Map<string, Statement[]>();
    const byModule = new Map<string, Statement[]>();
    for (const statement of this.statements) {
      for (const name of statement.names) getOrMake(byName, name, () => []).push(statement);
      if (statement.module !== null) getOrMake(byModule, statement.module, () => []).push(statement);
    }
    const always = this.statements.filter(
      ({ names }) => names.length === 0 || names.some((name) => name in globalThis),
    );
    const imported = [...byModule].flatMap(([module, imports]) => (code.includes(module) ? imports : []));
    const mentioned = new Set([...always, ...imported]);
    const visit = (text: string): void => {
      for (const [name] of text.matchAll(identifiers))
        for (const statement of byName.get(name) ?? []) mentioned.add(statement);
    };
    visit(code);
    for (const statement of mentioned) {
      if (statement.module === null) visit(statement.text);
      else for (const other of byModule.get(statement.module)!) mentioned.add(other);
    }
    if (mentioned.size === this.statements.length) return this;
    return new Declarations(
      this.statements.filter((statement) => mentioned.has(statement)),
      this.typescript,
    );
  }

  after(part: Declarations, text: string): Declarations {
    const become = Declarations.read(text, this.typescript);
    const before = new Set(part.statements);
    const { names } = become;
    // tslab's converter forgets namespaces.
    const stays = (statement: Statement): boolean =>
      !before.has(statement) || (statement.isNamespace && !statement.names.some((name) => names.has(name)));
    return new Declarations([...become.statements, ...this.statements.filter(stays)], this.typescript);
  }

  with(others: string): Declarations {
    const { statements } = Declarations.read(others, this.typescript);
    return new Declarations([...statements, ...this.statements], this.typescript);
  }

  assigned(isAssigned: (name: string) => boolean): Declarations {
    const statements = this.statements.filter(({ isVariable, names }) => !isVariable || names.every(isAssigned));
    return new Declarations(statements, this.typescript);
  }
}

function namesIn(statement: ts.Statement, typescript: typeof ts): string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    const { name } = node as ts.Node & { name?: ts.Node };
    if (name && typescript.isIdentifier(name) && name.text !== "global") names.push(name.text);
    const isList =
      typescript.isVariableStatement(node) ||
      typescript.isVariableDeclarationList(node) ||
      typescript.isImportDeclaration(node) ||
      typescript.isImportClause(node) ||
      typescript.isNamedImports(node);
    if (isList) typescript.forEachChild(node, visit);
  };
  visit(statement);
  return names;
}

export interface Conversion {
  readonly converted: ConvertResult;
  readonly declarations: Declarations;
}

export function convertCell(declarations: Declarations, code: string, convert: Converter["convert"]): Conversion {
  const part = declarations.about(code);
  const first = after(declarations, part, convert(part.text, code));
  if (first.converted.diagnostics.length === 0 || part === declarations) return first;
  return after(declarations, declarations, convert(declarations.text, code));
}

function after(all: Declarations, part: Declarations, converted: ConvertResult): Conversion {
  const { diagnostics, declOutput } = converted;
  const isValid = diagnostics.length === 0 && declOutput !== undefined;
  return { converted, declarations: isValid ? all.after(part, declOutput) : all };
}
