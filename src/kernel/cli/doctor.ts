/** The command `pepnet doctor`, which checks the installation. */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Command } from "commander";
import { PepnetError } from "../../core/errors/index.js";
import { availableMemory } from "../../core/util/machine.js";
import {
  cellProblem,
  type DoctorFinding,
  examineKernel,
  finding,
  isNodeSupported,
  snapshotFindings,
} from "../doctor.js";
import { printFindings } from "./log.js";
import { describedCommand } from "./options.js";

export function doctorCommand(): Command {
  return describedCommand("doctor").action(async ({ json }: { readonly json?: boolean }) => {
    printFindings(await allFindings(), json);
  });
}

const gigabyte = 2 ** 30;
const smallestMemory = 2 * gigabyte;

async function allFindings(): Promise<DoctorFinding[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-doctor-"));
  try {
    const state = `Node ${process.versions.node}, ${process.platform} ${process.arch}`;
    return [
      finding("Node", isNodeSupported(), state, "install Node 20 or newer (nodejs.org)"),
      memory(),
      await attempt("engine", engine),
      await attempt("data", () => data(folder)),
      await attempt("pictures", pictures),
      ...(await kernel(folder)),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function memory(): DoctorFinding {
  const available = availableMemory();
  const state = `${(available / gigabyte).toFixed(1)} GB, of which ${(os.freemem() / gigabyte).toFixed(1)} GB are free`;
  return finding("memory", available >= smallestMemory, state, "raise the container's limit to 2 GB or more");
}

async function engine(): Promise<string> {
  const { tryEngine } = await import("../../api/model/machine.js");
  const { engine: name, note } = await tryEngine();
  return note === null ? `"${name}" trained a model` : `"${name}" trained a model; ${note}`;
}

async function data(folder: string): Promise<string> {
  const { dataset } = await import("../../api/data/dataset.js");
  const file = path.join(folder, "rows.parquet");
  await (await dataset({ row: Int32Array.from([1, 2, 3]) })).toParquet(file);
  const { rows } = await dataset(file);
  return `Parquet files can be written and read (${rows} rows)`;
}

async function pictures(): Promise<string> {
  const { tryPicture } = await import("../../api/model/machine.js");
  return (await tryPicture())
    ? "charts can be drawn as PNG"
    : "charts have no PNG (the reason is above); browsers draw them in notebooks, pages and reports";
}

async function kernel(folder: string): Promise<DoctorFinding[]> {
  const findings = (await examineKernel()).filter(({ check }) => check !== "Node");
  if (!findings.every(({ check, ok }) => check !== "the kernelspec" || ok)) {
    const answer = await attempt("kernel", async () => {
      const problem = await cellProblem(folder);
      if (problem !== null) throw new Error(problem);
      return "it runs cells (`pepnet notebook run`); for Jupyter or VS Code: pepnet kernel install";
    });
    return [answer, ...named("kernel", snapshotFindings())];
  }
  return named("kernel in Jupyter", findings);
}

function named(part: string, findings: readonly DoctorFinding[]): DoctorFinding[] {
  return findings.map((finding) => ({ ...finding, check: `${part}: ${finding.check}` }));
}

async function attempt(check: string, work: () => Promise<string>): Promise<DoctorFinding> {
  try {
    return finding(check, true, await work());
  } catch (error) {
    const problem = error instanceof PepnetError ? error.problems[0] : undefined;
    const message = problem?.message ?? (error as Error).message;
    return finding(check, false, message, problem?.fix ?? "run again with PEPNET_DEBUG=1 for the stack trace");
  }
}
