/** Every part of a saved model is looked at: a part that is missing or of another kind is named, whatever else there is. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CheckpointError } from "../../../../src/core/errors/index.js";
import { emptySpec } from "../../../../src/core/spec/model.js";
import { cases } from "../../../faults/fuzz/fuzzing.js";
import { expressibleSpec } from "../../config/arbitrary-spec.js";
import { jsonPlaces, withAt } from "./json-places.js";
import { check, copy, taken } from "./shape-checks.js";

/** What stands in the place of a part. */
const strangers = [
  null,
  true,
  0,
  -1,
  Number.POSITIVE_INFINITY,
  "",
  "kind",
  [],
  {},
  [null],
  { kind: "id" },
  { __proto__: null },
] as const;

describe("a saved model", () => {
  it("with a part of another kind, or one too many, is refused or can be built", () => {
    fc.assert(
      fc.property(expressibleSpec, (spec) => {
        const whole = copy(spec);
        for (const { path } of jsonPlaces(whole)) {
          for (const stranger of strangers) taken(withAt(whole, path, stranger));
        }
      }),
      cases(5, 3),
    );
    expect(() => check({ ...emptySpec, layers: [], more: 1 })).toThrow(/spec\.json: more/);
    for (const value of [null, {}, [], "spec", 3]) expect(() => check(value)).toThrow(CheckpointError);
  });
});
