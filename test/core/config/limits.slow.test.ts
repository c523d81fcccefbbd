/** Configs of any size and depth end at once: in a config, a model, or an error that names the place. */

import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { editConfig } from "../../../src/core/config/pipeline/edit-config.js";
import { openConfig } from "../../../src/core/config/pipeline/open-config.js";
import { printConfig } from "../../../src/core/config/pipeline/print-config.js";
import { specFromConfig } from "../../../src/core/config/spec-from-config.js";
import { ConfigError, PepnetError } from "../../../src/core/errors/index.js";
import { validateSpec } from "../../../src/core/spec/validate/model.js";

const taobao = readFileSync(path.resolve(__dirname, "../../../configs/pepnet_taobao.config"), "utf8");
const deep = 100_000;

function refusal(work: () => unknown): PepnetError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(PepnetError);
    return error as PepnetError;
  }
  throw new Error("nothing was refused");
}

const nested: Readonly<Record<string, readonly [string, string]>> = {
  messages: ["pipeline.config", `${"model_config { ".repeat(deep)}${"}".repeat(deep)}`],
  "messages in angle brackets": ["pipeline.config", "a: < ".repeat(deep)],
  "unknown messages": ["pipeline.config", "a { ".repeat(deep)],
  lists: ["pipeline.config", `feature_configs: ${"[".repeat(deep)}`],
  "JSON lists": ["pipeline.json", `{"feature_configs": ${"[".repeat(deep)}${"]".repeat(deep)}}`],
  "JSON objects": ["pipeline.json", `${'{"a":'.repeat(deep)}1${"}".repeat(deep)}`],
  "open messages": ["pipeline.config", `model_config { custom_model { params { ${"a { ".repeat(deep)}`],
};

describe("what is nested too deeply is refused at its place", () => {
  it.each(Object.keys(nested))("%s", (kind) => {
    const [place, text] = nested[kind]!;
    for (const open of [openConfig, specFromConfig]) {
      const error = refusal(() => open(text, { path: place }));
      expect(error).toBeInstanceOf(ConfigError);
      expect(error.message).toMatch(/nested too deeply at line 1, column \d+/);
    }
  });

  it("values of edits, and the line of our own settings", () => {
    let value: unknown = 1;
    for (let level = 0; level < deep; level++) value = [value];
    const config = openConfig(taobao);
    expect(refusal(() => editConfig(config, { feature_configs: value as never })).message).toMatch(/nested too deeply/);
    const notes = `# pepnet: {"seed": ${"[".repeat(deep)}${"]".repeat(deep)}}\n`;
    expect(refusal(() => openConfig(notes + taobao)).message).toMatch(/this line is not valid JSON/);
  });
});

/** Texts of one thing again and again: each would take minutes, were the time quadratic in their length. */
const long: Readonly<Record<string, readonly [string, string]>> = {
  "one field again": ["pipeline.config", 'train_input_path: "a"\n'.repeat(200_000)],
  "an unknown field again": ["pipeline.config", "x: 1\n".repeat(200_000)],
  "unknown fields": ["pipeline.config", Array.from({ length: 200_000 }, (_, at) => `x${at}: 1\n`).join("")],
  "wrong types": ["pipeline.config", `model_config { pepnet { ${"epnet_gamma: {}\n".repeat(200_000)} } }`],
  "empty features": ["pipeline.config", "feature_configs { }\n".repeat(200_000)],
  comments: ["pipeline.config", "# a\n\n \t# b\n".repeat(1_000_000)],
  bytes: ["pipeline.config", `train_input_path: "${"\\x41".repeat(2_000_000)}"`],
  escapes: ["pipeline.config", `train_input_path: "${"\\n\\\\".repeat(1_000_000)}"`],
  "strings side by side": ["pipeline.config", `train_input_path: ${'"a" '.repeat(500_000)}`],
  "an open string": ["pipeline.config", `train_input_path: "${"a".repeat(5_000_000)}`],
  "a long name": ["pipeline.config", `${"a".repeat(5_000_000)}: 1`],
  "a long number": ["pipeline.config", `train_config { seed: ${"9".repeat(5_000_000)} }`],
  "a long list": ["pipeline.config", `feature_configs { raw_feature { boundaries: [${"1,".repeat(500_000)}1] } }`],
  "open fields": ["pipeline.config", `model_config { custom_model { params { ${"a: 1 ".repeat(200_000)} } } }`],
  "too much": ["pipeline.config", ";".repeat(10_000_000)],
  "JSON names": ["pipeline.json", `{${Array.from({ length: 200_000 }, (_, at) => `"k${at}":1`).join(",")}}`],
};

