// `npm run wheel [-- --output DIR]`: a Python wheel with the kernel, for people who have Python and no Node. It holds what
// `npm pack` packs, the packages that it needs (this platform's binaries, as `npm start` left them in node_modules), the
// kernelspec, JupyterLab's extension and papermill's translator. Nothing is downloaded, now or when the kernel starts.
// `--stored`: without compression, for tests.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { findPython, noPython } from "./python-env.mjs";
import { fail, npmCli, root, setUp } from "./setup.mjs";

const options = { output: { type: "string", default: "out" }, stored: { type: "boolean", default: false } };
const { output, stored } = parseArgs({ options }).values;
const python = findPython() ?? fail("no Python", `npm run wheel ${noPython}`);
await setUp("run");

const folder = mkdtempSync(path.join(os.tmpdir(), "pepnet-wheel-"));
try {
  const staged = path.join(folder, "staged");
  const modules = path.join(staged, "pepnet_kernel", "node_modules");
  const target = path.join(modules, "pepnet");
  const manifest = path.join(target, "package.json");
  cpSync(path.join(root, "python", "pepnet_kernel"), path.join(staged, "pepnet_kernel"), { recursive: true });
  mkdirSync(target, { recursive: true });
  run(process.execPath, npmCli(), "pack", "--silent", "--pack-destination", folder);
  const { version } = readJson(path.join(root, "package.json"));
  run("tar", "-xzf", path.join(folder, `pepnet-${version}.tgz`), "-C", target, "--strip-components=1");
  // As `pepnet kernel install` links it, so that either can follow the other.
  const depth = process.platform === "win32" ? "../.." : "../../..";
  writeFileSync(path.join(staged, "pepnet-papermill.pth"), `${depth}/share/jupyter/pepnet/papermill\n`);
  for (const each of packages())
    copyPackage(each, path.join(modules, path.relative(path.join(root, "node_modules"), each)));
  jupyterFiles(path.join(staged, "share", "jupyter"), path.join(target, "dist", "kernel", "cli", "main.js"));
  mkdirSync(path.resolve(root, output), { recursive: true });
  const words = [path.join(root, "python", "build_wheel.py"), staged, manifest, path.resolve(root, output)];
  run(python, ...words, ...(stored ? ["--stored"] : []));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(command, ...words) {
  const env = { ...process.env, PEPNET_KERNEL_SNAPSHOT: "off" }; // no kernel starts from the staged files
  execFileSync(command, words, { cwd: root, env, stdio: ["ignore", "inherit", "inherit"] });
}

function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** The folders of the packages that the library needs, found as Node finds them. */
function packages() {
  const folders = new Set();
  const visit = (from) => {
    const { dependencies, optionalDependencies } = readJson(path.join(from, "package.json"));
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const each = above(from, name);
      if (each === null || folders.has(each)) continue; // an optional package of another platform
      folders.add(each);
      visit(each);
    }
  };
  visit(root);
  return folders;
}

function above(from, name) {
  const each = path.join(from, "node_modules", name);
  if (existsSync(each)) return each;
  return path.dirname(from) === from ? null : above(path.dirname(from), name);
}

function copyPackage(from, to) {
  const source = realpathSync(from); // a stand-in is a link
  const isOwn = (file) => !path.relative(source, file).split(path.sep).includes("node_modules");
  cpSync(source, to, { recursive: true, filter: (file) => isOwn(file) && !file.endsWith(".map") });
}

/** What `pepnet kernel install` writes, with a command that starts this environment's Python wherever it is. */
function jupyterFiles(share, main) {
  run(process.execPath, main, "kernel", "install", "--data-dir", share);
  const file = path.join(share, "kernels", "pepnet", "kernel.json");
  const spec = { ...readJson(file), argv: ["python", "-m", "pepnet_kernel", "{connection_file}"] };
  writeFileSync(file, `${JSON.stringify(spec, null, 2)}\n`);
}
