/** The package as npm packs it, installed as a user would into a project of his own: scripts on, no settings of ours. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

export const root: string = path.resolve(__dirname, "../..");

/** TypeScript as users have it, beside those of this repository: for the tests before a release. */
export const typescripts = { "5.4": "5.4.5", "5.9": "5.9.3" } as const;

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A project in which pepnet is installed, with a CommonJS and a module project below it that find it there. */
export interface Project {
  /** With a space in its path. */
  readonly folder: string;
  readonly tarball: string;
  readonly commonjs: string;
  readonly module: string;
  remove(): void;
}

/** Packs this repository (as it was compiled last) and installs the tarball. */
export async function installedProject(): Promise<Project> {
  const above = mkdtempSync(path.join(os.tmpdir(), "pepnet-package-"));
  const folder = path.join(above, "a project");
  const [commonjs, module] = [path.join(folder, "commonjs"), path.join(folder, "module")];
  for (const made of [commonjs, module]) mkdirSync(made, { recursive: true });
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ name: "project", private: true }));
  writeFileSync(path.join(commonjs, "package.json"), "{}");
  writeFileSync(path.join(module, "package.json"), JSON.stringify({ type: "module" }));
  await succeeds(npm(root, "pack", "--pack-destination", above));
  const tarball = path.join(above, readdirSync(above).find((name) => name.endsWith(".tgz")) as string);
  const compilers = Object.entries(process.env["PEPNET_LONG"] ? typescripts : {}).map(
    ([name, version]) => `typescript-${name}@npm:typescript@${version}`,
  );
  await succeeds(npm(folder, "install", "--no-audit", "--no-fund", tarball, ...compilers));
  return { folder, tarball, commonjs, module, remove: () => rmSync(above, { recursive: true, force: true }) };
}

/** npm with its defaults: `npm test` hands the settings of this repository on as variables. */
export function npm(folder: string, ...args: readonly string[]): Promise<Outcome> {
  const npmCli = process.env.npm_execpath?.endsWith("npm-cli.js")
    ? process.env.npm_execpath
    : path.resolve(process.execPath, "../../lib/node_modules/npm/bin/npm-cli.js");
  return node(folder, npmCli, ...args);
}

/** Node on a script, as from a user's shell; without a snapshot of the kernel, which would serve two starts. */
export function node(folder: string, ...args: readonly string[]): Promise<Outcome> {
  const variables = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS|VITEST)/.test(name));
  const env = { ...Object.fromEntries(variables), PEPNET_KERNEL_SNAPSHOT: "off" };
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: folder, env, maxBuffer: 2 ** 26 }, (error, out, err) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, out, err });
    });
  });
}

/** The outcome of a command that must succeed. */
export async function succeeds(running: Promise<Outcome>): Promise<Outcome> {
  const outcome = await running;
  if (outcome.code !== 0) throw new Error(`it ended with ${outcome.code}:\n${outcome.out}\n${outcome.err}`);
  return outcome;
}
