// Program of a V8 startup snapshot with the kernel as after a first cell; start.sh builds and starts it. The builder of
// snapshots takes one script and gives it no module loader.
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const { namespace: startupSnapshot } = require("internal/v8/startup_snapshot"); // node:v8 would bring native state

const parameters = ["exports", "require", "module", "__filename", "__dirname"];
/** By file. */
const modules = {};
let isBuilding = true;

/** Loads a module without Node's loader, whose scripts a snapshot cannot hold. */
function load(file) {
  if (modules[file]) return modules[file].exports;
  const module = { exports: {} };
  modules[file] = module;
  const text = fs.readFileSync(file, "utf8");
  if (file.endsWith(".json")) module.exports = JSON.parse(text);
  else {
    const run = new Function(...parameters, `${text}\n//# sourceURL=${file}`);
    run(module.exports, requireFrom(file), module, file, path.dirname(file));
  }
  return module.exports;
}

/**
 * Node's modules that a snapshot may hold: JavaScript, and what is in Node's own snapshot. Others have native state or
 * something of the process. A thread would initialise such state again, at which Node aborts: 22.21 and later do so if
 * node:v8 was held and the thread loads node:net.
 */
const holdable = ["events", "fs", "module", "os", "path", "perf_hooks", "stream", "url", "util"];

/** For the builder, which compares texts by their hashes. */
const textAsHash = {
  createHash() {
    let text = "";
    return { update: (part) => (text += part), digest: () => text };
  },
};

function requireFrom(file) {
  const { resolve } = Module.createRequire(file);
  const requireHere = (id) => {
    if (!isBuilding) return Module.createRequire(file)(id);
    if (!Module.isBuiltin(id)) return load(resolve(id));
    return holdable.includes(id.replace(/^node:/, "")) ? require(id) : whenUsed(id);
  };
  return Object.assign(requireHere, { resolve, cache: modules });
}

/** A module of Node that is loaded after the start, when one of its names is first used. */
function whenUsed(id) {
  let module = null;
  const find = () => {
    if (!isBuilding) return (module ??= Module.createRequire(kernel)(id));
    if (/^(node:)?crypto$/.test(id)) return textAsHash;
    throw new Error(`${id} is used while the snapshot is built`);
  };
  return new Proxy(
    {},
    { get: (_, name) => (name === "__esModule" ? undefined : find()[name]), ownKeys: () => Reflect.ownKeys(find()) },
  );
}

function offerModules() {
  for (const [file, { exports }] of Object.entries(modules))
    Module._cache[file] = Object.assign(new Module(file), { filename: file, exports, loaded: true });
}

const kernel = path.resolve(__dirname, "../../../dist/kernel");
const { resolve } = Module.createRequire(path.join(kernel, "main.js"));
load(resolve("typescript")).sys.getCurrentDirectory = () => process.cwd(); // it would remember the folder
const { holdingFiles, versionOf } = load(path.join(kernel, "compiler/held-files.js"));
for (const each of ["opened-files.js", "process/kernel.js", "process/session.js"]) load(path.join(kernel, each));
holdingFiles(() => {
  const compiler = load(path.join(kernel, "compiler/typescript.js")).createCompiler();
  const { declOutput = "" } = compiler.convert("", "const doubles = [1, 2].map((each) => 2 * each);\ndoubles");
  compiler.convert(declOutput, "console.log(doubles);\n6 * 7");
  compiler.close();
});
load(resolve("tslab/dist/metadata"));
const zeromq = resolve("zeromq");
for (const each of ["./util", "cmake-ts/build/loader"]) load(Module.createRequire(zeromq).resolve(each)); // it needs the rest anew
const { takeCrashMark } = load(path.join(kernel, "process/crash-mark.js"));
const versions = Object.keys(modules).map((file) => [file, versionOf(file)]);

startupSnapshot.setDeserializeMainFunction(() => {
  isBuilding = false;
  const program = process.argv[1];
  // Programs that a cell starts would get these options, and this part of the environment.
  const [, snapshot] = process.execArgv.splice(process.execArgv.indexOf("--snapshot-blob"), 4);
  const [, tunables] = (process.env.GLIBC_TUNABLES ?? "").split(/^glibc\.malloc\.hugetlb=1:?/);
  takeCrashMark(snapshot);
  if (tunables) process.env.GLIBC_TUNABLES = tunables;
  else if (tunables === "") delete process.env.GLIBC_TUNABLES;
  if (versions.every(([file, version]) => versionOf(file) === version)) {
    offerModules();
    fs.utimes(snapshot, new Date(), new Date(), () => {}); // those last used stay
  } else fs.rm(snapshot, () => {});
  Module._load(program, null, true);
});
