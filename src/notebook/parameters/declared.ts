/** The parameters of a notebook: the variables in its cell tagged `parameters`, and the values that they accept. */
import type * as ts from "typescript";
import { hasTag, joinLines, type Notebook } from "../format.js";
import type { Kind } from "./kind.js";

/** A declared parameter. */
export interface DeclaredParameter {
  readonly name: string;
  readonly kind: Kind;
  /** Its written type; null if inferred from the default. */
  readonly type: string | null;
}

/** Returns parameters in the order of the cell; null if no cell has the tag. Loads the TypeScript compiler. */
export function declaredParameters(notebook: Pick<Notebook, "cells">): DeclaredParameter[] | null {
  const cell = notebook.cells.find((each) => hasTag(each, "parameters"));
  if (!cell) return null;
  const typescript = require("typescript") as typeof ts;
  const text = joinLines(cell.source);
  const source = typescript.createSourceFile("parameters.ts", text, typescript.ScriptTarget.ES2022, true);
  const reader = new Reader(typescript, source);
  return source.statements
    .filter(typescript.isVariableStatement)
    .flatMap((statement) => statement.declarationList.declarations)
    .flatMap((declaration) => reader.declaration(declaration));
}

/** Reads declarations without a type checker: a parameters cell has only literals and plain types. */
class Reader {
  constructor(
    private readonly typescript: typeof ts,
    private readonly source: ts.SourceFile,
  ) {}

  declaration({ name, type, initializer }: ts.VariableDeclaration): DeclaredParameter[] {
    if (!this.typescript.isIdentifier(name)) {
      return this.names(name).map((each) => ({ name: each, kind: { is: "any" }, type: null }));
    }
    const kind: Kind = type ? this.ofType(type) : initializer ? this.ofValue(initializer) : { is: "any" };
    return [{ name: name.text, kind, type: type ? type.getText(this.source) : null }];
  }

  private names(pattern: ts.BindingPattern): string[] {
    return pattern.elements.flatMap((element) => {
      if (!("name" in element)) return [];
      return this.typescript.isIdentifier(element.name) ? [element.name.text] : this.names(element.name);
    });
  }

  private ofType(type: ts.TypeNode): Kind {
    const { SyntaxKind } = this.typescript;
    const { typescript } = this;
    if (typescript.isParenthesizedTypeNode(type)) return this.ofType(type.type);
    if (typescript.isUnionTypeNode(type)) return { is: "union", of: type.types.map((each) => this.ofType(each)) };
    if (typescript.isArrayTypeNode(type)) return { is: "list", of: this.ofType(type.elementType) };
    if (typescript.isTypeOperatorNode(type)) return this.ofType(type.type); // readonly
    if (typescript.isLiteralTypeNode(type)) return this.ofLiteral(type.literal);
    if (typescript.isTypeReferenceNode(type) && /^(Readonly)?Array$/.test(type.typeName.getText(this.source))) {
      const [item] = type.typeArguments ?? [];
      return { is: "list", of: item ? this.ofType(item) : { is: "any" } };
    }
    switch (type.kind) {
      case SyntaxKind.NumberKeyword:
        return { is: "number" };
      case SyntaxKind.StringKeyword:
        return { is: "text" };
      case SyntaxKind.BooleanKeyword:
        return { is: "boolean" };
      case SyntaxKind.TypeLiteral:
        return { is: "object" };
      default:
        return { is: "any" };
    }
  }

  /** `"mean"` as a type allows only that value; as a default it is text. */
  private ofLiteral(literal: ts.Expression): Kind {
    const kind = this.ofValue(literal);
    if (this.typescript.isStringLiteralLike(literal)) return { is: "value", value: literal.text };
    if (kind.is === "number") return { is: "value", value: Number(literal.getText(this.source)) };
    const text = literal.getText(this.source);
    return text === "null" || text === "true" || text === "false" ? { is: "value", value: JSON.parse(text) } : kind;
  }

  private ofValue(value: ts.Expression): Kind {
    const { typescript } = this;
    const { SyntaxKind } = typescript;
    if (typescript.isParenthesizedExpression(value) || typescript.isSatisfiesExpression(value)) {
      return this.ofValue(value.expression);
    }
    if (typescript.isAsExpression(value)) {
      return value.type.getText(this.source) === "const" ? this.ofValue(value.expression) : this.ofType(value.type);
    }
    if (typescript.isPrefixUnaryExpression(value)) {
      return value.operator === SyntaxKind.ExclamationToken ? { is: "boolean" } : this.ofValue(value.operand);
    }
    if (typescript.isNumericLiteral(value)) return { is: "number" };
    if (typescript.isStringLiteralLike(value) || typescript.isTemplateExpression(value)) return { is: "text" };
    if (typescript.isObjectLiteralExpression(value)) return { is: "object" };
    if (typescript.isArrayLiteralExpression(value)) return this.ofList(value);
    const isBoolean = value.kind === SyntaxKind.TrueKeyword || value.kind === SyntaxKind.FalseKeyword;
    return { is: isBoolean ? "boolean" : "any" };
  }

  /** Items of one kind make a list of that kind; mixed or no items make a list of any kind. */
  private ofList({ elements }: ts.ArrayLiteralExpression): Kind {
    const kinds = elements.map((element) => this.ofValue(element));
    const [first] = kinds;
    const same = first !== undefined && kinds.every((kind) => JSON.stringify(kind) === JSON.stringify(first));
    return { is: "list", of: same ? first : { is: "any" } };
  }
}
