/** Options by name: one that is misspelt is refused, not dropped, also where no compiler has looked. */
import { SpecError } from "../errors/index.js";
import { show } from "../spec/validate/index.js";
import { didYouMean, listNames } from "../util/text/near.js";

/** Throws a {@link SpecError} with every option that is not among `names`, each with the near one. */
export function checkOptions(path: string, options: object, names: readonly string[]): void {
  const unknown = Object.keys(options).filter((name) => !names.includes(name));
  if (unknown.length === 0) return;
  throw new SpecError(
    unknown.map((name) => ({
      path: `${path}.${name}`,
      message: `unknown setting "${name}"`,
      received: show(name),
      expected: `one of ${listNames(names)}`,
      fix: didYouMean(name, names),
    })),
  );
}
