/** Examples of the documentation as one TypeScript program: do they compile against the package's own declarations? */
import path from "node:path";
import ts from "typescript";

const root = path.resolve(__dirname, "../..");

const entries = {
  pepnet: path.join(root, "dist/index.js"),
  "pepnet/metrics": path.join(root, "dist/core/metrics/public.js"),
  "pepnet/nn": path.join(root, "dist/core/nn/public.js"),
  "pepnet/types": path.join(root, "dist/types.js"),
  "pepnet/widgets": path.join(root, "dist/lab/widgets/public.js"),
};

/** A piece of code and where it stands. */
export interface Example {
  readonly place: string;
  readonly code: string;
}

/** What an example may use without saying where it comes from, as a notebook further up would have it. */
const around = `
import type * as p from "pepnet";
declare global {
  const data: p.Dataset, log: p.Dataset, train: p.Dataset, validation: p.Dataset, test: p.Dataset;
  const model: p.Model<any, any, any, any>, run: p.Run, baseline: p.Run, study: p.Study, plan: p.PlannedStudy;
  const danfoFrame: p.DanfoFrame;
  // Arrays, as the functions of metrics take them.
  const scores: Float32Array, run1Scores: Float32Array, run2Scores: Float32Array, probabilities: Float32Array;
  const labels: Float32Array, users: Int32Array, parts: { scores: Float32Array; labels: Float32Array }[];
}
`;

/** The \`\`\`ts blocks of a Markdown page. */
export function blocksOf(place: string, markdown: string): Example[] {
  return [...markdown.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match) => {
    const line = markdown.slice(0, match.index).split("\n").length;
    return { place: `${place}:${line}`, code: match[1] as string };
  });
}

/** Faults of the compiler, with the place of the example; names that the package exports need no import. */
export function faultsOf(examples: readonly Example[]): string[] {
  const folder = path.join(root, "out", "examples");
  const files = new Map([[path.join(folder, "around.d.ts"), around]]);
  const places = new Map<string, string>();
  for (const [index, { place, code }] of examples.entries()) {
    const file = path.join(folder, `example-${index}.ts`);
    files.set(file, withImports(code));
    places.set(file, place);
  }
  const program = programOf(files);
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, " ");
    return `${places.get(diagnostic.file?.fileName ?? "") ?? diagnostic.file?.fileName}: ${text}`;
  });
}

function withImports(code: string): string {
  const imports = (["pepnet", "pepnet/widgets", "pepnet/metrics"] as const)
    .filter((entry) => !code.includes(`from "${entry}"`))
    .map((entry) => {
      const names = Object.keys(require(entries[entry])).filter(
        (name) =>
          new RegExp(`(?<![.\\w])${name}\\b`).test(code) &&
          !new RegExp(`(const|let|function|import \\{[^}]*) ${name}\\b`).test(code),
      );
      return `import { ${names.join(", ")} } from "${entry}";`;
    })
    .join("");
  const layers = /\b(layer|tf)\b[.(]/.test(code) && !/pepnet\/nn/.test(code);
  return `${imports}${layers ? 'import { layer, tf } from "pepnet/nn";' : ""}\n${code}\nexport {};`;
}

function programOf(files: ReadonlyMap<string, string>): ts.Program {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    lib: ["lib.es2022.d.ts"],
    types: ["node"],
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    paths: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, [file.replace(/\.js$/, ".d.ts")]])),
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.readFile = (file) => files.get(file) ?? readFile(file);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (file, language, ...rest) => {
    const text = files.get(file);
    return text === undefined ? getSourceFile(file, language, ...rest) : ts.createSourceFile(file, text, language);
  };
  return ts.createProgram([...files.keys()], options, host);
}
