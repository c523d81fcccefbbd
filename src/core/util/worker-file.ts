/** The compiled file of a worker thread. */
import { existsSync } from "node:fs";
import path from "node:path";

/** The JavaScript of a worker thread. @param folder where it is compiled; `name`: its file name without extension */
export function workerFile(folder: string, name: string): string {
  const file = path.join(folder, `${name}.js`);
  if (existsSync(file)) return file;
  throw new Error(`the file of a worker thread is missing: ${file}; install the package again`);
}
