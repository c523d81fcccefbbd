/** The step that adds a task. */

import { SpecError } from "../../errors/index.js";
import type { ModelSpec } from "../../spec/index.js";
import { towerProblems } from "../../spec/validate/index.js";
import { stringLiteral } from "../../util/text/code-text.js";
import { listNames } from "../../util/text/near.js";
import type { Tower } from "../tower.js";
import { tower } from "../tower.js";
import { step } from "./step.js";

/**
 * Adds the tower that `build` returns. Throws {@link SpecError} for a duplicate name and for every problem of the
 * tower.
 */
export function withTower<L extends string, F extends string>(
  spec: ModelSpec,
  name: string,
  build: (tower: Tower<L, F>) => Tower<L, F>,
): ModelSpec {
  const taken = spec.towers.map((other) => other.name);
  if (name.trim() === "" || taken.includes(name)) {
    throw new SpecError({
      path: `towers.${name}`,
      message: taken.includes(name) ? `duplicate tower "${name}"` : "missing tower name",
      received: `.tower(${stringLiteral(name)}, …)`,
      expected: taken.length === 0 ? "a non-empty name" : `a name other than ${listNames(taken)}`,
      fix: "choose another name for each task, such as ctr and cvr",
    });
  }
  const built = build(tower<L, F>(name))?.toSpec?.();
  if (built === undefined) {
    throw new SpecError({
      path: `towers.${name}`,
      message: "the function did not return a tower",
      received: String(built),
      expected: "the tower builder that the function received, with your settings",
      fix: `.tower(${stringLiteral(name)}, (t) => t.label("clk").mlp(256, 128).bce())`,
    });
  }
  if (built.label === "") throw new SpecError(noLabel(name, spec.labels));
  return step(spec, { towers: [...spec.towers, built] }, (next) => towerProblems(next, built));
}

function noLabel(name: string, labels: readonly string[]): ConstructorParameters<typeof SpecError>[0] {
  return {
    path: `towers.${name}.label`,
    message: `the tower "${name}" has no label`,
    received: "no .label(…)",
    expected: labels.length === 0 ? ".labels(…) on the model, then .label(…) here" : `one of ${listNames(labels)}`,
    fix: `t.label(${stringLiteral(labels[0] ?? "clk")})`,
  };
}
