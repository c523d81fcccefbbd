/** Every part of a saved model is looked at: a part that is missing or of another kind is named, whatever else there is. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptySpec } from "../../../../src/core/spec/model.js";
import { cases } from "../../../faults/fuzz/fuzzing.js";
import { expressibleSpec } from "../../config/arbitrary-spec.js";
import { jsonPlaces, withAt } from "./json-places.js";
import { check, copy } from "./shape-checks.js";

/** Features of tables that a config keeps are any JSON. */
function isFree({ path }: { readonly path: readonly (string | number)[] }): boolean {
  return (
    path.some((part) => part === "extra" || part === "config" || part === "entries" || part === "sequence") ||
    path[0] === "layers" ||
    ["outputBias", "lossWeights", "minWeight", "trainMetrics"].includes(String(path.at(-1)))
  );
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

describe("a saved model", () => {
  it("of any kind is taken as it is", () => {
    fc.assert(
      fc.property(expressibleSpec, (spec) => {
        expect(check(copy(spec))).toEqual(copy(spec));
      }),
      cases(100, 1),
    );
    expect(check(copy(emptySpec))).toEqual(copy(emptySpec));
  });

  it("lacks no part without being told of, by its place", () => {
    fc.assert(
      fc.property(expressibleSpec, (spec) => {
        const whole = copy(spec);
        for (const place of jsonPlaces(whole)) {
          if (isFree(place)) continue;
          const { path, key } = place;
          const changed = withAt(whole, path, undefined);
          if (Array.isArray(place.parent)) {
            expect(() => check(changed)).not.toThrow(TypeError); // another list, of one part less
            continue;
          }
          expect(() => check(changed), path.join(".")).toThrow(new RegExp(`spec\\.json: .*${escaped(String(key))}`));
        }
      }),
      cases(10, 2),
    );
  });
});
