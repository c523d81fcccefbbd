/** The command `pepnet new`, which creates a project for some data. */
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readlinkSync, type Stats, statSync } from "node:fs";
import { chmod, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Dataset } from "../../api/data/dataset.js";
import type { SuggestOptions } from "../../api/model/suggest-model.js";
import type { SuggestedModel } from "../../api/model/suggested-model.js";
import { type Roles, rolesAmong, rolesCode } from "../../core/data/table/roles.js";
import { DataError, NotebookError, PepnetError, type Problem } from "../../core/errors/index.js";
import { markdownCode, shellPath, shellWord, stringLiteral } from "../../core/util/code-text.js";
import { makeFolders } from "../../core/util/files/make-folders.js";
import { assetText, packageRoot, packageVersion } from "../../core/util/files/package-root.js";
import { packageFolderIn, slashPath } from "../../core/util/files/package-version.js";
import { listNames } from "../../core/util/names.js";
import { visibleLine } from "../../core/util/text.js";
import { writeFileWhole } from "../../core/util/write-whole.js";
import { commandWord, installCommand, isWheel } from "../commands.js";
import { kernelDisplayName, notebookKernelspec } from "../kernel-spec.js";

export interface ProjectFacts {
  readonly name: string;
  readonly pepnet: string;
  /** The data's path, relative to the project, with `/`. */
  readonly data: string;
  readonly labels: readonly string[];
  readonly domain: string | undefined;
  readonly roles: Roles;
  readonly suggestion: SuggestedModel;
  readonly config: string | null;
}

function projectFiles(facts: ProjectFacts): ReadonlyMap<string, string> {
  const { name, data, roles, config, suggestion } = facts;
  const { code } = suggestion;
  const imports = suggestion.imports.replace("{ ", "{ dataset, ");
  const title = /^[\w .-]+$/.test(name) ? name : markdownCode(name);
  const checking = isWheel() ? checkCommand(data) : "npm run check                        ";
  const check = config && `${checking} # the data against configs/model.config\n`;
  const [pepnet, install] = [commandWord(), installCommand("lodash")];
  const values = { title, check: check ?? "", data: markdownCode(data), kernel: kernelDisplayName, pepnet, install };
  const files = new Map([
    ["package.json", json(manifest(facts))],
    ["tsconfig.json", assetText("kernel/cli/assets/tsconfig.json")],
    [".gitignore", "node_modules\n.venv\n.ipynb_checkpoints\nruns\nout\n"],
    ["README.md", assetText("kernel/cli/assets/README.md", values)],
    ["first.ipynb", json(notebook(facts))],
    ["train.ts", assetText("kernel/cli/assets/train.txt", { imports, opening: opening(data, roles), code })],
  ]);
  if (facts.config !== null) files.set("configs/model.config", facts.config);
  return files;
}

/** The call that opens the data with its roles. */
function opening(data: string, roles: Roles): string {
  const options = rolesCode(roles);
  return `dataset(${stringLiteral(data)}${options === null ? "" : `, ${options}`})`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function checkCommand(data: string): string {
  const word = shellWord(data) === data ? data : `"${data.replace(/["\\$`]/g, "\\$&")}"`;
  return `pepnet data check ${word} --config configs/model.config`;
}

function manifest({ name, pepnet, data, config }: ProjectFacts): object {
  const check = { check: checkCommand(data) };
  return {
    name:
      name
        .toLowerCase()
        .replace(/[^a-z0-9._-]+/g, "-")
        .replace(/^[._-]+/, "") || "project",
    private: true,
    type: "module",
    scripts: {
      start: "pepnet notebook run first.ipynb --html out/first.html",
      ...(config === null ? {} : check),
      doctor: "pepnet doctor",
    },
    dependencies: { pepnet },
  };
}

type Cell = readonly ["markdown" | "code", string];

function notebook(facts: ProjectFacts): object {
  const cells = notebookCells(facts).map(([kind, source], at) => ({
    cell_type: kind,
    id: `cell-${at + 1}`,
    metadata: {},
    source: source.split(/(?<=\n)/),
    ...(kind === "code" ? { execution_count: null, outputs: [] } : {}),
  }));
  const info = { name: "typescript", file_extension: ".ts", mimetype: "text/typescript" };
  return { cells, metadata: { kernelspec: notebookKernelspec(), language_info: info }, nbformat: 4, nbformat_minor: 5 };
}

