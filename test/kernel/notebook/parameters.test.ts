/** Parameters of notebooks: what a notebook declares, and how words become values. */

import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { Json } from "../../../src/core/util/json.js";
import { joinLines } from "../../../src/kernel/notebook/format.js";
import {
  declaredParameters,
  describeKind,
  readParameters,
  withParameters,
} from "../../../src/kernel/notebook/parameters.js";
import { cell, emptyFolder, notebook, save } from "./notebook-files.js";

const study = notebook(
  cell("1"),
  cell(
    [
      "// defaults",
      "let gamma = 2, rate = -1e-3;",
      'const pooling: "mean" | "sum" | null = "mean";',
      "let seeds = [1, 2];",
      "let hidden: readonly number[] = [];",
      'let name = "none";',
      "let quick = !true;",
      "let limits: { low: number } = { low: 1 };",
      'const folder = process.env.DATA ?? "data";',
      "const { a, b: [c] } = JSON.parse('{}');",
    ].join("\n"),
    "parameters",
  ),
);
const declared = declaredParameters(study)!;

function inject(parameters: Readonly<Record<string, Json>>): string {
  return joinLines(withParameters(study, parameters, "study.ipynb")[2]?.source);
}

describe("a parameters cell", () => {
  it("declares names and what each takes", () => {
    expect(Object.fromEntries(declared.map(({ name, kind }) => [name, describeKind(kind)]))).toEqual({
      gamma: "a number",
      rate: "a number",
      pooling: '"mean" or "sum" or null',
      seeds: "a list, each a number",
      hidden: "a list, each a number",
      name: "text",
      quick: "true or false",
      limits: "an object",
      folder: "anything",
      a: "anything",
      c: "anything",
    });
  });

  it("is followed by the values given, under the type that is written", () => {
    expect(inject({ gamma: 1, pooling: "sum", hidden: [8], folder: "x" })).toBe(
      '// Parameters\nlet gamma = 1;\nlet pooling: "mean" | "sum" | null = "sum";\nlet hidden: readonly number[] = [8];\nlet folder = "x";',
    );
  });

  it("refuses every name it lacks, with a near one, and every value of another kind, at once", () => {
    expect(() => inject({ gama: 1, seeds: 1, pooling: "max" })).toThrow(
      [
        'study.ipynb: the notebook has no parameter "gama"',
        "  expected: one of gamma, rate, pooling, seeds, hidden, name, quick, limits, folder, a, c",
        '  fix: did you mean "gamma" or "name"?',
        "",
        'study.ipynb: parameter "seeds": the value does not match the declared type',
        "  received: 1",
        "  expected: a list, each a number",
        "  fix: as JSON, such as '[1]'",
        "",
        'study.ipynb: parameter "pooling": the value does not match the declared type',
        '  received: "max"',
        '  expected: "mean" or "sum" or null',
      ].join("\n"),
    );
  });
});

describe("the values of a command line", () => {
  const file = save(emptyFolder(), "study.ipynb", study);

  it("are read as the notebook declares them; a comma in text is text", async () => {
    const folder = emptyFolder();
    writeFileSync(path.join(folder, "log.csv"), "");
    const pairs = [
      ["gamma", "1e-2"],
      ["name", "7,8"],
      ["seeds", "[3]"],
      ["pooling", "sum"],
      ["quick", "true"],
      ["folder", "log.csv"],
    ] as const;
    expect(await readParameters(file, pairs, folder)).toEqual({
      gamma: 0.01,
      name: "7,8",
      seeds: [3],
      pooling: "sum",
      quick: true,
      folder: path.join(folder, "log.csv"),
    });
    expect(await readParameters(file, [])).toEqual({});
  });

  it.each([
    [[["gamma", "1,2"]], /parameter "gamma": the value does not match[\s\S]*"1,2"[\s\S]*a number/],
    [[["gama", "1"]], /no parameter "gama"/],
    [
      [
        ["gamma", "1"],
        ["gamma", "2"],
      ],
      /-p gamma: a notebook runs with one value of each parameter[\s\S]*pepnet ablate/,
    ],
  ] as const)("%j are refused", async (pairs, message) => {
    await expect(readParameters(file, pairs)).rejects.toThrow(message);
  });
});
