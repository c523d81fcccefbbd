/** Saved runs and weight files with any bytes end in a run or in a CheckpointError; changed bytes never pass. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emptySpec } from "../../../src/core/spec/model.js";
import { writeFolder } from "../../../src/core/train/saved/folder.js";
import { checkpointContents, readCheckpoint, readRun, runKind } from "../../../src/core/train/saved/run.js";
import { decodeSafetensors } from "../../../src/core/train/saved/safetensors.js";
import { encodeSafetensors, replaceListed } from "../../core/train/saved/encoded.js";
import { cases, damaged, endsWell, prototypeNames } from "./fuzzing.js";

const weights = new Map(
  ["a.weight", "b.bias", "__proto__"].map((name, index) => [
    name,
    { shape: [2, index + 1], data: new Float32Array(2 * index + 2).fill(index) },
  ]),
);
const bytes = encodeSafetensors(weights, { note: "x" });
const words = ["{", "}", "[1e9,1e9]", "-1", "null", '"F32"', "data_offsets", "99999999999999999999", ...prototypeNames];

let folder: string;
beforeAll(async () => {
  folder = path.join(await mkdtemp(path.join(os.tmpdir(), "pepnet-fuzz-")), "run");
  const history = { points: [], evaluations: [], bestStep: null };
  const progress = { steps: 3, rows: 6, seconds: 1, idleSeconds: 0, history, pending: [], skipped: 0 };
  const engine = { step: 3, weights, slots: new Map([["a.weight.m", weights.get("a.weight")!]]) };
  const checkpoint = { engine, weights, progress, evaluation: null, best: null, stoppedEarly: false };
  const saved = {
    ...({ spec: emptySpec, checkpoint, engineName: "cpu", threads: 1, gatesHistory: [] } as const),
    dataRows: 6,
    dataDigest: "00",
    validation: null,
  };
  await writeFolder(folder, checkpointContents(saved), runKind);
});
afterAll(() => rm(path.dirname(folder), { recursive: true }));

describe("a weight file", () => {
  it("of any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        async (any) => void (await endsWell(() => decodeSafetensors(any))),
      ),
      cases(2000, 1),
    );
  });

  it("that was damaged", async () => {
    await fc.assert(
      fc.asyncProperty(damaged(bytes, words), async (each) => void (await endsWell(() => decodeSafetensors(each)))),
      cases(2000, 2),
    );
  });

  it("with any header", async () => {
    const entry = fc.oneof(
      fc.jsonValue(),
      fc.record({
        dtype: fc.constantFrom("F32", "I64", "F16"),
        shape: fc.array(fc.double()),
        data_offsets: fc.array(fc.double(), { maxLength: 3 }),
      }),
    );
    const header = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom(...prototypeNames)), entry);
    await fc.assert(
      fc.asyncProperty(header, fc.uint8Array({ maxLength: 64 }), async (each, rest) => {
        const text = Buffer.from(JSON.stringify(each));
        const length = Buffer.alloc(8);
        length.writeBigUInt64LE(BigInt(text.length));
        await endsWell(() => decodeSafetensors(Buffer.concat([length, text, rest])));
      }),
      cases(2000, 3),
    );
  });
});

describe("a saved run", () => {
  const names = [
    "run.json",
    "spec.json",
    "history.json",
    "training.json",
    "weights.safetensors",
    "optimizer.safetensors",
    "checksums.sha256",
  ];

  it("with a damaged file is refused, unless the file is not asked for", async () => {
    const whole = new Map(
      await Promise.all(names.map(async (name) => [name, await readFile(path.join(folder, name))] as const)),
    );
    const change = fc
      .constantFrom(...names)
      .chain((name) => fc.tuple(fc.constant(name), damaged(whole.get(name)!, words)));
    await fc.assert(
      fc.asyncProperty(change, async ([name, each]) => {
        await writeFile(path.join(folder, name), each);
        try {
          const read = await endsWell(() => readCheckpoint(folder));
          if (read !== null) expect(read.checkpoint.weights).toEqual(weights);
          const changed = !Buffer.from(each).equals(whole.get(name)!);
          if (changed && name !== "checksums.sha256") expect(read).toBeNull();
          await endsWell(() => readRun(folder));
        } finally {
          await writeFile(path.join(folder, name), whole.get(name)!);
        }
      }),
      cases(400, 4),
    );
    await readCheckpoint(folder);
  });

  it("with any JSON that its list names", async () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(
        fc.constantFrom(...prototypeNames, "format", "formatVersion", "step", "points", "evaluations", "best"),
        fc.jsonValue({ maxDepth: 1 }),
      ),
    );
    for (const name of ["run.json", "history.json", "training.json"]) {
      const whole = await readFile(path.join(folder, name), "utf8");
      await fc.assert(
        fc.asyncProperty(value, async (each) => {
          await replaceListed(folder, name, JSON.stringify(each));
          await endsWell(() => readCheckpoint(folder));
        }),
        cases(200, 5),
      );
      await replaceListed(folder, name, whole);
    }
    await readCheckpoint(folder);
  });
});
