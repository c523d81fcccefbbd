/** The undocumented parts of TypeScript that the kernel uses. */
import type * as ts from "typescript";

export type Resolution = { readonly resolvedModule?: ts.ResolvedModuleFull | undefined } | undefined;

export interface ResolvingProgram extends ts.Program {
  getResolvedModule(file: ts.SourceFile, name: string, mode: ts.ResolutionMode): Resolution;
  getResolvedModuleFromModuleSpecifier(name: ts.StringLiteralLike, file: ts.SourceFile): Resolution;
}

export interface CompiledFile extends ts.SourceFile {
  readonly path: string;
  readonly pragmas: ReadonlyMap<string, unknown>;
  readonly imports?: readonly ts.StringLiteralLike[];
  readonly locals?: Map<ts.__String, ts.Symbol>;
  readonly parseDiagnostics: readonly ts.Diagnostic[];
  readonly symbol?: ts.Symbol;
  readonly redirectInfo?: unknown;
  readonly externalModuleIndicator?: unknown;
  readonly setExternalModuleIndicator?: (file: ts.SourceFile) => void;
  readonly jsDocParsingMode?: ts.JSDocParsingMode;
}

type VisitImport = (node: ts.Node, name: ts.StringLiteralLike) => void;

/** TypeScript with the functions that it does not document. */
export type Typescript = typeof ts & {
  readonly nullTransformationContext: ts.TransformationContext;
  readonly transpileOptionValueCompilerOptions: readonly {
    readonly name: string;
    readonly transpileOptionValue: never;
  }[];
  readonly Completions: { getCompletionsAtPosition(...parameters: unknown[]): ts.CompletionInfo | undefined };
  readonly SymbolDisplay: {
    getSymbolDisplayPartsDocumentationAndSymbolKind(
      ...parameters: [ts.TypeChecker, ts.Symbol, ts.SourceFile, around: ts.Node | undefined, ts.Node]
    ): Pick<ts.QuickInfo, "displayParts" | "documentation" | "tags"> & { symbolKind: ts.ScriptElementKind };
    getSymbolModifiers(checker: ts.TypeChecker, symbol: ts.Symbol): string;
  };
  bindSourceFile(file: ts.SourceFile, options: ts.CompilerOptions): void;
  parseIsolatedJSDocComment(text: string, start: number, length: number): { jsDoc: ts.JSDoc } | undefined;
  forEachDynamicImportOrRequireCall(file: ts.SourceFile, hasTypes: true, isLiteral: true, visit: VisitImport): void;
  isAnyImportOrReExport(node: ts.Node): boolean;
  getExternalModuleName(node: ts.Node): ts.Expression | undefined;
  getTouchingPropertyName(file: ts.SourceFile, position: number): ts.Node;
  getContainerNode(node: ts.Node): ts.Node | undefined;
  isInComment(file: ts.SourceFile, position: number): unknown;
  isTagName(node: ts.Node): boolean;
  isLabelName(node: ts.Node): boolean;
  isImportMeta(node: ts.Node): boolean;
  typeToDisplayParts(checker: ts.TypeChecker, type: ts.Type, around?: ts.Node): ts.SymbolDisplayPart[];
  createTextSpanFromNode(node: ts.Node, file: ts.SourceFile): ts.TextSpan;
};

/** Parses a text in the same way as another file. */
export function parsedLike(like: ts.SourceFile, name: string, text: string, typescript: Typescript): CompiledFile {
  const { languageVersion, impliedNodeFormat, setExternalModuleIndicator, jsDocParsingMode } = like as CompiledFile;
  const options = { languageVersion, impliedNodeFormat, setExternalModuleIndicator, jsDocParsingMode };
  return typescript.createSourceFile(name, text, options as ts.CreateSourceFileOptions) as CompiledFile;
}
