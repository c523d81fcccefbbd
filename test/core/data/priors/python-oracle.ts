/** Priors of random logs beside their definition in Python. */
import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { expect } from "vitest";
import { type Dataset, dataset } from "../../../../src/index.js";
import { python } from "../../../kernel/python.js";
import { optionsOf, randomLog } from "./logs.js";

/** Asks the program for the priors of one log after the other. */
function pythonOracle() {
  const child = spawn(python!, [path.join(__dirname, "oracle.py")], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async priors(log: unknown): Promise<Record<string, number[]>> {
      child.stdin.write(`${JSON.stringify(log)}\n`);
      return JSON.parse((await lines.next()).value as string);
    },
    end: () => child.stdin.end(),
  };
}

/** Expects no cell of these logs to differ, in two reads. @returns how many cells were compared */
export async function compareWithPython(seeds: readonly number[]): Promise<number> {
  const oracle = pythonOracle();
  let cells = 0;
  for (const seed of seeds) {
    let differ = 0;
    const log = randomLog(seed, 2 + ((seed * 131) % (seed % 10 === 0 ? 5000 : 400)));
    const memoryMB = [1, 256, 1024, 4096][seed % 4]!;
    const data: Dataset = await dataset(log.columns, { time: "ts", memoryMB });
    const result = await data.priors(log.labels, optionsOf(log));
    const [expected, first, second] = [await oracle.priors(log), await result.toColumns(), await result.toColumns()];
    for (const [name, values] of Object.entries(expected)) {
      for (const [row, value] of values.entries()) {
        cells++;
        if (first[name]![row] !== value || second[name]![row] !== value) differ++;
      }
    }
    expect(differ, `seed ${seed}`).toBe(0);
  }
  oracle.end();
  return cells;
}
