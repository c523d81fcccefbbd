/**
 * docs/kernels.md, written from the registry of lowerings, so that it says what is so. After a change:
 * `npx vitest run test/jit/kernel-table.test.ts -u`.
 */
import path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { tracedKernels } from "../../src/jit/index.js";
import { lowerings } from "../../src/jit/lowering/lowerings.js";
import { binaryKernels, comparisonKernels, reductionKernels, unaryKernels } from "../../src/jit/trace/kernels.js";

/** What a lowering does not take; `compile.test.ts` asserts that these are refused. */
const limits: Readonly<Record<string, string>> = {
  BatchMatMul: "both of the same rank",
  GatherV2: "no batch dimensions",
  Slice: "over rows only from the first row on",
};

/** The functions of TF.js that call a kernel of another name. */
const functions: Readonly<Record<string, string>> = {
  BatchMatMul: "tf.matMul, tf.dot",
  ClipByValue: "tf.clipByValue",
  ExpandDims: "tf.expandDims",
  GatherV2: "tf.gather",
  Identity: "clone, tf.identity",
  Multiply: "tf.mul",
  PadV2: "tf.pad",
  RealDiv: "tf.div",
  Select: "tf.where",
  Pack: "tf.stack",
  SplitV: "tf.split",
  Unpack: "tf.unstack",
  UnsortedSegmentSum: "tf.unsortedSegmentSum, the gradient of tf.gather",
};

function kernelTable(): string {
  const groups: [string, readonly string[]][] = [
    ["element by element", unaryKernels],
    ["of two, element by element, with broadcasting", binaryKernels],
    ["comparisons and logic", comparisonKernels],
    ["over axes", reductionKernels],
  ];
  const grouped = new Set(groups.flatMap(([, names]) => names));
  const rest = tracedKernels.filter((name) => !grouped.has(name));
  const cell = (name: string): string => {
    const said = [functions[name], limits[name]].filter((text) => text !== undefined).join("; ");
    return said === "" ? `\`${name}\`` : `\`${name}\` (${said})`;
  };
  const rows = [...groups, ["shapes, products, choices and gradients", rest] as const].map(
    ([kind, names]) => `| ${kind} | ${[...names].sort().map(cell).join(", ")} |`,
  );
  const all = [...new Set(tf.getKernelsForBackend("cpu").map(({ kernelName }) => kernelName))].sort();
  const missing = all.filter((name) => !tracedKernels.includes(name));
  return [
    "# Kernels of TF.js that can be compiled",
    "",
    'Written by `test/jit/kernel-table.test.ts` from the registry of lowerings. Functions of TF.js that consist of these (`tf.squeeze`, `tf.logSumExp`, `tf.norm` and many more) compile as well. A call of anything else is refused with the line it stands on; `engine: "wasm"`, `"cpu"` and `"tfjs-node"` run it as it is.',
    "",
    "| | kernels |",
    "|---|---|",
    ...rows,
    "",
    `Not among them: ${missing.map((name) => `\`${name}\``).join(", ")}.`,
    "",
  ].join("\n");
}

test("docs/kernels.md lists the kernels that are lowered, and those that are not", async () => {
  await expect(kernelTable()).toMatchFileSnapshot(path.resolve(__dirname, "..", "..", "docs", "kernels.md"));
});

test("every kernel that is traced is lowered, or becomes others that are", () => {
  const becomeOthers = ["AddN", "ExpandDims", "Fill", "Identity", "OnesLike", "Pack", "Unpack", "ZerosLike"];
  expect(tracedKernels.filter((name) => !Object.hasOwn(lowerings, name))).toEqual(becomeOthers);
  expect(Object.keys(limits).every((name) => tracedKernels.includes(name))).toBe(true);
});
