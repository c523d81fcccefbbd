/** Program of a V8 startup snapshot with the compiler as after a first cell; `assets/start.sh` builds and starts it. */
import { readFileSync, rm, utimes } from "node:fs";
import Module, { createRequire, isBuiltin } from "node:module";
import path from "node:path";
import { startupSnapshot } from "node:v8";
import type * as ts from "typescript";

type HeldFiles = typeof import("./compiler/held-files.js");
type Compiler = typeof import("./compiler/typescript.js");

const parameters = ["exports", "require", "module", "__filename", "__dirname"];
const modules: Record<string, { exports: unknown }> = {};
let isBuilding = true;

/** Loads a module without Node's loader, whose scripts a snapshot cannot hold. */
function load(file: string): unknown {
  const loaded = modules[file];
  if (loaded) return loaded.exports;
  const module = { exports: {} };
  modules[file] = module;
  const text = readFileSync(file, "utf8");
  if (file.endsWith(".json")) module.exports = JSON.parse(text);
  else {
    const run = new Function(...parameters, `${text}\n//# sourceURL=${file}`);
    run(module.exports, requireFrom(file), module, file, path.dirname(file));
  }
  return module.exports;
}

function requireFrom(file: string): object {
  const { resolve } = createRequire(file);
  const requireHere = (id: string): unknown => {
    if (!isBuilding) return createRequire(file)(id);
    return isBuiltin(id) ? require(id) : load(resolve(id));
  };
  return Object.assign(requireHere, { resolve, cache: modules });
}

function build(): void {
  const fromHere = createRequire(path.join(__dirname, "main.js"));
  const loadHere = (file: string): unknown => load(fromHere.resolve(file));
  // TypeScript would remember the folder.
  (loadHere("typescript") as typeof ts).sys.getCurrentDirectory = () => process.cwd();
  const { holdingFiles, versionOf } = loadHere("./compiler/held-files.js") as HeldFiles;
  for (const each of ["cell-checker.js", "completions.js", "library.js"]) load(path.join(__dirname, "compiler", each));
  holdingFiles(() => {
    const compiler = (loadHere("./compiler/typescript.js") as Compiler).createCompiler();
    const { declOutput = "" } = compiler.convert("", "const doubles = [1, 2].map((each) => 2 * each);\ndoubles");
    compiler.convert(declOutput, "console.log(doubles);\n6 * 7");
    compiler.close();
  });
  const versions = Object.keys(modules).map((file) => [file, versionOf(file)] as const);
  startupSnapshot.setDeserializeMainFunction(() => {
    isBuilding = false;
    const program = process.argv[1];
    if (program === undefined) return; // its builder tries whether it starts
    // Programs that a cell starts get these options.
    const [snapshot = ""] = process.execArgv.splice(process.execArgv.indexOf("--snapshot-blob"), 2).slice(1);
    const isCurrent = versions.every(([file, version]) => versionOf(file) === version);
    if (isCurrent) offerModules();
    if (isCurrent)
      utimes(snapshot, new Date(), new Date(), () => {}); // those last used stay
    else rm(snapshot, () => {});
    (Module as unknown as NodeLoader)._load(program, null, true);
  });
}

interface NodeLoader {
  readonly _cache: Record<string, unknown>;
  _load(file: string, parent: null, isMain: true): unknown;
}

function offerModules(): void {
  const { _cache: cache } = Module as unknown as NodeLoader;
  for (const [file, { exports }] of Object.entries(modules))
    cache[file] = Object.assign(new Module(file), { filename: file, exports, loaded: true });
}

build();
