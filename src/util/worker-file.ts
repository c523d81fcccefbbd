/** Where a worker thread's code is: in the build; made on the spot where TypeScript runs from `src` (tests). */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Path of a worker's JavaScript. @param folder of the worker's source; `name`: its file, without the ending */
export function workerFile(folder: string, name: string): string {
  const built = path.join(folder, `${name}.js`);
  if (existsSync(built)) return built;
  const source = path.join(folder, `${name}.ts`);
  if (existsSync(source)) return transpileTree(source);
  throw new Error(`the file of a worker thread is missing: ${built}; install the package again`);
}

/**
 * Transpiles a source file and what it imports into `node_modules/.cache`, file by file where the source is newer, and
 * returns the JavaScript's path. Development only: a thread cannot load TypeScript, and a build could be older than
 * the source under test.
 */
export function transpileTree(entry: string): string {
  const sources = path.resolve(__dirname, "..");
  // Several checkouts may share one node_modules.
  const checkout = createHash("sha256").update(sources).digest("hex").slice(0, 12);
  const target = path.resolve(sources, "..", "node_modules", ".cache", "pepnet-worker", checkout);
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
  if (existsSync(target) && statSync(target).mtimeMs > statSync(source).mtimeMs) return readFileSync(target, "utf8");
  const typescript = require("typescript") as typeof import("typescript");
  const { outputText } = typescript.transpileModule(readFileSync(source, "utf8"), {
    compilerOptions: { module: typescript.ModuleKind.CommonJS, target: typescript.ScriptTarget.ES2022 },
  });
  mkdirSync(path.dirname(target), { recursive: true });
  // Moved into place whole: other test processes may be reading.
  writeFileSync(`${target}.${process.pid}`, outputText);
  renameSync(`${target}.${process.pid}`, target);
  return outputText;
}
