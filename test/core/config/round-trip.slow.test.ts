/** Random specs go to text configs and back. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { configText } from "../../../src/core/config/config-from-spec.js";
import { specFromConfig } from "../../../src/core/config/spec-from-config.js";
import { expressibleSpec } from "./arbitrary-spec.js";

describe("a spec that TorchEasyRec can express", () => {
  it("is the same after it was printed and read", () => {
    fc.assert(
      fc.property(expressibleSpec, (spec) => {
        expect(specFromConfig(configText(spec))).toEqual(spec);
      }),
      { numRuns: 300, seed: 11 },
    );
  });
});
