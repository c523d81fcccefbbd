/** What every step shares: it gives a new frozen spec, or throws for what it can see is wrong. */
import type { Problem } from "../../errors/index.js";
import { SpecError } from "../../errors/index.js";
import type { ModelSpec } from "../../spec/index.js";
import { deepFreeze } from "../../util/freeze.js";

/** The spec with a change, frozen; throws a {@link SpecError} where there are problems. */
export function step(spec: ModelSpec, change: Partial<ModelSpec>, problems: (next: ModelSpec) => Problem[]): ModelSpec {
  const next: ModelSpec = { ...spec, ...change };
  throwAny(problems(next));
  return deepFreeze(next);
}

/** Throws a {@link SpecError} where there are problems. */
export function throwAny(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new SpecError(problems);
}
