/** An exported model whose encoders or graph are anybody's: it predicts, or an error names the file and the place. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Writer } from "protobufjs/minimal";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadModel } from "../../../src/api/served-model.js";
import { CheckpointError, PepnetError } from "../../../src/core/errors/index.js";
import { onnxOperators } from "../../../src/core/jit/onnx.js";
import type { EncodersFile } from "../../../src/core/serve/encoder-types.js";
import { parseEncoders } from "../../../src/core/serve/encoders-shape.js";
import { checkedTables } from "../../../src/core/serve/graph-check.js";
import { random } from "../../../src/core/util/random.js";
import { jsonPlaces, withAt } from "../train/saved/json-places.js";
import { everyFeature, rowsOfEveryKind } from "./models.js";

const rows = rowsOfEveryKind(60, 4);
let folder: string;
let encoders: unknown;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-damaged-export-"));
  const run = await everyFeature.fit(rows, { steps: 2, quiet: true });
  await run.export(path.join(folder, "served"));
  await run.dispose();
  encoders = JSON.parse(await readFile(path.join(folder, "served", "encoders.json"), "utf8"));
});
afterAll(() => rm(folder, { recursive: true }));

const strangers = [null, true, 0, -1, 1e9, 1.5, "", "kind", [], {}, [null], { kind: "ids" }];
const parse = (value: unknown) => parseEncoders("served", JSON.stringify(value));

/** A copy of the exported model with another file in it, listed with its checksum. */
async function changedCopy(name: string, content: string | Uint8Array): Promise<string> {
  const copy = path.join(folder, "changed");
  await rm(copy, { recursive: true, force: true });
  await cp(path.join(folder, "served"), copy, { recursive: true });
  await writeFile(path.join(copy, name), content);
  const list = await readFile(path.join(copy, "checksums.sha256"), "utf8");
  const sum = createHash("sha256").update(content).digest("hex");
  await writeFile(path.join(copy, "checksums.sha256"), list.replace(new RegExp(`^.{64}(?=  ${name}$)`, "m"), sum));
  return copy;
}

/** Opens a model and predicts with it; what goes wrong is an error of ours. */
async function used(place: string, what: string): Promise<void> {
  try {
    const model = await loadModel(place);
    await model.predict(rows);
    await model.dispose();
  } catch (error) {
    expect(error, what).toBeInstanceOf(PepnetError);
  }
}

describe("encoders.json", () => {
  it("is taken as it was written", () => {
    expect(parse(encoders)).toEqual(encoders);
  });

  it("of anything else is refused by the file's name", () => {
    for (const text of ["null", "{}", "[]", "3", '"x"', "", "{", `${"[".repeat(100_000)}${"]".repeat(100_000)}`]) {
      expect(() => parseEncoders("served", text), text.slice(0, 10)).toThrow(CheckpointError);
      expect(() => parseEncoders("served", text)).toThrow(/^served\/encoders\.json/);
    }
  });

  it("lacks no field without being refused", () => {
    for (const { path: place, parent } of jsonPlaces(encoders)) {
      if (Array.isArray(parent) || place.includes("values")) continue; // a shorter list, or another vocabulary
      if (place.at(-1) === "pieces") continue; // files of earlier versions have none, and rows of one number then do not fit
      expect(() => parse(withAt(encoders, place, undefined)), place.join(".")).toThrow(CheckpointError);
    }
  });

  it("with any other part is refused, or predicts, or says what does not fit", async () => {
    const source = random(7);
    const accepted: [string, unknown][] = [];
    for (const { path: place } of jsonPlaces(encoders)) {
      for (const stranger of strangers) {
        const changed = withAt(encoders, place, stranger);
        try {
          parse(changed);
          accepted.push([`${place.join(".")}: ${JSON.stringify(stranger)}`, changed]);
        } catch (error) {
          expect(error, place.join(".")).toBeInstanceOf(CheckpointError);
        }
      }
    }
    const some = accepted.filter(() => source.uniform() < 60 / accepted.length);
    expect(some.length).toBeGreaterThan(20);
    for (const [what, changed] of some) {
      await used(await changedCopy("encoders.json", JSON.stringify(changed)), what);
    }
  });
});

describe("model.onnx", () => {
  it("that is cut off, random or of another model is refused by its name", async () => {
    const bytes = await readFile(path.join(folder, "served", "model.onnx"));
    const source = random(3);
    const noise = Uint8Array.from({ length: 3000 }, () => source.integer(256));
    for (const content of [new Uint8Array(), bytes.subarray(0, bytes.length >> 1), noise]) {
      await expect(loadModel(await changedCopy("model.onnx", content))).rejects.toThrow(/model\.onnx: /);
    }
  });
});

