/**
 * Turns JavaScript with the language's modules into JavaScript with `require`. The compiler's own function creates a
 * program and a type checker for each text; here one program serves all texts with the same options.
 */
import type * as ts from "typescript";
import type { Binder } from "./builder.js";

interface Options {
  readonly transpileOptionValueCompilerOptions: readonly {
    readonly name: string;
    readonly transpileOptionValue: never;
  }[];
}

export function transpiler(fileName: string, base: ts.CompilerOptions, typescript: typeof ts): Transpile {
  const options: ts.CompilerOptions = { ...base, suppressOutputPathCheck: true, allowNonTsExtensions: true };
  const { transpileOptionValueCompilerOptions } = typescript as unknown as Options;
  for (const { name, transpileOptionValue } of transpileOptionValueCompilerOptions)
    options[name] = transpileOptionValue;
  const parse = (text: string): ts.SourceFile =>
    typescript.createSourceFile(fileName, text, options.target ?? typescript.ScriptTarget.ES2022);
  const empty = parse("");
  const program = typescript.createProgram([fileName], options, {
    getSourceFile: (name) => (name === fileName ? empty : undefined),
    writeFile: () => {},
    getDefaultLibFileName: () => "lib.d.ts",
    useCaseSensitiveFileNames: () => true,
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => "",
    getNewLine: () => "\n",
    fileExists: (name) => name === fileName,
    readFile: () => "",
  });
  const { bindSourceFile } = typescript as unknown as Binder;
  return (text, transformers) => {
    const file = parse(text);
    Object.assign(file, { path: fileName, resolvedPath: fileName, originalFileName: fileName, imports: [] });
    bindSourceFile(file, options);
    let output = "";
    program.emit(file, (_name, written) => (output = written), undefined, false, transformers);
    return output;
  };
}

export type Transpile = (text: string, transformers: ts.CustomTransformers) => string;
