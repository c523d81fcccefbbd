/** Every part of a saved model is looked at: a part that is missing or of another kind is named, whatever else there is. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CheckpointError, PepnetError } from "../../../src/errors/index.js";
import { emptySpec, type ModelSpec } from "../../../src/spec/model.js";
import { assertBuildable, checkedSpec } from "../../../src/train/saved/spec-shape.js";
import { parseJson } from "../../../src/util/text.js";
import { expressibleSpec } from "../../config/arbitrary-spec.js";
import { cases } from "../../faults/fuzz/fuzzing.js";
import { jsonPlaces, withAt } from "./json-places.js";

const check = (value: unknown): ModelSpec => checkedSpec("run/spec.json", value);
const copy = (spec: ModelSpec): unknown => parseJson(JSON.stringify(spec));

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

/** Features of tables that a config keeps are any JSON. */
function isFree({ path }: { readonly path: readonly (string | number)[] }): boolean {
  return (
    path.some((part) => part === "extra" || part === "config" || part === "entries" || part === "sequence") ||
    path[0] === "layers" ||
    ["outputBias", "lossWeights", "minWeight", "trainMetrics"].includes(String(path.at(-1)))
  );
}

function taken(value: unknown): void {
  try {
    assertBuildable("run", check(value));
  } catch (error) {
    if (!(error instanceof PepnetError)) throw error;
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
