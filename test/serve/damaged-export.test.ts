/** An exported model whose encoders or graph are anybody's: it predicts, or an error names the file and the place. */
import { createHash } from "node:crypto";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadModel } from "../../src/api/index.js";
import { CheckpointError, PepnetError } from "../../src/errors/index.js";
import { parseEncoders } from "../../src/serve/served/encoders-shape.js";
import { random } from "../../src/util/random.js";
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
  }, 300_000);
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
