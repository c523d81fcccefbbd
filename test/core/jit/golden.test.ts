/**
 * The lowered graphs of small programs, as texts to read in `golden/`. A change of a lowering shows here; where it is
 * meant, `npx vitest run test/jit/golden.test.ts -u` writes them anew.
 */
import path from "node:path";
import { expect, test } from "vitest";
import { lowerProgram } from "../../../src/core/jit/compile.js";
import { layer } from "../../../src/core/nn/custom-layer.js";
import { programSignature } from "../../../src/core/nn/plan/inputs.js";
import { planModel } from "../../../src/core/nn/plan/plan.js";
import { makeProgram } from "../../../src/core/nn/program.js";
import * as tf from "../../../src/core/tfjs/index.js";
import type { Program, ProgramInput } from "../../../src/core/tfjs/program.js";
import { toyWith } from "../engine/toy.js";
import { graphText } from "./graph-text.js";

const float = (name: string, ...shape: (number | string)[]): ProgramInput => ({ name, dtype: "float32", shape });

/** A scalar of the inputs, with the gradient of each. */
function step(f: (...inputs: tf.Tensor[]) => tf.Tensor, names: readonly string[]): Program {
  return (tensors) => {
    const inputs = names.map((name) => tensors.get(name) as tf.Tensor);
    const { value, grads } = tf.engine().gradients(() => tf.sum(f(...inputs)) as tf.Scalar, inputs, undefined, true);
    return new Map([["loss", value], ...grads.map((g, i): [string, tf.Tensor] => [`grad:${names[i]}`, g])]);
  };
}

const small: [string, Program, readonly ProgramInput[]][] = [
  [
    "linear-relu",
    step(
      (x, w, b) => tf.relu(tf.add(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D, false, true), b as tf.Tensor)),
      ["x", "w", "b"],
    ),
    [float("x", "rows", 3), float("w", 2, 3), float("b", 2)],
  ],
  [
    "gate",
    step((x, g) => tf.mul(tf.mul(tf.sigmoid(g as tf.Tensor), 2), x as tf.Tensor), ["x", "g"]),
    [float("x", "rows", 4), float("g", "rows", 4)],
  ],
  ["softmax", step((x) => tf.mul(tf.softmax(x as tf.Tensor), x as tf.Tensor), ["x"]), [float("x", "rows", 3)]],
  ["fields", step((x) => tf.square(tf.sum(tf.reshape(x as tf.Tensor, [-1, 2, 4]), 1)), ["x"]), [float("x", "rows", 8)]],
];

const golden = (name: string): string => path.join(__dirname, "golden", `${name}.txt`);

test.each(small)("%s", async (name, program, inputs) => {
  await expect(graphText(lowerProgram(program, { inputs }))).toMatchFileSnapshot(golden(name));
});

test.each(["train", "predict"] as const)("a PEPNet of one task and two domains: %s", async (program) => {
  const spec = toyWith({
    ppnet: { ...toyWith({}).ppnet, hidden: [4], dropout: [] },
    domains: { column: "scene", count: 2, names: null },
  });
  const plan = planModel({ ...spec, towers: spec.towers.slice(0, 1).map((t) => ({ ...t, mlp: null })) });
  const signature = programSignature(plan, program);
  await expect(graphText(lowerProgram(makeProgram(plan, program), signature))).toMatchFileSnapshot(
    golden(`pepnet-${program}`),
  );
});

test("a cross layer of one's own before the towers", async () => {
  const cross = layer("cross", {
    parameters: ({ width }) => ({ weight: { shape: [width, 1] } }),
    apply: (x, { weight }) => tf.add(tf.mul(x, tf.matMul(x, weight as tf.Tensor2D)), x),
  });
  const spec = toyWith({ groups: [], ppnet: { ...toyWith({}).ppnet, hidden: [] }, domains: null, layers: [cross] });
  const plan = planModel({ ...spec, towers: spec.towers.slice(0, 1).map((t) => ({ ...t, mlp: null })) });
  const signature = programSignature(plan, "train");
  await expect(graphText(lowerProgram(makeProgram(plan, "train"), signature))).toMatchFileSnapshot(
    golden("cross-layer"),
  );
});
