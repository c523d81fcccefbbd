// Shared by `npm start`, `npm test` and `npm run lab`: installs packages and compiles sources, each only if needed.
// `npm start` installs what library, kernel and notebooks need; other scripts add the packages of tests and tools.
// Plain JavaScript without packages, since it runs on a fresh clone.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { removeOtherPlatforms } from "./other-platforms.mjs";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const installed = path.join(root, "node_modules", ".pepnet-installed");
/** The end of that file's text if the packages of tests and tools are not installed. */
const toRun = " to run";
/**
 * Path of the compiler: TypeScript 7, which comes with the packages of tests and tools and writes the same
 * files in a third of the time, or that of the kernel. Not `npx tsc`: several packages claim that command.
 */
export function compiler() {
  const modules = path.join(root, "node_modules");
  const isNative = existsSync(path.join(modules, "@typescript", `typescript-${process.platform}-${process.arch}`));
  return path.join(modules, isNative ? "typescript-native" : "typescript", "bin", "tsc");
}

const sources = path.join(root, "src");
const compiled = path.join(root, "dist");
/** Which sources `dist` was compiled from. */
const bundled = path.join(compiled, "tfjs", "autodiff.cjs");
const compiledFrom = path.join(compiled, ".compiled-from");

/** Ends the command with a message and a fix. */
export function fail(what, fix) {
  console.error(`\n✗ ${what}\n  → ${fix}`);
  process.exit(1);
}

/**
 * Checks Node's version, installs the packages, compiles the sources.
 *
 * @param {"run" | "development"} use which packages: those of the library and the kernel, or those of tests and tools too
 */
export async function setUp(use = "development") {
  const installedNow = await install(use);
  await build();
  if (installedNow) await step("Removing other platforms' binaries (270 MB)", () => removeOtherPlatforms(inModules));
}

const inModules = (name) => path.join(root, "node_modules", name);

/**
 * Checks Node's version and installs the packages if the lock file changed or `use` needs more. Returns whether it did.
 *
 * @param {"run" | "development"} use as for {@link setUp}
 */
export async function install(use = "development") {
  const [major] = process.versions.node.split(".").map(Number);
  if (major < 20)
    fail(`Node ${process.versions.node} is too old`, "install Node 20 or newer (nodejs.org), then run this again");
  const lock = createHash("sha256")
    .update(readFileSync(path.join(root, "package-lock.json")))
    .digest("hex");
  const state = existsSync(installed) ? readFileSync(installed, "utf8") : null;
  const onlyToRun = `${lock}${toRun}`;
  if (state === lock || (use === "run" && state === onlyToRun)) return false;
  // `npm ci` empties the folder behind a link, which other checkouts may be using.
  const modules = path.join(root, "node_modules");
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) {
    fail(
      `node_modules links to ${realpathSync(modules)}, whose packages do not match package-lock.json`,
      "run npm ci in the linked folder, or remove the link and run this again",
    );
  }
  if (state === onlyToRun) {
    await npmInstall("Installing the packages of tests and tools (85 MB to download)", [...unsaved, "--include=dev"]);
    writeFileSync(installed, lock);
  } else if (use === "run" && (state === null || state.endsWith(toRun))) {
    rmSync(modules, { recursive: true, force: true });
    // `npm ci` cannot add one package for development: that of the notebooks.
    const words = [...unsaved, "--omit=dev", "--save-prod", `danfojs-node@${danfoVersion()}`];
    await npmInstall("Installing packages (about a minute, 207 MB to download)", words);
    writeFileSync(installed, onlyToRun);
  } else {
    // A clone that has the packages of tests and tools keeps them.
    await npmInstall("Installing packages (about a minute, 290 MB to download)", ["ci", "--include=dev"]);
    writeFileSync(installed, lock);
  }
  return true;
}

/** Installs what the lock file lists, and changes neither it nor package.json. */
const unsaved = ["install", "--no-save"];

function danfoVersion() {
  return JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")).devDependencies["danfojs-node"];
}

async function npmInstall(name, words) {
  await step(name, async () => {
    const args = [npmCli(), ...words, "--ignore-scripts", "--loglevel", "error"];
    if ((await run(process.execPath, args, { quiet: true })) === 0) return;
    fail(
      "npm could not install the packages",
      "read npm's message above; check the connection to the npm registry (or its proxy) and the free disk space, then run this again",
    );
  });
}

