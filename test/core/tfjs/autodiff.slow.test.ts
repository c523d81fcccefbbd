/** TF.js's gradients and tensor methods, which Node cannot load from the core. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { bundleAutodiff } from "../../../scripts/tfjs-autodiff.mjs";
import * as tf from "../../../src/core/tfjs/index.js";

const root = path.resolve(__dirname, "../../..");
const core = path.join(root, "node_modules/@tensorflow/tfjs-core/dist");

function textsBelow(folder: string): string[] {
  const names = readdirSync(path.join(core, folder)).filter((name) => name.endsWith(".js"));
  return names.map((name) => readFileSync(path.join(core, folder, name), "utf8"));
}

const captures = (texts: readonly string[], pattern: RegExp): string[] =>
  texts.flatMap((text) => [...text.matchAll(pattern)].map(([, name]) => name!));

test("dist/core/tfjs/autodiff.cjs is the bundle of this version of TF.js", async () => {
  const written = readFileSync(path.join(root, "dist/core/tfjs/autodiff.cjs"), "utf8");
  expect(await bundleAutodiff()).toBe(written);
});

describe("all of the core's are there", () => {
  test("gradients", () => {
    const kernels = captures(textsBelow("gradients"), /^ {4}kernelName: (\w+),/gm);
    expect(kernels.length).toBeGreaterThan(80);
    const names = tf as unknown as Readonly<Record<string, string>>;
    expect(kernels.filter((kernel) => tf.getGradient(names[kernel]!) === undefined)).toEqual([]);
  });

  test("methods of tensors", () => {
    const methods = captures(textsBelow("public/chained_ops"), /prototype\.(\w+) =/g);
    expect(methods.length).toBeGreaterThan(120);
    expect(methods.filter((name) => !(name in tf.Tensor.prototype))).toEqual([]);
  });

  test("a gradient through operations that the core does not export", () => {
    const image = tf.ones<tf.Rank.R4>([1, 4, 4, 1]);
    const derivative = tf.grad((x) => tf.avgPool(x as tf.Tensor4D, 2, 2, "valid").sum())(image);
    expect([...derivative.dataSync()]).toEqual(Array(16).fill(0.25));
  });
});