function notebookCells({ data, labels, domain, roles, suggestion }: ProjectFacts): Cell[] {
  const counted = labels.filter((label) => suggestion.model.spec.derived?.[label] === undefined);
  const choices = [
    ...(counted.length === 0 ? [] : [`labels: [${counted.map((label) => stringLiteral(label)).join(", ")}]`]),
    ...(domain === undefined ? [] : [`domain: ${stringLiteral(domain)}`]),
  ];
  const described = choices.length === 0 ? "" : `{ ${choices.join(", ")} }`;
  const cells: Cell[] = [
    ["markdown", "# A first model\n\nRun the cells from top to bottom, then change them."],
    ["code", `const data = await ${opening(data, roles)};\nawait data.describe(${described});`],
    ["markdown", "## The model\n\nSuggested from the columns. Edit it: names are checked as you type."],
    ["code", suggestion.code],
    ["code", "await data.check(model);"],
    [
      "markdown",
      `## Training\n\n${roles.time === undefined ? "A" : "The newest"} fifth of the rows is held out for the test.`,
    ],
    ["code", "const { train, test } = await data.split({ train: 8, test: 2 });\nconst run = await model.fit(train);"],
    ["code", "await run.evaluate(test);"],
  ];
  if (domain !== undefined || roles.user !== undefined) {
    cells.push(["markdown", "## What the gates do"], ["code", "await run.gates(test);"]);
  }
  cells.push(["code", 'await run.save("runs/first");']);
  return cells;
}

interface NewOptions extends Roles {
  readonly data?: string;
  readonly labels?: string;
  readonly domain?: string;
  readonly jupyter?: boolean;
  /** `false`: the rows have none. */
  readonly roles?: boolean;
}

const generated: {
  readonly file: string;
  readonly rows: number;
  readonly columns: SuggestOptions;
  readonly roles: Roles;
} = {
  file: "data/log.parquet",
  rows: 20_000,
  columns: { labels: ["clk", "buy"], domain: "occupation" },
  roles: { user: "user_id", item: "adgroup_id", time: "time_stamp" },
};

