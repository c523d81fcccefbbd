/**
 * Programs without the bookkeeping of incremental builds. The compiler's watch mode would list, for each program, which
 * of a thousand files refers to which, to find the files that a change affects; a cell asks only about its own file and
 * the local files that it imports.
 */
import type * as ts from "typescript";
import { isUsers } from "./lookups.js";

type Builder = ts.EmitAndSemanticDiagnosticsBuilderProgram;

/** A function that the compiler does not declare. */
interface Binder {
  bindSourceFile(file: ts.SourceFile, options: ts.CompilerOptions): void;
}

interface ResolvingProgram extends ts.Program {
  getResolvedModuleFromModuleSpecifier(
    name: ts.StringLiteralLike,
    file: ts.SourceFile,
  ): { readonly resolvedModule?: ts.ResolvedModuleFull } | undefined;
}

/** Creates programs for a watch host. */
export function plainProgram(typescript: typeof ts): ts.CreateProgram<Builder> {
  const { bindSourceFile } = typescript as unknown as Binder;
  const create = typescript.createAbstractBuilder as unknown as ts.CreateProgram<Builder>;
  return (...parameters) => {
    const builder = create(...parameters);
    const program = builder.getProgram() as ResolvingProgram;
    const { getSourceFile } = builder;
    return Object.assign(builder, {
      getAllDependencies: (file: ts.SourceFile) => usersDependencies(program, file),
      getSourceFile(name: string) {
        const file = getSourceFile(name);
        // A type checker binds all files; before there is one, tslab's converter reads the names of a cell's variables.
        if (file && isUsers(name)) bindSourceFile(file, program.getCompilerOptions());
        return file;
      },
    });
  };
}

/** The names of a file and of the user's files that it imports, directly or not. */
function usersDependencies(program: ResolvingProgram, file: ts.SourceFile): string[] {
  const names = new Set([file.fileName]);
  for (const name of names) {
    const source = program.getSourceFile(name);
    if (!source) continue;
    for (const specifier of (source as ts.SourceFile & { readonly imports?: ts.StringLiteralLike[] }).imports ?? []) {
      const resolved = program.getResolvedModuleFromModuleSpecifier(specifier, source)?.resolvedModule;
      const imported = resolved && program.getSourceFile(resolved.resolvedFileName);
      if (imported && !imported.isDeclarationFile && isUsers(imported.fileName)) names.add(imported.fileName);
    }
  }
  return [...names];
}
