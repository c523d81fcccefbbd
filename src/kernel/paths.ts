/** Paths of the package and its kernel, both from the sources and from the compiled files. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { packageRoot } from "../util/files/package-root.js";

export { packageRoot };

/** The compiled program that a Jupyter client starts. */
export const kernelMain: string = path.join(packageRoot, "dist", "kernel", "main.js");

/** Needed to interrupt loops (`process/internal-binding.ts`). */
export const internalsOption = "--expose-internals";

/** The command that starts the kernel; the client replaces `{connection_file}`. */
export const kernelArgv: readonly string[] = [
  process.execPath,
  internalsOption,
  kernelMain,
  "--connection-file",
  "{connection_file}",
];

/** This package's version. */
export function packageVersion(): string {
  const text = readFileSync(path.join(packageRoot, "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
