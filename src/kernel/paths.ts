/** Where the package and its kernel lie, from the sources and from the compiled files alike. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { packageRoot } from "../util/files/package-root.js";

export { packageRoot };

/** The compiled program that a Jupyter client starts. */
export const kernelMain: string = path.join(packageRoot, "dist", "kernel", "main.js");

/** For the ending of loops (`process/internal-binding.ts`). */
export const internalsOption = "--expose-internals";

/** How a client starts the kernel; `{connection_file}` is replaced by the client. */
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
