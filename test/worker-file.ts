/** In tests, the place of `src/core/util/worker-file.ts`: threads load no TypeScript, so their files are transpiled. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import typescript from "typescript";
import { writeFileWholeSync } from "../src/core/util/write-whole.js";

const sources = path.resolve(__dirname, "..", "src");
const target = path.resolve(__dirname, "..", "out", "workers");

export function workerFile(folder: string, name: string): string {
  return transpileTree(path.join(folder, `${name}.ts`));
}

/** Transpiles a file and its imports into `out/workers`, where they changed. */
export function transpileTree(entry: string): string {
  const done = new Set<string>();
  const pending = [entry];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (done.has(file)) continue;
    done.add(file);
    const code = transpiled(file, targetOf(file));
    for (const [, request] of code.matchAll(/require\("(\.[^"]+)\.js"\)/g)) {
      pending.push(path.resolve(path.dirname(file), `${request}.ts`));
    }
  }
  return targetOf(entry);
}

function targetOf(source: string): string {
  return path.join(target, path.relative(sources, source).replace(/\.ts$/, ".js"));
}

function transpiled(source: string, file: string): string {
  const text = readFileSync(source, "utf8");
  // Compared by content: a checkout or a rename can leave any modification time.
  const mark = `// ${createHash("sha256").update(text).digest("hex")}\n`;
  if (existsSync(file)) {
    const code = readFileSync(file, "utf8");
    if (code.startsWith(mark)) return code;
  }
  const { outputText } = typescript.transpileModule(text, {
    compilerOptions: { module: typescript.ModuleKind.CommonJS, target: typescript.ScriptTarget.ES2022 },
  });
  const code = mark + outputText;
  mkdirSync(path.dirname(file), { recursive: true });
  // Renamed into place: other test processes may be reading.
  writeFileWholeSync(file, code);
  return code;
}