describe("rows beyond the table", () => {
  const places = (): [string, readonly (string | number)[]][] =>
    jsonPlaces(encoders)
      .filter(({ path: at }) => at.includes("rows") && typeof at.at(-1) === "string")
      .filter(({ key, path: at }) => ["count", "size", "outside"].includes(String(key)) || at.at(-2) === "values")
      .map(({ path: at }) => [at.join("."), at]);

  it.each([1e12, 2 ** 31, 2 ** 31 - 1, 10_000, -1, 1.5])("such as %d are refused in every encoder", async (value) => {
    expect(places().length).toBeGreaterThan(15);
    for (const [what, at] of places()) {
      const copy = await changedCopy("encoders.json", JSON.stringify(withAt(encoders, at, value)));
      await expect(loadModel(copy), what).rejects.toThrow(CheckpointError);
    }
  });

  it("name the file, the place and the table's rows", async () => {
    const at = (encoders as { features: { name: string }[] }).features.findIndex(({ name }) => name === "shelf");
    const copy = await changedCopy(
      "encoders.json",
      JSON.stringify(withAt(encoders, ["features", at, "rows", "values", "low"], 4)),
    );
    await expect(loadModel(copy)).rejects.toThrow(
      /encoders\.json: features\.shelf\.rows: the encoder has rows beyond the embedding table[\s\S]*row 4[\s\S]*from 0 to 3/,
    );
  });

  it("more numbers than memory are refused", () => {
    for (const { path: at, key } of jsonPlaces(encoders)) {
      if (key !== "dim" && key !== "classes") continue;
      expect(() => parse(withAt(encoders, at, 1e12)), at.join(".")).toThrow(CheckpointError);
    }
  });
});

