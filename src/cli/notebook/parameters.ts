/** Notebook parameters on the command line: `-p name value`, in papermill's syntax. */
import { NotebookError } from "../../errors/index.js";

/** Joins each `-p name value` into one argument, since the option parser accepts one value per option. */
export function joinParameterPairs(argv: readonly string[]): string[] {
  const joined: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const isPair = argv[i] === "-p" || argv[i] === "--parameter";
    if (!isPair) {
      joined.push(argv[i]!);
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

/** The names and texts of `-p` pairs. Throws a NotebookError if a name is not a valid identifier. */
export function parameterPairs(joined: readonly string[]): [name: string, text: string][] {
  return joined.map((pair) => {
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
    return [name, pair.slice(split + 1)];
  });
}
