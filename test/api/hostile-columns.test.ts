/** Code and configs that are written from the names of columns: names of strangers stay names. */

import { expect, test } from "vitest";
import { configText } from "../../src/core/config/config-from-spec.js";
import { specFromConfig } from "../../src/core/config/spec-from-config.js";
import { commentLine, jsonLine, stringLiteral } from "../../src/core/util/code-text.js";
import { random } from "../../src/core/util/random.js";
import * as builder from "../../src/index.js";
import * as api from "../../src/index.js";

const run = "globalThis.ran = 1";
const fixed = ["\n", "\r", "\r\n", "\u2028", "\u2029", "\u0085", "*/", "`", "${", '"', "'", "\\", '")', "]; "].map(
  (end) => `age${end}${run}; //`,
);
const pieces = [
  "\n",
  "\r",
  "\u2028",
  "\u2029",
  '"',
  "'",
  "`",
  "\\",
  "//",
  "*/",
  "/*",
  "${",
  "}",
  ")",
  "]",
  ";",
  "#",
  run,
];
const source = random(9);
const drawn = Array.from(
  { length: 60 },
  () => `x${Array.from({ length: 1 + source.integer(8) }, () => pieces[source.integer(pieces.length)]!).join("")}`,
);
const hostile = [...new Set([...fixed, ...drawn])];

declare global {
  var ran: unknown;
}

test("a comment and a string literal are one line of code", () => {
  for (const name of hostile) {
    const value: unknown = new Function(`${commentLine(name)}\nreturn ${stringLiteral(name)};`)();
    expect(value).toBe(name);
    for (const line of [commentLine(name), stringLiteral(name), jsonLine({ [name]: name })]) {
      expect(line).not.toMatch(/[\n\r\u0085\u2028\u2029]/);
    }
    expect(JSON.parse(jsonLine({ [name]: name }))).toEqual({ [name]: name });
  }
  expect(globalThis.ran).toBeUndefined();
});

test("the text of a suggested model runs nothing of a name, and builds the suggested model", async () => {
  for (const [at, name] of hostile.entries()) {
    const rows = Array.from({ length: 120 }, (_, row) => ({
      [name]: row % 3 === 0 ? `${name}a` : `${name}b`,
      [`${name}!`]: row % 7,
      [`${name}?`]: row % 2 === 0 ? name : "no",
      clk: (row * row) % 5 < 2 ? 1 : 0,
    }));
    const label = at % 2 === 0 ? "clk" : `${name}?`;
    const suggested = await api.suggestModel(rows as never, { labels: [label], domain: name, user: `${name}!` });
    const names = ["adam", "pepnet", "idFeature", "rawFeature", "missingFeature", "dateFeature", "label"] as const;
    const functions = { ...builder, ...api } as unknown as Record<string, unknown>;
    const model = new Function(...names, `${suggested.text()}\nreturn model;`)(...names.map((each) => functions[each]));
    expect(model.spec).toEqual(suggested.model.spec);
  }
  expect(globalThis.ran).toBeUndefined();
});

test("a config keeps names of domains and features", async () => {
  for (const name of hostile) {
    const { spec } = api
      .pepnet()
      .features(builder.idFeature(name).buckets(9).embedding(4), builder.idFeature("scene").buckets(2).embedding(4))
      .labels("clk")
      .group("domain", ["scene"])
      .group("uia", [name])
      .epnet()
      .ppnet({ hidden: [4] })
      .domains("scene", [name, "other"])
      .tower("ctr", (t) => t.label("clk").mlp(4).bce().auc());
    const read = specFromConfig(configText(spec));
    expect(read.domains?.names).toEqual([name, "other"]);
    expect(read.features.map((feature) => feature.name)).toEqual([name, "scene"]);
  }
});
