/** Finds the JavaScript of a worker thread: in the build, or transpiled from `src` (tests). */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { makeFolders } from "./files/make-folders.js";
import { writeFileWholeSync } from "./write-whole.js";

/** The path of a worker's JavaScript. @param folder of the worker's source; `name`: its file name without extension */
export function workerFile(folder: string, name: string): string {
  const built = path.join(folder, `${name}.js`);
  if (existsSync(built)) return built;
  const source = path.join(folder, `${name}.ts`);
  if (existsSync(source)) return transpileTree(source);
  throw new Error(`the file of a worker thread is missing: ${built}; install the package again`);
}

/** Transpiles a file and its imports into `out/workers`, where they changed. Tests only: threads load no TypeScript. */
export function transpileTree(entry: string): string {
  const sources = path.resolve(__dirname, "..");
  const target = path.resolve(sources, "..", "out", "workers");
  const done = new Set<string>();
  const pending = [entry];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (done.has(file)) continue;
    done.add(file);
    const code = transpiled(file, path.join(target, path.relative(sources, file).replace(/\.ts$/, ".js")));
    for (const [, request] of code.matchAll(/require\("(\.[^"]+)\.js"\)/g)) {
      pending.push(path.resolve(path.dirname(file), `${request}.ts`));
    }
  }
  return path.join(target, path.relative(sources, entry).replace(/\.ts$/, ".js"));
}

function transpiled(source: string, target: string): string {
  const text = readFileSync(source, "utf8");
  // Compared by content: a checkout or a rename can leave any modification time.
  const mark = `// ${createHash("sha256").update(text).digest("hex")}\n`;
  if (existsSync(target)) {
    const code = readFileSync(target, "utf8");
    if (code.startsWith(mark)) return code;
  }
  const typescript = require("typescript") as typeof import("typescript");
  const { outputText } = typescript.transpileModule(text, {
    compilerOptions: { module: typescript.ModuleKind.CommonJS, target: typescript.ScriptTarget.ES2022 },
  });
  const code = mark + outputText;
  makeFolders(path.dirname(target));
  // Renamed into place: other test processes may be reading.
  writeFileWholeSync(target, code);
  return code;
}