/** Compiles `src` into `dist` if a source changed, and removes what earlier sources left there. */
export async function build() {
  await bundle();
  const current = sourcesState();
  if (isCompiledFrom(current)) return;
  rmSync(compiledFrom, { force: true });
  await step("Compiling", async () => {
    const code = await run(process.execPath, [compiler(), "-p", root]);
    if (code !== 0)
      fail(
        "the sources do not compile",
        "fix the errors above (or, on an unchanged clone: rm -rf node_modules dist, and run this again)",
      );
  });
  removeOrphans();
  writeFileSync(compiledFrom, current);
}

/** Writes the bundle of TF.js's gradients, unless it is newer than the packages' lock and the script that writes it. */
export async function bundle() {
  const made = ["package-lock.json", "scripts/tfjs-autodiff.mjs"].map(
    (name) => statSync(path.join(root, name)).mtimeMs,
  );
  if (existsSync(bundled) && statSync(bundled).mtimeMs > Math.max(...made)) return;
  const { writeAutodiff } = await import("./tfjs-autodiff.mjs");
  await writeAutodiff();
}

function isCompiledFrom(state) {
  return existsSync(compiledFrom) && readFileSync(compiledFrom, "utf8") === state;
}

/** A hash of every source's name, time and size, and of everything else that affects the output. */
function sourcesState() {
  const hash = createHash("sha256");
  const others = ["tsconfig.json", "package-lock.json", "scripts/tfjs-autodiff.mjs"].map((name) =>
    path.join(root, name),
  );
  const files = readdirSync(sources, { recursive: true }).map((name) => path.join(sources, name));
  for (const file of [...others, ...files.sort()]) {
    const { mtimeMs, size } = statSync(file);
    hash.update(`${file}\0${mtimeMs}\0${size}\n`);
  }
  return hash.digest("hex");
}

/** A renamed source leaves its old output, which would be packed and found by `require`. */
function removeOrphans() {
  for (const name of readdirSync(compiled, { recursive: true })) {
    const source = name.replace(/(\.d\.ts|\.js)$/, ".ts");
    if (source !== name && !existsSync(path.join(sources, source))) rmSync(path.join(compiled, name));
  }
}

/**
 * Compiles a tool that is a TypeScript project of its own (bench, parity, docs/pictures) with the sources that it runs.
 *
 * @param {string} folder of its tsconfig.json, relative to the project
 * @returns {Promise<string>} the compiled folder
 */
export async function compileTool(folder) {
  const name = path.basename(folder);
  const output = path.join(root, "node_modules", ".cache", `pepnet-${name}`);
  await step(`Compiling ${folder}`, async () => {
    mkdirSync(output, { recursive: true });
    const code = await run(process.execPath, [compiler(), "-p", path.join(root, folder)]);
    if (code !== 0) fail(`${folder} does not compile`, "fix the errors above");
  });
  return path.join(output, folder);
}

/** npm's own script, so that the call works on every platform without a shell. */
export function npmCli() {
  const candidates = [
    process.env.npm_execpath,
    path.resolve(process.execPath, "../../lib/node_modules/npm/bin/npm-cli.js"),
    path.resolve(process.execPath, "../node_modules/npm/bin/npm-cli.js"),
  ];
  const found = candidates.find((file) => file?.endsWith("npm-cli.js") && existsSync(file));
  return found ?? fail("npm was not found", "run `npm start` or `npm test`");
}

/** Runs a step, with its name and how long it took. */
export async function step(name, work) {
  const start = Date.now();
  const terminal = process.stdout.isTTY;
  process.stdout.write(terminal ? `… ${name}` : `… ${name}\n`);
  const result = await work();
  process.stdout.write(`${terminal ? "\r" : ""}✓ ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)\n`);
  return result;
}

/**
 * Runs a program in the project's folder and returns its exit code. `quiet`: hides its standard output; `keys`: it reads
 * the keyboard.
 */
export function run(command, args, { quiet = false, keys = false, env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = [keys ? "inherit" : "ignore", quiet ? "ignore" : "inherit", "inherit"];
    const child = spawn(command, args, { cwd: root, stdio, env });
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? (signal ? 1 : 0)));
  });
}
