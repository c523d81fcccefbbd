/** Parameters of notebooks: what a notebook declares, how words become values, and many sets from few words. */

import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { declaredParameters, describeKind, withParameters } from "../../src/notebook/parameters.js";
import { parameterSets, type SetSources, sweepNames } from "../../src/notebook/sweep.js";
import { joinLines } from "../../src/notebook/widgets.js";
import type { Json } from "../../src/util/random.js";
import { cell, emptyFolder, notebook } from "./notebook-files.js";

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

function sets(sources: SetSources) {
  return parameterSets(sources, declared, "study.ipynb");
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

describe("parameter sets", () => {
  it("are one where each parameter has one value, read as the notebook declares it", async () => {
    const folder = emptyFolder();
    writeFileSync(path.join(folder, "log.csv"), "");
    const pairs = [
      ["gamma", "1e-2"],
      ["name", "7"],
      ["seeds", "[3]"],
      ["pooling", "sum"],
      ["quick", "true"],
      ["folder", "log.csv"],
    ] as const;
    expect(await sets({ pairs, folder })).toEqual([
      { gamma: 0.01, name: "7", seeds: [3], pooling: "sum", quick: true, folder: path.join(folder, "log.csv") },
    ]);
  });

  it("are every combination of several values; a comma in text is text", async () => {
    const pairs = [
      ["gamma", "1,2"],
      ["name", "a,b"],
      ["pooling", "sum"],
      ["pooling", "mean"],
    ] as const;
    const combined = await sets({ pairs });
    expect(combined.map(({ gamma, pooling, name }) => [gamma, pooling, name])).toEqual([
      [1, "sum", "a,b"],
      [1, "mean", "a,b"],
      [2, "sum", "a,b"],
      [2, "mean", "a,b"],
    ]);
    expect(sweepNames("x/study.ipynb", combined)).toEqual([
      "study-gamma-1-pooling-sum",
      "study-gamma-1-pooling-mean",
      "study-gamma-2-pooling-sum",
      "study-gamma-2-pooling-mean",
    ]);
  });

  it("come from CSV and JSON, and are combined with values", async () => {
    const folder = emptyFolder();
    writeFileSync(path.join(folder, "sets.csv"), '\ufeffgamma,name\r\n1,"says ""a, b"""\r\n\r\n,7\r\n');
    writeFileSync(path.join(folder, "sets.json"), '[{ "seeds": [1] }, { "seeds": [2], "gamma": 3 }]');
    expect(await sets({ file: "sets.csv", folder })).toEqual([{ gamma: 1, name: 'says "a, b"' }, { name: "7" }]);
    expect(await sets({ file: "sets.json", folder, pairs: [["rate", "1,2"]] })).toEqual([
      { seeds: [1], rate: 1 },
      { seeds: [1], rate: 2 },
      { seeds: [2], gamma: 3, rate: 1 },
      { seeds: [2], gamma: 3, rate: 2 },
    ]);
    await expect(sets({ file: "sets.csv", folder, pairs: [["gamma", "1"]] })).rejects.toThrow(
      "is also in the file of sets",
    );
  });

  it.each([
    ["sets.csv", "gamma,nam\n1,2\n", 'has no parameter "nam"'],
    ["sets.csv", 'gamma\n"1\n', "a quote is unclosed"],
    ["sets.csv", "gamma,name\n1\n", "record 1 has 1 fields, the first line 2"],
    ["sets.csv", "gamma\n", "has no parameter sets"],
    ["sets.json", "[1]", "has no valid parameter sets"],
    ["sets.json", "{", "has no valid parameter sets"],
  ])("%s that says %j is refused", async (name, text, message) => {
    const folder = emptyFolder();
    writeFileSync(path.join(folder, name), text);
    await expect(sets({ file: name, folder })).rejects.toThrow(message);
  });

  it("that are nested too deeply are refused", async () => {
    const folder = emptyFolder();
    writeFileSync(path.join(folder, "deep.json"), `[{"gamma":${"[".repeat(100_000)}${"]".repeat(100_000)}}]`);
    const refused = sets({ file: "deep.json", folder });
    await expect(refused).rejects.toThrow(/has no valid parameter sets[\s\S]*more than 100 levels/);
  });

  it("have names of their own that every system takes", () => {
    const folders = ["/data/a b", "/other/a b", "index", "x".repeat(200)].map((folder) => ({ folder }));
    const names = sweepNames("index.ipynb", folders);
    expect(names.slice(0, 3)).toEqual(["index-folder-a-b", "index-folder-a-b-2", "index-folder-index"]);
    expect(names[3]?.length).toBeLessThanOrEqual(80);
  });
});
