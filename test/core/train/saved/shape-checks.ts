/** Checks of a saved spec, for tests that damage it. */
import { PepnetError } from "../../../../src/core/errors/index.js";
import type { ModelSpec } from "../../../../src/core/spec/model.js";
import { assertBuildable, checkedSpec } from "../../../../src/core/train/saved/spec-shape.js";
import { parseJson } from "../../../../src/core/util/text.js";

export const check = (value: unknown): ModelSpec => checkedSpec("run/spec.json", value);
export const copy = (spec: ModelSpec): unknown => parseJson(JSON.stringify(spec));

export function taken(value: unknown): void {
  try {
    assertBuildable("run", check(value));
  } catch (error) {
    if (!(error instanceof PepnetError)) throw error;
  }
}
