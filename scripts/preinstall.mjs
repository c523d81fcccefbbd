// `preinstall` of the installed package. On Linux x64, onnxruntime-node's own install script downloads CUDA libraries,
// hundreds of megabytes, from a host that is no npm registry, and fails the whole `npm install` where that host is not
// reached. pepnet computes on processors and never loads them. npm runs each `preinstall` before any `postinstall`, so
// that download is turned off here, as onnxruntime's own flag would (ONNXRUNTIME_NODE_INSTALL=skip), and only where no
// other package asked for onnxruntime-node. With that flag set to anything else, its script runs as it was.
//
// Binaries of other platforms are removed under the same condition, unless PEPNET_ALL_PLATFORMS is set, as for a folder that
// several systems share.
// Errors here are ignored: onnxruntime-node is an optional dependency, and a missing one is reported where it is used.
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { removeOtherPlatforms } from "./other-platforms.mjs";

const name = "onnxruntime-node";
const own = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

/** The replacement of its install script. */
const replacement = `// pepnet's preinstall put this here: it needs none of the CUDA libraries that install-cuda.js downloads. To have them:
// ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild ${name}
'use strict';
const { npm_config_onnxruntime_node_install, ONNXRUNTIME_NODE_INSTALL } = process.env;
if (ONNXRUNTIME_NODE_INSTALL || npm_config_onnxruntime_node_install) require('./install-cuda.js');
`;

const prune = () => process.env.PEPNET_ALL_PLATFORMS || removeOtherPlatforms(ownPackage);

for (const work of [turnDownloadOff, prune]) {
  try {
    work();
  } catch {
    // Then keep it unchanged.
  }
}

/** The folder of a package that came with this one; `null`: another package, or the project, asked for it too. */
function ownPackage(name) {
  const modules = createRequire(path.join(own, "package.json"))
    .resolve.paths(name)
    .find((each) => existsSync(path.join(each, name, "package.json")));
  return modules === undefined || wantedByOthers(modules, name) ? null : path.join(modules, name);
}

function turnDownloadOff() {
  if (process.env.ONNXRUNTIME_NODE_INSTALL || process.env.npm_config_onnxruntime_node_install) return;
  const manifestFile = createRequire(path.join(own, "package.json")).resolve(`${name}/package.json`);
  const { version } = readJson(manifestFile);
  if (version !== readJson(path.join(own, "package.json")).optionalDependencies[name]) return;
  const folder = ownPackage(name);
  if (folder === null) return;
  const script = path.join(folder, "script", "install.js");
  const kept = path.join(folder, "script", "install-cuda.js");
  if (existsSync(kept)) return;
  renameSync(script, kept); // a new file in its place: the old one may be shared with a store of packages
  writeFileSync(script, replacement);
}

/** Whether the project, or another of its packages, depends on the package directly. */
function wantedByOthers(modules, name) {
  const scopes = readdirSync(modules).filter((entry) => entry.startsWith("@"));
  const scoped = scopes.flatMap((scope) =>
    readdirSync(path.join(modules, scope)).map((entry) => path.join(scope, entry)),
  );
  const folders = [...readdirSync(modules), ...scoped].map((entry) => path.join(modules, entry));
  const { dependencies } = readJson(path.join(own, "package.json"));
  const ours = [own, ...Object.keys(dependencies).map((each) => path.join(modules, each))]; // such as tslab
  return [path.dirname(modules), ...folders].some((folder) => !ours.includes(folder) && asksFor(folder, name));
}

function asksFor(folder, name) {
  const file = path.join(folder, "package.json");
  if (!existsSync(file)) return false;
  const { dependencies, optionalDependencies, devDependencies } = readJson(file);
  const isProject = path.basename(path.dirname(folder)) !== "node_modules" && !folder.includes("node_modules");
  return [dependencies, optionalDependencies, isProject ? devDependencies : {}].some((wanted) => wanted?.[name]);
}

function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}
