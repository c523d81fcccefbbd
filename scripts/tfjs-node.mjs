// `npm run tfjs-node`: makes `engine: "tfjs-node"` work on this clone. Its package is here (a development dependency under
// the name `tfjs-node-native`) without its native addon, whose own installation downloads from outside the registries;
// so the addon is compiled here, against TensorFlow's libraries from PyPI. What was built is cached beside them.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import path from "node:path";
import { fail, root, run, setUp, step } from "./setup.mjs";

/** The newest TensorFlow that tfjs-node 4.22.0 was tried with; it was made for 2.9, and oneDNN or newer ones gain nothing. */
const tensorflow = "2.15.1";
const platform = "linux x64";

/** Python: takes the libraries and the headers out of the wheel. */
const extract = `
import re, sys, zipfile
wanted = re.compile(r"tensorflow/(libtensorflow(_cc|_framework)\\.so\\.2$"
                    r"|include/(tensorflow/(c|core/platform|tsl)|tsl|xla/tsl|external/local_tsl)/.*\\.h$)")
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for entry in wheel.infolist():
        if wanted.match(entry.filename):
            wheel.extract(entry, sys.argv[2])
`;

const require = createRequire(import.meta.url);
const caches = process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache");
const cache = path.join(caches, "pepnet", `tensorflow-${tensorflow}`);
const packageFolder = path.join(root, "node_modules", "tfjs-node-native");

await setUp();
if (!existsSync(path.join(packageFolder, "package.json"))) {
  fail("the package tfjs-node-native is not installed", "npm ci --ignore-scripts, then run this again");
}
const manifest = JSON.parse(readFileSync(path.join(packageFolder, "package.json"), "utf8"));
const napi = Math.min(Number(process.versions.napi), Math.max(...manifest.binary.napi_versions));
const addon = path.join(packageFolder, "lib", `napi-v${napi}`, "tfjs_binding.node");

if (!works()) {
  checkPlatform();
  await fetchTensorflow();
  await placeAddon();
  const problem = failure();
  if (problem !== null) {
    fail(`tfjs-node was built but does not start:\n${problem}`, `remove ${cache} and run this again`);
  }
}
console.log(`\n✓ engine: "tfjs-node" works here (${addon})`);

function checkPlatform() {
  if (`${process.platform} ${process.arch}` === platform) return;
  fail(
    `TensorFlow's libraries from PyPI are for ${platform}, this is ${process.platform} ${process.arch}`,
    "with open internet access, tfjs-node's own installation may have a build for this machine: " +
      "npm rebuild tfjs-node-native --ignore-scripts=false",
  );
}

/** TensorFlow's shared libraries and C headers, taken out of its wheel. */
async function fetchTensorflow() {
  const stamp = path.join(cache, "complete");
  if (existsSync(stamp)) return;
  const python = need(["python3", "python"], ["-m", "pip", "--version"], "Python 3 with pip", "python3-pip");
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  await step(`TensorFlow ${tensorflow} from PyPI (207 MB, 600 MB on disk)`, async () => {
    const which = ["--no-deps", "--only-binary=:all:", "--python-version", "3.11", "--implementation", "cp"];
    const built = ["--platform", "manylinux2014_x86_64", "--platform", "manylinux_2_17_x86_64"];
    const quiet = ["--quiet", "--disable-pip-version-check", "--no-input"];
    const wanted = `tensorflow-cpu==${tensorflow}`;
    const pip = ["-m", "pip", "download", ...quiet, ...which, ...built, "-d", cache, wanted];
    if ((await run(python, pip)) !== 0) {
      fail("pip could not download TensorFlow", "check the connection to the Python package index; run this again");
    }
    const wheel = readdirSync(cache).find((name) => name.endsWith(".whl"));
    if ((await run(python, ["-c", extract, path.join(cache, wheel ?? ""), cache])) !== 0) {
      fail("TensorFlow's wheel could not be unpacked", "check the free disk space (800 MB); run this again");
    }
    rmSync(path.join(cache, wheel));
  });
  writeFileSync(stamp, "");
}

/** Compiles the addon, or takes the one that was compiled for this Node-API before. */
async function placeAddon() {
  const kept = path.join(cache, `tfjs_binding-${manifest.version}-napi-v${napi}.node`);
  mkdirSync(path.dirname(addon), { recursive: true });
  if (existsSync(kept)) {
    copyFileSync(kept, addon);
    if (works()) return;
  }
  const compiler = need(["g++", "clang++"], ["--version"], "a C++ compiler", "g++");
  const sources = path.join(packageFolder, "binding");
  const libraries = path.join(cache, "tensorflow");
  await step("Compiling tfjs-node's addon", async () => {
    const code = await run(compiler, [
      "-shared",
      "-fPIC",
      "-O2",
      "-std=c++17",
      `-DNAPI_VERSION=${napi}`,
      `-I${nodeHeaders()}`,
      `-I${path.join(libraries, "include")}`,
      ...readdirSync(sources).flatMap((name) => (name.endsWith(".cc") ? [path.join(sources, name)] : [])),
      "-o",
      kept,
      `-L${libraries}`,
      "-l:libtensorflow_cc.so.2",
      "-l:libtensorflow_framework.so.2",
      `-Wl,-rpath,${libraries}`,
    ]);
    if (code !== 0) fail("tfjs-node's addon does not compile", `read the messages above; or remove ${cache} first`);
  });
  copyFileSync(kept, addon);
}

/** Node's headers, or those of the package that provides them if Node has none. */
function nodeHeaders() {
  const own = path.resolve(process.execPath, "../../include/node");
  return existsSync(path.join(own, "node_api.h")) ? own : require("node-api-headers").include_dir;
}

/** The first program that runs. */
function need(names, args, what, debianPackage) {
  const found = names.find((name) => spawnSync(name, args, { stdio: "ignore" }).status === 0);
  return found ?? fail(`this needs ${what}`, `install it (on Debian and Ubuntu: apt install ${debianPackage})`);
}

function works() {
  return existsSync(addon) && failure() === null;
}

/** The error when the engine multiplies two numbers in a separate process; null if it works. */
function failure() {
  const backends = path.join(root, "dist", "core", "engine", "eager-engine.js");
  const script = `require(process.argv[1]).prepareBackend("tfjs-node").then((name) => {
    const tf = require("@tensorflow/tfjs-core");
    if (name !== tf.getBackend() || tf.mul(6, 7).dataSync()[0] !== 42) throw new Error("wrong result on " + name);
  }).catch((error) => { console.error(error.message); process.exitCode = 1; })`;
  const { status, stderr } = spawnSync(process.execPath, ["-e", script, backends], { cwd: root, encoding: "utf8" });
  return status === 0 ? null : stderr;
}
