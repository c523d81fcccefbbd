/** Config text of any kind ends in a config, a model, or an error that names the place. */

import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { configText } from "../../../src/core/config/config-from-spec.js";
import { editConfig } from "../../../src/core/config/pipeline/edit-config.js";
import { openConfig } from "../../../src/core/config/pipeline/open-config.js";
import { printConfig } from "../../../src/core/config/pipeline/print-config.js";
import { specFromConfig } from "../../../src/core/config/spec-from-config.js";
import { validateSpec } from "../../../src/core/spec/validate/model.js";
import { cases, damagedText, endsWell, prototypeNames } from "./fuzzing.js";

const text = readFileSync(path.resolve(__dirname, "../../../configs/pepnet_taobao.config"), "utf8");
const json = printConfig(openConfig(text), { path: "pipeline.json" });
const words = [
  "{",
  "}",
  "[",
  "]",
  ":",
  '"',
  "'",
  "#",
  "\\",
  "-",
  "1e999",
  "0x",
  "nan",
  "inf",
  "true",
  "\0",
  ...prototypeNames,
];

/** Opened, it prints, opens again as the same, and becomes a model or says why not. */
async function taken(source: string, place: string): Promise<void> {
  const config = await endsWell(() => openConfig(source, { path: place }));
  if (config === null) return;
  const printed = printConfig(config, { path: place });
  expect(openConfig(printed, { path: place }).message).toEqual(config.message);
  const spec = await endsWell(() => specFromConfig(config));
  if (spec !== null && validateSpec(spec).length === 0) await endsWell(() => configText(spec));
}

describe("config text", () => {
  it("of any letters", async () => {
    const any = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.constantFrom(...words)).map((parts) => parts.join(" ")),
    );
    await fc.assert(
      fc.asyncProperty(any, (source) => taken(source, "pipeline.config")),
      cases(1000, 1),
    );
  });

  it("that was damaged", async () => {
    const source = damagedText(text, words);
    await fc.assert(
      fc.asyncProperty(source, (each) => taken(each, "pipeline.config")),
      cases(400, 2),
    );
  });

  it("as JSON that was damaged", async () => {
    const source = damagedText(json, words);
    await fc.assert(
      fc.asyncProperty(source, (each) => taken(each, "pipeline.json")),
      cases(400, 3),
    );
  });

  it("as any JSON", async () => {
    const key = fc.oneof(
      fc.string(),
      fc.constantFrom(...prototypeNames, "model_config", "train_config", "feature_configs"),
    );
    const any = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue({ maxDepth: 1 }),
        fc.array(tie("value")),
        fc.dictionary(key, tie("value")),
      ),
    })).value;
    await fc.assert(
      fc.asyncProperty(any, (value) => taken(JSON.stringify(value), "pipeline.json")),
      cases(600, 4),
    );
  });

  it("is edited by any path to any value", async () => {
    const config = openConfig(text);
    const part = fc.constantFrom(
      "model_config",
      "pepnet",
      "feature_configs[0]",
      "feature_configs[*]",
      "task_towers[9]",
      "id_feature",
      "epnet_gamma",
      "[",
      "]",
      "",
      "..",
      ...prototypeNames,
    );
    const where = fc.oneof(
      fc.string(),
      fc.array(part, { maxLength: 4 }).map((parts) => parts.join(".")),
    );
    const edits = fc.dictionary(where, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
    await fc.assert(
      fc.asyncProperty(edits, async (each) => {
        const edited = await endsWell(() => editConfig(config, each as Parameters<typeof editConfig>[1]));
        if (edited !== null) await taken(printConfig(edited, { path: "pipeline.config" }), "pipeline.config");
      }),
      cases(250, 5),
    );
  });
});