/** Those that are a config, although no model can be made of it. */
const opens = new Set([
  "one field again",
  "empty features",
  "comments",
  "bytes",
  "escapes",
  "strings side by side",
  "a long list",
]);

describe("long texts end at once, in an error that has room on a screen", () => {
  it.each(Object.keys(long))("%s", (kind) => {
    const [place, text] = long[kind]!;
    expect(refusal(() => specFromConfig(text, { path: place })).message.length).toBeLessThan(200_000);
    if (!opens.has(kind)) {
      expect(refusal(() => openConfig(text, { path: place })).message.length).toBeLessThan(200_000);
    } else expect(() => openConfig(text, { path: place })).not.toThrow();
  });

  it("of more than three million words, by their number", () => {
    expect(refusal(() => openConfig("a:1 ".repeat(1_500_000))).message).toMatch(/too long at line 1, column \d+/);
  });

  it("with what was found first, and how much more there is", () => {
    const error = refusal(() => openConfig("x: 1\n".repeat(5000)));
    expect(error.problems).toHaveLength(101);
    expect(error.problems.at(-1)?.message).toMatch(/more problems, which are not listed/);
  });
});

describe("numbers of parts", () => {
  const withDomains = (count: string | number) => taobao.replace(/task_domain_num: \d+/, `task_domain_num: ${count}`);

  it.each([0, 1001, 1_000_000, 4_294_967_295])("%s domains are refused with the limit", (count) => {
    const error = refusal(() => specFromConfig(withDomains(count), { path: "pipeline.config" }));
    expect(error.problems.map(({ path: at }) => at)).toContain("model_config.pepnet.task_domain_num");
    expect(error.message).toMatch(/an integer ≥ 1 and ≤ 1000/);
  });

  it("layers, towers and optimisers of parts have limits", () => {
    const spec = specFromConfig(taobao);
    const tower = spec.towers[0]!;
    const hidden = Array.from({ length: 101 }, () => 1);
    const towers = Array.from({ length: 1001 }, (_, at) => ({ ...tower, name: `t${at}` }));
    const part = { pattern: "a", optimizer: spec.training.dense, learningRate: { kind: "constant" } } as const;
    const partOptimizers = Array.from({ length: 101 }, () => part);
    const refused = [
      { ...spec, ppnet: { ...spec.ppnet, hidden } },
      { ...spec, towers },
      { ...spec, training: { ...spec.training, partOptimizers } },
    ].map((each) => validateSpec(each).map(({ message, expected }) => `${message}: ${expected}`));
    expect(refused[0]).toContain("too many layers: at most 100");
    expect(refused[1]).toContain("too many towers: at most 2,000 towers in all");
    expect(refused[2]).toContain("too many part optimisers: at most 100");
  });

  it.each([0, -1, 2 ** 31, 2 ** 32 - 1, 1e15, 2 ** 64])("a %s in the place of any number ends at once", (value) => {
    const places = [...taobao.matchAll(/: (\d+)(?![\d.])/g)];
    const seen = new Set<string>();
    for (const { index, 1: digits } of places) {
      const start = index + 2;
      const line = taobao.slice(taobao.lastIndexOf("\n", start), start);
      if (seen.has(line)) continue;
      seen.add(line);
      const text = `${taobao.slice(0, start)}${value}${taobao.slice(start + digits!.length)}`;
      try {
        const spec = specFromConfig(text, { path: "pipeline.config" });
        validateSpec(spec);
        printConfig(openConfig(text));
      } catch (error) {
        expect(error).toBeInstanceOf(PepnetError);
      }
    }
  });
});
