/** Notebook parameters on the command line: `-p name value`, as papermill spells them. */
import { existsSync } from "node:fs";
import path from "node:path";
import { NotebookError } from "../errors/index.js";
import type { Json } from "../util/json.js";

/** Joins each `-p name value` into one argument, since the option parser takes one value an option. */
export function joinParameterPairs(argv: readonly string[]): string[] {
  const joined: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const isPair = argv[i] === "-p" || argv[i] === "--parameter";
    if (!isPair) {
      joined.push(argv[i] as string);
      continue;
    }
    const [name, value] = [argv[i + 1], argv[i + 2]];
    if (name === undefined || value === undefined) {
      throw new NotebookError({
        path: `-p ${name ?? ""}`.trim(),
        message: "a parameter needs a name and a value",
        expected: "-p name value",
        fix: "for example: -p gamma 1",
      });
    }
    joined.push(`--parameter=${name}=${value}`);
    i += 2;
  }
  return joined;
}

/**
 * Parameter values as a notebook sees them: numbers, true, false, null and JSON lists or objects as such; everything
 * else as text. Text that names an existing file or folder, or begins with `./` or `../`, is relative to the caller
 * and becomes absolute, since the kernel runs in the notebook's folder.
 */
export function parseParameters(pairs: readonly string[], cwd: string): Record<string, Json> {
  const parameters: Record<string, Json> = Object.create(null);
  for (const pair of pairs) {
    const split = pair.indexOf("=");
    const name = pair.slice(0, split);
    if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name)) {
      throw new NotebookError({
        path: `-p ${name}`,
        message: "a parameter's name must be a TypeScript identifier",
        received: `"${name}"`,
        expected: "letters, digits, _ or $, not beginning with a digit",
        fix: "use the name of a variable in the notebook's parameters cell",
      });
    }
    parameters[name] = parseValue(pair.slice(split + 1), cwd);
  }
  return parameters;
}

function parseValue(text: string, cwd: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    const absolute = path.resolve(cwd, text);
    const isPath = text !== "" && (/^\.{1,2}([\\/]|$)/.test(text) || existsSync(absolute));
    return isPath ? absolute : text;
  }
}
