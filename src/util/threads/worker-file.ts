/** Where a worker thread's code is: in the build; made on the spot where TypeScript runs from `src` (tests). */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { writeFileWholeSync } from "../atomic/write-whole.js";

/** Path of a worker's JavaScript. @param folder of the worker's source; `name`: its file, without the ending */
export function workerFile(folder: string, name: string): string {
  const built = path.join(folder, `${name}.js`);
  if (existsSync(built)) return built;
  const source = path.join(folder, `${name}.ts`);
  if (existsSync(source)) return transpileTree(source);
  throw new Error(`the file of a worker thread is missing: ${built}; install the package again`);
}

/**
 * Transpiles a source file and what it imports into `out/workers`, file by file where the source has changed, and
 * returns the JavaScript's path. Development only: a thread cannot load TypeScript, and a build could be older than
 * the source under test.
 */
export function transpileTree(entry: string): string {
  const sources = path.resolve(__dirname, "../..");
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
  // By content: a checkout or a rename leaves files with any time of change.
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
  mkdirSync(path.dirname(target), { recursive: true });
  // Moved into place whole: other test processes may be reading.
  writeFileWholeSync(target, code, { flush: false });
  return code;
}