export async function makeProject(folder: string, options: NewOptions): Promise<void> {
  const project = path.resolve(folder);
  assertEmpty(project, folder);
  const python = options.jupyter ? findPython() : null;
  const isNew = !existsSync(project);
  try {
    await writeProject(project, options);
  } catch (error) {
    // The folder was empty, and another try must find it empty.
    const written = isNew ? [project] : readdirSync(project).map((name) => path.join(project, name));
    // An error of cleaning up is ignored, since the first error says more.
    for (const place of written) await rm(place, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
  if (python !== null) await installJupyter(project, python);
  console.log(`Made ${visibleLine(folder)}. Next:
  cd ${shellPath(folder)}
  ${commandWord()} notebook run first.ipynb`);
  if (python !== null) console.log(`  ${shellPath(environmentCommand(".venv", "jupyter"))} lab first.ipynb`);
}

async function writeProject(project: string, options: NewOptions): Promise<void> {
  const roles = options.data === undefined ? generated.roles : rolesAmong(options);
  const { dataset } = await import("../../api/data/dataset.js");
  const { suggestModel } = await import("../../api/model/suggest-model.js");
  const rows = options.data === undefined ? null : await dataset(options.data, roles); // before anything is written
  const columns = rows === null ? generated.columns : await askedColumns(project, rows, options);
  try {
    makeFolders(path.join(project, "data"));
  } catch (cause) {
    throw cannotMake(project, "cannot be created", (cause as Error).message);
  }
  const data =
    options.data === undefined ? generated.file : slashPath(path.relative(project, path.resolve(options.data)));
  if (rows === null) {
    const { writeTaobaoLike } = await import("../../api/model/generate.js");
    await writeTaobaoLike(path.join(project, "data", "log.parquet"), { rows: generated.rows, time: true });
  }
  const opened = rows ?? (await dataset(path.join(project, "data", "log.parquet"), roles));
  const suggestion = await suggestModel(opened, columns);
  const facts = {
    name: path.basename(project),
    pepnet: dependency(packageVersion()),
    data,
    suggestion,
    labels: columns.labels,
    domain: columns.domain,
    roles,
    config: await configText(async () => (await suggestion.model.fitFeatures(opened)).toConfig()),
  };
  for (const [name, text] of projectFiles(facts)) {
    const file = path.join(project, name);
    makeFolders(path.dirname(file));
    await writeFileWhole(file, text);
  }
  await linkPackage(project);
}

function assertEmpty(project: string, folder: string): void {
  const stats = statsAt(project);
  if (stats === null) return;
  if (stats.isSymbolicLink() && !existsSync(project)) {
    throw cannotMake(folder, "is a link that leads nowhere", `a link to ${readlinkSync(project)}`);
  }
  if (!statSync(project).isDirectory()) throw cannotMake(folder, "is not a folder", "a file");
  const names = readdirSync(project);
  if (names.length > 0) throw cannotMake(folder, "the folder is not empty", names.slice(0, 5).join(", "));
}

/**
 * The status of a file; `null` if nothing exists there, also below a file, where making the folder says why it fails.
 */
function statsAt(file: string): Stats | null {
  try {
    return lstatSync(file);
  } catch (error) {
    if (/^(ENOENT|ENOTDIR)$/.test((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}

function cannotMake(folder: string, message: string, received: string): NotebookError {
  const expected = "a new or an empty folder";
  return new NotebookError({ path: folder, message, received, expected, fix: "choose another name" });
}

/** The labels, and roles if the rows seem to have any. Throws a DataError with the command that sets what is missing. */
async function askedColumns(project: string, rows: Dataset, options: NewOptions): Promise<SuggestOptions> {
  const { domain, data = "" } = options;
  const labels = options.labels?.split(",").map((name) => name.trim()) ?? [];
  const { likelyColumns } = await import("../../api/data/likely-columns.js");
  const candidates = await likelyColumns(rows);
  const likely = options.roles === false ? null : candidates.roles;
  if (labels.length > 0 && likely === null) return { labels, domain };
  const choices = labels.length > 0 ? labels : candidates.labels;
  const command = [
    `pepnet new ${shellPath(path.relative("", project))} --data ${shellPath(data)}`,
    `--labels ${shellWord(choices.length > 0 ? choices.join(",") : "NAME")}`,
    ...(domain === undefined ? [] : [`--domain ${shellWord(domain)}`]),
  ].join(" ");
  const flags = Object.entries(likely?.roles ?? {}).map(([role, column]) => `--${role} ${shellWord(String(column))}`);
  const problems: Problem[] = [];
  if (labels.length === 0) {
    problems.push({
      path: "--labels",
      message: "is missing",
      received:
        choices.length > 0 ? `columns of 0 and 1: ${listNames(choices)}` : `columns ${listNames(rows.table.names)}`,
      expected: "the columns to predict, separated by commas",
      ...(likely === null && { fix: command }),
    });
  }
  if (likely !== null) {
    problems.push({
      path: "--user, --time",
      message:
        "are missing, though the rows seem to have them: without, they are split at random and taken as strangers",
      received: likely.facts,
      fix: `${[command, ...flags].join(" ")}, or --no-roles if they are none`,
    });
  }
  throw new DataError(problems);
}

async function configText(make: () => Promise<string>): Promise<string | null> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof PepnetError)) throw error;
    console.error(`no configs/model.config: ${error.message}`);
    return null;
  }
}

/** The dependency in package.json: a version, or the folder of a clone, which no registry has. */
function dependency(version: string): string {
  const isInstalled = packageRoot.split(path.sep).includes("node_modules");
  return isInstalled ? `^${version}` : `file:${slashPath(packageRoot)}`;
}

/** Makes `node_modules/pepnet` and the command `npx pepnet`. `npm install` replaces both. */
async function linkPackage(project: string): Promise<void> {
  const modules = path.join(project, "node_modules");
  const commands = path.join(modules, ".bin");
  makeFolders(commands);
  await symlink(packageRoot, path.join(modules, "pepnet"), "junction"); // a junction needs no rights on Windows
  const types = packageFolderIn(packageRoot, "@types/node");
  await mkdir(path.join(modules, "@types"));
  if (types !== null) await symlink(types, path.join(modules, "@types", "node"), "junction");
  const main = path.join(packageRoot, "dist", "kernel", "cli", "main.js");
  const shell = path.join(commands, "pepnet");
  // A wheel's Node is not on the PATH.
  const node = isWheel() ? `'${process.execPath.replaceAll("'", "'\\''")}'` : "node";
  await writeFile(shell, `#!/bin/sh\nexec ${node} '${main.replaceAll("'", "'\\''")}' "$@"\n`);
  await chmod(shell, 0o755);
  await writeFile(path.join(commands, "pepnet.cmd"), `@node "${main}" %*\r\n`);
}

const pythons = ["python3", "python"];
const usable = "import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, 9) else 1)";

function findPython(): string {
  const python = pythons.find((name) => spawnSync(name, ["-c", usable], { stdio: "ignore" }).status === 0);
  if (python !== undefined) return python;
  throw new NotebookError({
    path: "--jupyter",
    message: "no Python 3.9 or newer with its venv module was found",
    expected: "python3 or python on the PATH",
    fix: "install it (python.org; on Debian and Ubuntu: apt install python3-venv), or leave --jupyter out",
  });
}

async function installJupyter(project: string, python: string): Promise<void> {
  const environment = path.join(project, ".venv");
  run(python, ["-m", "venv", environment]);
  const inside = environmentCommand(environment, "python");
  run(inside, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "jupyterlab>=4.4,<5"]);
  const { installKernel } = await import("../install.js");
  await installKernel({ prefix: environment });
}

export function environmentCommand(
  environment: string,
  name: string,
  platform: NodeJS.Platform = process.platform,
): string {
  return platform === "win32"
    ? path.win32.join(environment, "Scripts", `${name}.exe`)
    : path.posix.join(environment, "bin", name);
}

function run(command: string, words: readonly string[]): void {
  const { status, error } = spawnSync(command, words, { stdio: ["ignore", 2, 2] });
  if (status === 0) return;
  throw new NotebookError({
    path: "--jupyter",
    message: `${command} ${words.slice(0, 3).join(" ")} failed`,
    received: error?.message ?? `exit code ${status}`,
    expected: "a Python environment with JupyterLab",
    fix: "read the message above and check the connection to the Python package index; the project is complete without JupyterLab, and its README.md says how to add it",
  });
}
