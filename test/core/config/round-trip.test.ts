import fc from "fast-check";
import * as textformat from "protobufjs/ext/textformat.js";
import { describe, expect, it } from "vitest";
import { configFromSpec } from "../../../src/core/config/config-from-spec.js";
import { openConfig } from "../../../src/core/config/pipeline/open-config.js";
import { printConfig } from "../../../src/core/config/pipeline/print-config.js";
import { messageType } from "../../../src/core/config/schema.js";
import { expressibleSpec } from "./arbitrary-spec.js";

/** protobufjs gives an empty repeated field where ours is absent. */
function withoutEmptyLists(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmptyLists);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, child]) => !(Array.isArray(child) && child.length === 0));
  return Object.fromEntries(entries.map(([name, child]) => [name, withoutEmptyLists(child)]));
}

describe("a spec that TorchEasyRec can express", () => {
  it("goes through proto JSON too, except for what TorchEasyRec lacks", () => {
    fc.assert(
      fc.property(expressibleSpec, (spec) => {
        const config = configFromSpec(spec);
        const json = printConfig(config, { path: "pipeline.json" });
        expect(openConfig(json, { path: "pipeline.json" }).message).toEqual(config.message);
      }),
      { numRuns: 100, seed: 12 },
    );
  });

  it("prints text that protobufjs's own reader takes as the same message", () => {
    const type = messageType("EasyRecConfig");
    fc.assert(
      fc.property(expressibleSpec, (spec) => {
        const config = configFromSpec(spec);
        const other = textformat.fromText(type, printConfig(config));
        const plain = type.toObject(other, { enums: String, longs: Number });
        expect(withoutEmptyLists(plain)).toEqual(withoutEmptyLists(config.message));
      }),
      { numRuns: 100, seed: 13 },
    );
  });
});
