/** Two machines for the kernel of a notebook: the second is slower, and has more memory and cores. */
import { writeFileSync } from "node:fs";
import path from "node:path";

export interface Machine {
  /** How many seconds of its clock a second takes. */
  readonly slowness: number;
  readonly cores: number;
  readonly gigabytes: number;
}

export const usual: Machine = { slowness: 1, cores: 2, gigabytes: 8 };
export const slower: Machine = { slowness: 60, cores: 6, gigabytes: 100 };

/** The machine of kernels that run in a folder from now on, by {@link machineCell}. */
export function setMachine(folder: string, machine: Machine): void {
  writeFileSync(path.join(folder, "machine.json"), JSON.stringify(machine));
}

/** The first cell of a notebook, which makes its process such a machine. */
export const machineCell = `
import { readFileSync, utimesSync } from "node:fs";
import { createRequire } from "node:module";
const { slowness, cores, gigabytes } = JSON.parse(readFileSync("machine.json", "utf8"));
const os = createRequire(process.cwd() + "/")("node:os");
const [clock, start] = [performance.now.bind(performance), performance.now()];
performance.now = () => start + (clock() - start) * slowness;
os.availableParallelism = () => cores;
os.totalmem = () => gigabytes * 1e9;
process.constrainedMemory = () => 0;
process.memoryUsage.rss = () => gigabytes * 1e8;
undefined;
`;