describe("a graph that an export cannot have written", () => {
  /** A model of one graph, from protobuf fields. */
  const message = (...fields: readonly [number, Uint8Array | string | number][]): Uint8Array => {
    const writer = Writer.create();
    for (const [field, value] of fields) {
      if (typeof value === "number") writer.uint32(field << 3).int64(value);
      else if (typeof value === "string") writer.uint32((field << 3) | 2).string(value);
      else writer.uint32((field << 3) | 2).bytes(value);
    }
    return writer.finish();
  };
  const model = (...graph: readonly [number, Uint8Array | string | number][]): Uint8Array =>
    message([1, 8], [7, message(...graph)], [8, message([1, ""], [2, 17])]);
  const node = (op: string, ...more: readonly [number, Uint8Array | string | number][]) =>
    message([1, "in"], [2, "out"], [4, op], ...more);
  const integers = (name: string, ...values: number[]) =>
    message([1, values.length], [2, 7], [8, name], [9, new Uint8Array(BigInt64Array.from(values, BigInt).buffer)]);

  const foreign: [string, Uint8Array][] = [
    ["Loop", model([1, node("Loop")])],
    ["Scan", model([1, node("Scan")])],
    ["If", model([1, node("If")])],
    ["ConstantOfShape", model([1, node("ConstantOfShape")])],
    ["Constant", model([1, node("Constant")])],
    ["a subgraph", model([1, node("Add", [5, message([1, "body"], [6, message()], [20, 5])])])],
    ["a tensor as an attribute", model([1, node("Add", [5, message([1, "value"], [5, message()], [20, 4])])])],
    ["a domain of a node", model([1, node("Add", [7, "com.microsoft"])])],
    ["another operator set", message([1, 8], [7, message()], [8, message([1, "ai.onnx.ml"], [2, 3])])],
    ["a function", message([1, 8], [7, message()], [25, message([1, "f"])])],
    ["two graphs", message([1, 8], [7, message()], [7, message()])],
    [
      "external data",
      model([5, message([1, 4], [2, 1], [8, "w"], [13, message([1, "location"], [2, "/etc/passwd"])])]),
    ],
    ["a sparse tensor", model([15, message()])],
    ["fewer bytes than its shape", model([5, message([1, 1e9], [1, 18], [2, 1], [8, "w"], [9, new Uint8Array(8)])])],
    ["a negative shape", model([5, message([1, -2], [1, -2], [2, 1], [8, "w"], [9, new Uint8Array(16)])])],
    [
      "a large Expand",
      model([5, integers("size", 1e9, 18)], [1, message([1, "x"], [1, "size"], [2, "out"], [4, "Expand"])]),
    ],
    [
      "a large Tile",
      model([5, integers("size", 2 ** 40)], [1, message([1, "x"], [1, "size"], [2, "out"], [4, "Tile"])]),
    ],
    [
      "a large Range",
      model([5, integers("end", 1e11)], [1, message([1, "a"], [1, "end"], [1, "c"], [2, "o"], [4, "Range"])]),
    ],
    ["no graph", message([1, 8])],
  ];

  /** A constant of zeros. */
  const zeros = (name: string, ...shape: number[]) => {
    const values = new Uint8Array(4 * shape.reduce((product, dim) => product * dim, 1));
    return message(...shape.map((dim): [number, number] => [1, dim]), [2, 1], [8, name], [9, values]);
  };
  const operation = (op: string, inputs: readonly string[], output: string, ...attributes: Uint8Array[]) =>
    message(
      ...inputs.map((name): [number, string] => [1, name]),
      [2, output],
      [4, op],
      ...attributes.map((attribute): [number, Uint8Array] => [5, attribute]),
    );
  const axis = message([1, "axis"], [3, 0], [20, 2]);
  const rowInput = (name: string, ...dims: Uint8Array[]) =>
    message(
      [1, name],
      [2, message([1, message([1, 1], [2, message(...dims.map((dim): [number, Uint8Array] => [1, dim]))])])],
    );
  const doublings = Array.from({ length: 40 }, (_, at): [number, Uint8Array] => [
    1,
    operation("Concat", [`x${at}`, `x${at}`], `x${at + 1}`, axis),
  ]);
  const huge: [string, Uint8Array][] = [
    [
      "constants that broadcast",
      model([5, zeros("a", 50_000, 1)], [5, zeros("b", 1, 50_000)], [1, operation("Add", ["a", "b"], "out")]),
    ],
    ["a Concat that doubles its input 40 times", model([5, zeros("x0", 100)], ...doublings)],
    [
      "sizes that double 40 times",
      model([5, integers("x0", 1, 1)], ...doublings, [1, operation("Expand", ["x0", "x40"], "out")]),
    ],
    [
      "a product of a column and a row",
      model([5, zeros("a", 50_000, 1)], [5, zeros("b", 1, 50_000)], [1, operation("MatMul", ["a", "b"], "out")]),
    ],
    [
      "a product with the axes swapped",
      model(
        [5, zeros("a", 1, 50_000)],
        [1, operation("Gemm", ["a", "a"], "out", message([1, "transA"], [3, 1], [20, 2]))],
      ),
    ],
    [
      "rows that broadcast against rows",
      model(
        [11, rowInput("x", message([2, "rows"]))],
        [5, integers("column", -1, 1, 1)],
        [5, integers("row", 1, -1, 1)],
        [1, operation("Reshape", ["x", "column"], "c")],
        [1, operation("Reshape", ["x", "row"], "r")],
        [1, operation("Add", ["c", "r"], "square")],
        [1, operation("Add", ["square", "x"], "cube")],
      ),
    ],
    [
      "a size that the graph computes",
      model(
        [5, integers("a", 2 ** 20)],
        [5, zeros("x", 1)],
        [1, operation("Mul", ["a", "a"], "size")],
        [1, operation("Expand", ["x", "size"], "out")],
      ),
    ],
    [
      "a size that an unusual operator computes",
      model(
        [5, integers("a", 2 ** 20)],
        [5, zeros("x", 1)],
        [1, operation("Pow", ["a", "a"], "size")],
        [1, operation("Expand", ["x", "size"], "out")],
      ),
    ],
    [
      "a size that data state",
      model(
        [
          11,
          message(
            [1, "ids"],
            [2, message([1, message([1, 7], [2, message([1, message([2, "rows"])], [1, message([1, 1])])])])],
          ),
        ],
        [5, integers("flat", -1)],
        [5, zeros("x", 1)],
        [1, operation("Reshape", ["ids", "flat"], "size")],
        [1, operation("Expand", ["x", "size"], "out")],
      ),
    ],
  ];
  foreign.push(...huge);

  it.each(foreign)("%s", async (_, bytes) => {
    const loading = loadModel(await changedCopy("model.onnx", bytes));
    await expect(loading).rejects.toThrow(CheckpointError);
    await expect(loading).rejects.toThrow(/model\.onnx: the file has a part that exported models do not have/);
  });

  it("cut off anywhere", async () => {
    const bytes = await readFile(path.join(folder, "served", "model.onnx"));
    const source = random(11);
    for (let at = 0; at < 60; at++) {
      await used(await changedCopy("model.onnx", bytes.subarray(0, source.integer(bytes.length))), `cut ${at}`);
    }
  });

  it("with any byte changed", async () => {
    const bytes = await readFile(path.join(folder, "served", "model.onnx"));
    const source = random(12);
    for (let at = 0; at < 60; at++) {
      const changed = Uint8Array.from(bytes);
      changed[source.integer(bytes.length)] = source.integer(256);
      await used(await changedCopy("model.onnx", changed), `change ${at}`);
    }
  });

  it("accepts only operators that the compiler or the export writes", () => {
    const folders = ["src/core/jit", "src/core/serve"];
    const code = folders
      .flatMap((at) => readdirSync(at).map((name) => path.join(at, name)))
      .filter((file) => file.endsWith(".ts"))
      .map((file) => readFileSync(file, "utf8"))
      .join("")
      .replace(/operatorGroups = \[[^;]*;/, "");
    expect(onnxOperators.filter((op) => !code.includes(`"${op}"`))).toEqual([]);
    expect(new Set(onnxOperators).size).toBe(onnxOperators.length);
  });

  it("finds the table of every feature of ids", async () => {
    const tables = checkedTables(await readFile(path.join(folder, "served", "model.onnx")));
    const features = (encoders as EncodersFile).features.filter(({ kind }) => kind === "ids");
    expect([...tables.keys()].sort()).toEqual(features.map(({ name }) => name).sort());
    expect(tables.get("user")).toBe(40);
  });
});
