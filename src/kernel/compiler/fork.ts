/**
 * TypeScript under the names that tslab's converter calls: tslab brings a fork of TypeScript 5.0.4, which adds a few
 * functions to the stock compiler. The current version has most of them under other names.
 */
import path from "node:path";
import type * as ts from "typescript";
import { type Internals, quickInfoAt } from "./quick-info.js";

type Stock = typeof ts &
  Internals & {
    readonly nullTransformationContext: ts.TransformationContext;
    readonly Completions: { getCompletionsAtPosition(...parameters: unknown[]): unknown };
  };

interface Folders {
  directoryExists?(folder: string): boolean;
}

export function withForkNames(original: typeof ts): typeof ts {
  const stock = original as Stock;
  return {
    ...original,
    getNullTransformationContext: () => stock.nullTransformationContext,
    getDefaultTypeRoots: typeRootsAbove,
    getPreEmitDiagnosticsOfFiles: (program: ts.Program, files: readonly ts.SourceFile[]) =>
      original.sortAndDeduplicateDiagnostics(diagnosticsOfFiles(program, files)),
    getQuickInfoAtPosition: (file: ts.SourceFile, checker: ts.TypeChecker, _token: unknown, position: number) =>
      quickInfoAt(stock, file, checker, position),
    Completions: {
      ...stock.Completions,
      getCompletionsAtPositionForTslab: (...parameters: unknown[]) =>
        stock.Completions.getCompletionsAtPosition(...parameters, undefined),
    },
  } as typeof ts;
}

function typeRootsAbove(folder: string, { directoryExists = () => true }: Folders): string[] {
  const parent = path.dirname(folder);
  const types = path.join(folder, "node_modules", "@types");
  const above = parent === folder ? [] : typeRootsAbove(parent, { directoryExists });
  return directoryExists(types) ? [types, ...above] : above;
}

function diagnosticsOfFiles(program: ts.Program, files: readonly ts.SourceFile[]): ts.Diagnostic[] {
  const { declaration } = program.getCompilerOptions();
  return files.flatMap((file) => [
    ...program.getSyntacticDiagnostics(file),
    ...program.getSemanticDiagnostics(file),
    ...(declaration === true ? program.getDeclarationDiagnostics(file) : []),
  ]);
}
