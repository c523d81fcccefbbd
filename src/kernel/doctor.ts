/** Checks the installed kernel: files, Node, the environment, and a first cell. */
import { constants, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { access, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { NotebookError } from "../core/errors/index.js";
import { figureMime } from "../core/port/notebook.js";
import { attempt, succeeds } from "../core/util/attempt.js";
import { shellPath, shellWord } from "../core/util/code-text.js";
import { packageRoot } from "../core/util/files/package-root.js";
import { slashPath } from "../core/util/files/package-version.js";
import {
  droppedSnapshot,
  internalsOption,
  isOurDisplayName,
  kernelMain,
  kernelSpecName,
  kernelStarter,
  parseSpec,
  specText,
  wheelModule,
} from "./kernel-spec.js";

export type InstallFiles = ReadonlyMap<string, string | Uint8Array>;

const extensionFolder = "labextensions/pepnet-plotly";

export async function installFiles(name: string): Promise<Map<string, string | Uint8Array>> {
  const assets = path.join(packageRoot, "src", "kernel", "assets");
  return new Map<string, string | Uint8Array>([
    [`kernels/${name}/kernel.json`, specText(name, {})],
    [`kernels/${name}/logo-svg.svg`, await readFile(path.join(assets, "logo-svg.svg"))],
    ...(await filesBelow(path.join(assets, "labextension"), extensionFolder)),
    [`${extensionFolder}/static/plotly.min.js`, await readFile(require.resolve("plotly.js-dist-min"))],
    ...(await filesBelow(path.join(assets, "papermill"), papermillFolder)),
  ]);
}

async function filesBelow(folder: string, target: string): Promise<[string, Uint8Array][]> {
  const entries: [string, Uint8Array][] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const [from, to] = [path.join(folder, entry.name), `${target}/${entry.name}`];
    if (entry.name === "__pycache__") continue; // pip compiles what it installs
    if (entry.isDirectory()) entries.push(...(await filesBelow(from, to)));
    else entries.push([to, await readFile(from)]);
  }
  return entries;
}

export const papermillFolder = "pepnet/papermill";

const linkName = "pepnet-papermill.pth";

export function translatorLinks(prefix: string, dataFolder: string): Map<string, string> {
  const target = path.join(dataFolder, papermillFolder);
  return new Map(
    packageFolders(prefix).map((folder) => {
      // Relative, so that an environment that was moved still works.
      return [path.join(folder, linkName), `${slashPath(path.relative(folder, target))}\n`];
    }),
  );
}

function findsTranslator(prefix: string): boolean {
  const listed = (process.env["PYTHONPATH"] ?? "").split(path.delimiter);
  if (listed.some((folder) => existsSync(path.join(folder, "pepnet_papermill.py")))) return true;
  return packageFolders(prefix).some((folder) => existsSync(path.join(folder, linkName)));
}

function packageFolders(prefix: string): string[] {
  const library = path.join(prefix, "lib");
  const versions = existsSync(library) ? readdirSync(library).filter((name) => /^python3\.\d+$/.test(name)) : [];
  return [
    ...versions.map((version) => path.join(library, version, "site-packages")),
    path.join(prefix, "Lib", "site-packages"), // Windows
  ].filter((folder) => existsSync(folder));
}

export interface DoctorFinding {
  readonly check: string;
  readonly ok: boolean;
  readonly found: string;
  readonly fix?: string;
}

/** Checks and starts the kernel in a place, or the one that Jupyter would start from this shell. */
export async function examineKernel(asked: InstallPlace = {}): Promise<DoctorFinding[]> {
  const name = asked.name ?? kernelSpecName;
  const place = locate(placeOrFirst(asked, name));
  const { folder } = place;
  const install = `pepnet kernel install${place.option}${asked.name === undefined ? "" : ` --name ${name}`}`;
  const spec = await readSpec(folder, name, install);
  if (spec.argv === null) return [nodeVersion(), spec.finding];
  const at = spec.argv.indexOf(internalsOption);
  // The wheel's kernelspec names a module of Python, which knows both.
  const [node, main] = at < 0 ? [process.execPath, kernelMain] : [spec.argv[at - 1], spec.argv[at + 1]];
  const state = main === kernelMain ? "this package" : `another copy of the package: ${main}`;
  const findings = [
    nodeVersion(),
    spec.finding,
    program(node, "the Node that starts it", install),
    program(main, "the kernel's program", install),
    finding("the package of the kernel", main === kernelMain, state, `to use this copy: ${install}`),
    await files(folder, name, install),
    ...translators(place),
    ...pythonsPlotly(folder),
    shadowed(folder, name),
  ];
  const started = findings.every(({ ok }) => ok) ? [await answers(spec.argv)] : [];
  return [...findings, ...started, ...snapshotFindings(node, main)];
}

/** Empty where there are no snapshots. Also finds leftovers of kernels that have crashed. */
export function snapshotFindings(node?: string, main?: string): DoctorFinding[] {
  if (kernelStarter.length === 0) return [];
  const check = "the snapshot for quick starts";
  if (process.env["PEPNET_KERNEL_SNAPSHOT"] === "off")
    return [finding(check, true, "turned off by PEPNET_KERNEL_SNAPSHOT")];
  const file = droppedSnapshot(node, main);
  if (file === null) return [finding(check, true, "no kernel that started from it has crashed")];
  const date = statSync(file).mtime.toISOString().slice(0, 10);
  const reason = readFileSync(file, "utf8").trim();
  if (!file.endsWith(".dropped"))
    return [finding(check, true, `${reason} on ${date}; if the next one does, it is dropped`)];
  const state = `dropped on ${date}: ${reason}. Kernels work without it and take longer to start`;
  return [
    finding(check, false, state, `use another version of Node, or try again with this one: rm ${shellPath(file)}`),
  ];
}

function placeOrFirst(place: InstallPlace, name: string): InstallPlace {
  if (place.dataDir !== undefined || place.prefix !== undefined || place.sysPrefix || place.user) return place;
  const first = dataPath().find((folder) => hasKernel(folder, name));
  if (first === undefined || first === locate(place).folder) return place;
  const prefix = activeEnvironments().find((environment) => locate({ prefix: environment }).folder === first);
  return prefix === undefined ? { ...place, dataDir: first } : { ...place, prefix };
}

function translators({ folder, environment }: Located): DoctorFinding[] {
  const active = dataPath().includes(folder) ? activeEnvironments() : [];
  const hasPapermill = (prefix: string): boolean =>
    packageFolders(prefix).some((each) => existsSync(path.join(each, "papermill")));
  return (environment === null ? active : [environment]).filter(hasPapermill).map((prefix) => {
    const isLinked = findsTranslator(prefix);
    const state = isLinked
      ? `papermill in ${prefix} can set parameters`
      : `papermill in ${prefix} has no translator for TypeScript, so it cannot set parameters`;
    return finding("papermill's parameters", isLinked, state, `pepnet kernel install${locate({ prefix }).option}`);
  });
}

function nodeVersion(): DoctorFinding {
  const fix = "install Node 20 or newer (nodejs.org), then install the kernel again";
  return finding("Node", isNodeSupported(), `Node ${process.versions.node}`, fix);
}

export function isNodeSupported(): boolean {
  return Number.parseInt(process.versions.node, 10) >= 20;
}

interface SpecFinding {
  readonly finding: DoctorFinding;
  readonly argv: readonly string[] | null;
}

async function readSpec(folder: string, name: string, install: string): Promise<SpecFinding> {
  const file = path.join(folder, "kernels", name, "kernel.json");
  const bad = (state: string, fix: string): SpecFinding => {
    return { finding: finding("the kernelspec", false, state, fix), argv: null };
  };
  if (!existsSync(file)) return bad(`no ${file}`, `${install} (or name the folder where it is installed)`);
  try {
    const spec = JSON.parse(await readFile(file, "utf8")) as { argv?: unknown; display_name?: unknown };
    if (!isOurDisplayName(spec.display_name)) {
      const state = `${file} is the kernel "${String(spec.display_name)}", from another program`;
      return bad(state, `remove it: jupyter kernelspec remove ${name}`);
    }
    const argv = Array.isArray(spec.argv) ? spec.argv.map(String) : [];
    if (!argv.includes("{connection_file}")) return bad(`${file} has no command that starts the kernel`, install);
    if (!argv.includes(internalsOption) && !argv.includes(wheelModule)) {
      return bad(`${file} uses an earlier version's command: some loops could not be interrupted`, install);
    }
    return { finding: finding("the kernelspec", true, file), argv };
  } catch (error) {
    return bad(`${file} cannot be read: ${(error as Error).message}`, install);
  }
}

function program(file: string | undefined, what: string, install: string): DoctorFinding {
  const exists = file !== undefined && existsSync(file);
  const state = exists ? file : `${file} does not exist: it was moved, removed or not compiled`;
  return finding(what, exists, state, `run npm start in the repository to compile it, then ${install}`);
}

async function files(folder: string, name: string, install: string): Promise<DoctorFinding> {
  const wrong: string[] = [];
  const expected = await installFiles(name);
  for (const [file, content] of expected) {
    const full = path.join(folder, file);
    const bytes = await readFile(full).catch(() => null);
    const spec = bytes !== null && full.endsWith("kernel.json") ? parseSpec(bytes) : null;
    if (bytes === null) wrong.push(`${full} is missing or cannot be read`);
    else if (!bytes.equals(Buffer.from(spec === null ? content : specText(name, spec, bytes))))
      wrong.push(`${full} differs from this version's`);
  }
  if (!(await succeeds(access(folder, constants.R_OK)))) wrong.push(`${folder} cannot be read`);
  const state = wrong.length === 0 ? `${expected.size} files, all up to date` : wrong.join("; ");
  return finding("its files, the Plotly extension and papermill's translator", wrong.length === 0, state, install);
}

/**
 * Python's plotly draws figures, too, but no update of them: Jupyter must load an extension of ours that comes first.
 */
function pythonsPlotly(folder: string): DoctorFinding[] {
  const folders = dataPath().includes(folder) ? dataPath() : [folder, ...dataPath()];
  const first = (file: string): string | undefined =>
    folders.map((each) => path.join(each, "labextensions", file)).find((each) => existsSync(each));
  const theirs = first("jupyterlab-plotly/package.json");
  const ours = first("pepnet-plotly/static/figures.js");
  if (theirs === undefined || ours === undefined) return [];
  const ok = readFileSync(ours, "utf8").includes(figureMime);
  const state = ok ? `${path.dirname(theirs)} does not draw the kernel's figures` : `${ours} is of an earlier version`;
  const fix = `install the kernel again there, or remove ${path.dirname(path.dirname(ours))}: live charts would not move`;
  return [finding("Python's plotly beside it", ok, state, fix)];
}

function shadowed(folder: string, name: string): DoctorFinding {
  const folders = dataPath();
  const at = folders.indexOf(folder);
  const before = (at < 0 ? [] : folders.slice(0, at)).find((other) => hasKernel(other, name));
  const check = "whether Jupyter finds this kernel";
  if (before) return finding(check, false, `${path.join(before, "kernels", name)} comes first`, "remove that kernel");
  if (at >= 0) return finding(check, true, `${folder} is on Jupyter's path`);
  return finding(check, true, `found by a Jupyter that searches ${folder} (in its environment, or by JUPYTER_PATH)`);
}

function hasKernel(folder: string, name: string): boolean {
  return attempt(() => readdirSync(path.join(folder, "kernels")).includes(name), false);
}

async function answers(argv: readonly string[]): Promise<DoctorFinding> {
  const check = "whether it starts and answers";
  const empty = await mkdtemp(path.join(os.tmpdir(), "pepnet-doctor-"));
  try {
    const problem = await cellProblem(empty);
    const state = problem ?? "a cell ran, with the library's names";
    return finding(check, problem === null, state, "run npm ci in the package's folder");
  } catch (error) {
    const fix = `run it directly to see its error: ${argv.slice(0, 3).map(shellWord).join(" ")}`;
    return finding(check, false, (error as Error).message, fix);
  } finally {
    await rm(empty, { recursive: true, force: true });
  }
}

/** What charts and trainings do first: a thread that loads modules of Node. */
const triedCell = `import { Worker } from "node:worker_threads";
pepnet();
await new Promise((end) => new Worker('require("node:http")', { eval: true }).once("exit", end));`;

/** Runs a cell in a new kernel; `null`: it succeeds. Throws a NotebookError if the kernel does not start. */
export async function cellProblem(folder: string): Promise<string | null> {
  const { KernelClient } = await import("./client.js");
  const client = await KernelClient.start({ cwd: folder });
  try {
    const { content } = await client.execute(triedCell).reply;
    return content.status === "ok" ? null : `a cell failed: ${content.evalue}`;
  } finally {
    await client.shutDown();
  }
}

export function finding(check: string, ok: boolean, state: string, fix?: string): DoctorFinding {
  return ok || fix === undefined ? { check, ok, found: state } : { check, ok, found: state, fix };
}

/** Where to install: one of these; by default the user's Jupyter folder. */
export interface InstallPlace {
  readonly user?: boolean;
  /** In `<prefix>/share/jupyter`, like `jupyter … --prefix`. */
  readonly prefix?: string;
  readonly sysPrefix?: boolean;
  /** A Jupyter data folder, such as one in JUPYTER_PATH. */
  readonly dataDir?: string;
  /** The kernel's name; default `pepnet`. */
  readonly name?: string;
}

interface Located {
  readonly folder: string;
  readonly environment: string | null;
  readonly option: string;
}

/** Throws a NotebookError if no environment is active. */
export function locate({ dataDir, prefix, sysPrefix }: InstallPlace): Located {
  if (dataDir !== undefined) {
    return { folder: path.resolve(dataDir), environment: null, option: ` --data-dir ${shellPath(dataDir)}` };
  }
  if (prefix === undefined && !sysPrefix) return { folder: userDataFolder(), environment: null, option: "" };
  const environment = prefix === undefined ? activeEnvironment() : path.resolve(prefix);
  const option = prefix === undefined ? " --sys-prefix" : ` --prefix ${shellPath(prefix)}`;
  return { folder: path.join(environment, "share", "jupyter"), environment, option };
}

function activeEnvironments(): string[] {
  const { VIRTUAL_ENV, CONDA_PREFIX } = process.env;
  return [VIRTUAL_ENV, CONDA_PREFIX].filter((folder) => folder !== undefined && folder !== "") as string[];
}

/** The data folders that Jupyter searches, first to last, as far as they can be found without Python. */
function dataPath(): string[] {
  const listed = (process.env["JUPYTER_PATH"] ?? "").split(path.delimiter).filter(Boolean);
  const environmentFolders = activeEnvironments().map((folder) => path.join(folder, "share", "jupyter"));
  // As in jupyter_core: inside an environment, its folder comes before the user's.
  return [...listed.map((folder) => path.resolve(folder)), ...environmentFolders, userDataFolder()];
}

function activeEnvironment(): string {
  const [environment] = activeEnvironments();
  if (environment !== undefined) return environment;
  throw new NotebookError({
    path: "sysPrefix",
    message: "no Python environment is active in this shell",
    received: "neither VIRTUAL_ENV nor CONDA_PREFIX is set",
    expected: "an activated environment",
    fix: "activate it first, or set `prefix` to its folder",
  });
}

/** Like jupyter_core's `jupyter_data_dir`. */
function userDataFolder(): string {
  const { JUPYTER_DATA_DIR, APPDATA, XDG_DATA_HOME } = process.env;
  if (JUPYTER_DATA_DIR) return path.resolve(JUPYTER_DATA_DIR);
  if (process.platform === "darwin") return path.join(os.homedir(), "Library", "Jupyter");
  if (process.platform === "win32")
    return path.join(APPDATA ?? path.join(os.homedir(), "AppData", "Roaming"), "jupyter");
  return path.join(XDG_DATA_HOME || path.join(os.homedir(), ".local", "share"), "jupyter");
}
