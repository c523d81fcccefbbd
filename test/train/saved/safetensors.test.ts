import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors } from "../../../src/train/saved/safetensors.js";
import { hasShared, sharedPath } from "../../shared.js";

const weights = new Map([
  ["b.weight", { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
  ["a.bias", { shape: [1], data: Float32Array.of(-1) }],
]);

describe("safetensors", () => {
  it("gives back what was written, names with any letters included", () => {
    const named = new Map([...weights, ["é", { shape: [0], data: new Float32Array(0) }]]);
    const bytes = encodeSafetensors(named, { note: "ü" });
    expect(Object.fromEntries(decodeSafetensors(bytes))).toEqual(Object.fromEntries(named));
    expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
  });

  it.each([4, 30, 90])("refuses a file cut after %i bytes", (length) => {
    expect(() => decodeSafetensors(encodeSafetensors(weights).slice(0, length), "w.safetensors")).toThrow(
      /w\.safetensors: not a complete safetensors file/,
    );
  });

  it("says that another type is one, and not damage", () => {
    const text = Buffer.from(encodeSafetensors(weights)).toString("latin1").replace('"F32"', '"F16"');
    expect(() => decodeSafetensors(Buffer.from(text, "latin1"), "w.safetensors")).toThrow(
      /w\.safetensors: weights of this type are not supported\n {2}received: tensor "a\.bias" of type F16/,
    );
  });

  it.skipIf(!hasShared)("reads the weights of a real TorchEasyRec run", async () => {
    const read = decodeSafetensors(await readFile(sharedPath("golden/whole-run/init.safetensors")));
    expect(read.get("model._task_tower.0.linear.weight")?.shape).toEqual([1, 32]);
  });
});
