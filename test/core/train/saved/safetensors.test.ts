import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { decodeSafetensors } from "../../../../src/core/train/saved/safetensors.js";
import { hasShared, sharedPath } from "../../../shared.js";
import { encodeSafetensors } from "./encoded.js";

const weights = new Map([
  ["b.weight", { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
  ["a.bias", { shape: [1], data: Float32Array.of(-1) }],
]);

describe("safetensors", () => {
  it("gives back what was written, names with any letters included", () => {
    const named = new Map([...weights, ["é", { shape: [0], data: new Float32Array(0) }]]);
    for (const bytes of [encodeSafetensors(named), encodeSafetensors(named, { note: "ü" })]) {
      expect(Object.fromEntries(decodeSafetensors(bytes))).toEqual(Object.fromEntries(named));
      expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
    }
  });

  it.each([4, 30, 90])("refuses a file cut after %i bytes", (length) => {
    expect(() => decodeSafetensors(encodeSafetensors(weights).slice(0, length), "w.safetensors")).toThrow(
      /w\.safetensors: not a complete safetensors file/,
    );
  });

  const values = [0, -0, 1, -2.5, 65504, 2 ** -24, -(2 ** -14), Number.POSITIVE_INFINITY, Number.NaN];
  it.each([
    ["F16", [0x0000, 0x8000, 0x3c00, 0xc100, 0x7bff, 0x0001, 0x8400, 0x7c00, 0x7e00], values],
    [
      "BF16",
      [0x0000, 0x8000, 0x3f80, 0xc020, 0x477f, 0x3380, 0xb880, 0x7f80, 0x7fc0],
      values.map((value) => (value === 65504 ? 65280 : value)),
    ],
  ])("reads %s as the same numbers in float32", (dtype, bits, expected) => {
    const entry = { dtype, shape: [3, 3], data_offsets: [0, 18] };
    const head = Buffer.from(JSON.stringify({ "model.table.weight": entry }));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(head.byteLength));
    const bytes = Buffer.concat([length, head, new Uint8Array(Uint16Array.from(bits).buffer)]);
    const read = decodeSafetensors(bytes).get("model.table.weight")!;
    expect(read.shape).toEqual([3, 3]);
    expect([...read.data]).toEqual(expected);
  });

  it("says that another type is one, and not damage", () => {
    const text = Buffer.from(encodeSafetensors(weights)).toString("latin1").replace('"F32"', '"F64"');
    expect(() => decodeSafetensors(Buffer.from(text, "latin1"), "w.safetensors")).toThrow(
      /w\.safetensors: weights of this type are not supported\n {2}received: tensor "a\.bias" of type F64/,
    );
  });

  it.skipIf(!hasShared)("reads the weights of a real TorchEasyRec run", async () => {
    const read = decodeSafetensors(await readFile(sharedPath("golden/whole-run/init.safetensors")));
    expect(read.get("model._task_tower.0.linear.weight")?.shape).toEqual([1, 32]);
  });
});
