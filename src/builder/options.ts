/**
 * Checks option names, so that a misspelt option is rejected instead of ignored, also in plain JavaScript.
 */
import { SpecError } from "../errors/index.js";
import { show } from "../spec/validate/index.js";
import { didYouMean, listNames } from "../util/text/near.js";

/** Throws a {@link SpecError} with every option not in `names`, and a suggestion for each. */
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
