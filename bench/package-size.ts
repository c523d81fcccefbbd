/** Measures what a clone and a user's `npm install pepnet` take on disk. Needs the npm registry. */

import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Measurement } from "./figure.js";

const root = path.resolve(__dirname, "../../../..");
const largest = ["onnxruntime-node", "@duckdb", "@tensorflow", "@tslab", "@napi-rs", "zeromq", "typescript", "pepnet"];

/** `package-size`: megabytes of a clone's packages, of an installation, and of its largest packages. */
export const packageSizeMeasurement: Measurement = {
  name: "package-size",
  onlyByName: true,
  async run(report) {
    report("package-size.clone", bytesBelow(path.join(root, "node_modules")) / 1e6, "MB");
    const folder = mkdtempSync(path.join(tmpdir(), "pepnet-bench-size-"));
    try {
      const modules = installed(folder);
      report("package-size.installed", bytesBelow(modules) / 1e6, "MB");
      for (const name of largest) report(`package-size.${name}`, bytesBelow(path.join(modules, name)) / 1e6, "MB");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Packs this clone and installs it into a new project. Returns its folder of packages. */
function installed(folder: string): string {
  const project = path.join(folder, "project");
  mkdirSync(project);
  writeFileSync(path.join(project, "package.json"), JSON.stringify({ name: "project", private: true }));
  npm(root, "pack", "--silent", "--pack-destination", folder);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"))!;
  npm(project, "install", "--ignore-scripts", "--no-audit", "--no-fund", path.join(folder, tarball));
  return path.join(project, "node_modules");
}

function npm(folder: string, ...words: readonly string[]): void {
  const cli = process.env.npm_execpath ?? path.resolve(process.execPath, "../../lib/node_modules/npm/bin/npm-cli.js");
  execFileSync(process.execPath, [cli, ...words], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
}

function bytesBelow(folder: string): number {
  const files = readdirSync(folder, { recursive: true }).map((name) => lstatSync(path.join(folder, String(name))));
  return files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
}
