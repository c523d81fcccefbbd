/** Measurements that need a process of their own: this program once more, which prints one number. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

/** What a child measures. */
export type ChildTask = "memory" | "first-step";

/** The option that makes this program a child. */
export const childOption = "--child";

/** Runs a task in a fresh process. */
export async function inChild(task: ChildTask): Promise<number> {
  const main = path.join(__dirname, "main.js");
  const { stdout } = await promisify(execFile)(process.execPath, [main, childOption, task]);
  const value = Number(stdout.trim().split("\n").at(-1));
  if (!Number.isFinite(value)) throw new Error(`the process that measures ${task} printed: ${stdout}`);
  return value;
}
