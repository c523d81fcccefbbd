/** Runs measurements in a separate process: this program starts itself and reads the numbers that the child prints. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

/** The measurements of children. */
export type ChildTask = "memory" | "first-step" | "estimate" | "estimated-fit";

/** The option that starts this program as a child. */
export const childOption = "--child";

/** The JSON that a program of this folder prints last, in a fresh process. @param more changes its environment */
export async function resultOf<Result>(
  program: string,
  args: readonly string[],
  more: NodeJS.ProcessEnv = {},
): Promise<Result> {
  const env = { ...process.env, ...more };
  const { stdout } = await promisify(execFile)(process.execPath, [path.join(__dirname, program), ...args], { env });
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as Result;
}

/** Runs a task in a fresh process. */
export async function inChild(task: ChildTask): Promise<number> {
  return (await numbersInChild(task))[0] as number;
}

/** Runs a task that prints several numbers, separated by spaces. */
export async function numbersInChild(task: ChildTask, ...args: readonly string[]): Promise<number[]> {
  const main = path.join(__dirname, "main.js");
  const { stdout } = await promisify(execFile)(process.execPath, [main, childOption, task, ...args]);
  const values = (stdout.trim().split("\n").at(-1) ?? "").split(" ").map(Number);
  if (!values.every(Number.isFinite)) throw new Error(`the process that measures ${task} printed: ${stdout}`);
  return values;
}
