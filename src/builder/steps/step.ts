/**
 * The base of all steps: returns a new frozen spec, or throws the problems that it finds.
 */
import type { Problem } from "../../errors/index.js";
import { SpecError } from "../../errors/index.js";
import type { ModelSpec } from "../../spec/index.js";
import { deepFreeze } from "../../util/freeze.js";

/** Returns the changed spec, frozen; throws a {@link SpecError} if there are problems. */
export function step(spec: ModelSpec, change: Partial<ModelSpec>, problems: (next: ModelSpec) => Problem[]): ModelSpec {
  const next: ModelSpec = { ...spec, ...change };
  throwAny(problems(next));
  return deepFreeze(next);
}

/** Throws a {@link SpecError} if there are problems. */
export function throwAny(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new SpecError(problems);
}
