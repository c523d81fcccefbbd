/**
 * Generates docs/kernels.md from the registry of lowerings. To update it:
 * `npx vitest run test/core/jit/kernel-table.test.ts -u`.
 */
import path from "node:path";
import { expect, test } from "vitest";
import {
  binaryKernels,
  comparisonKernels,
  reductionKernels,
  tracedKernels,
  unaryKernels,
} from "../../../src/core/jit/kernels.js";
import { lowerings } from "../../../src/core/jit/lowerings.js";
import * as tf from "../../../src/core/tfjs/index.js";

/** Limits of a lowering; `compile.test.ts` asserts that calls beyond them are refused. */
const limits: Readonly<Record<string, string>> = {
  BatchMatMul: "both inputs must have the same rank",
  GatherV2: "no batch dimensions",
  Slice: "a slice of rows must start at row 0",
};

/** TF.js functions whose names differ from their kernel's. */
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
    ["element-wise, one input", unaryKernels],
    ["element-wise, two inputs with broadcasting", binaryKernels],
    ["comparison and logic", comparisonKernels],
    ["reduction over axes", reductionKernels],
  ];
  const grouped = new Set(groups.flatMap(([, names]) => names));
  const rest = tracedKernels.filter((name) => !grouped.has(name));
  const cell = (name: string): string => {
    const said = [functions[name], limits[name]].filter((text) => text !== undefined).join("; ");
    return said === "" ? `\`${name}\`` : `\`${name}\` (${said})`;
  };
  const rows = [...groups, ["shapes, products, selection and gradients", rest] as const].map(
    ([kind, names]) => `| ${kind} | ${[...names].sort().map(cell).join(", ")} |`,
  );
  const all = [...new Set(tf.getKernelsForBackend("cpu").map(({ kernelName }) => kernelName))].sort();
  const missing = all.filter((name) => !tracedKernels.includes(name));
  return [
    "# Supported TF.js kernels",
    "",
    'The compiled engine supports the TF.js kernels in this table. It also supports functions that are built from them, such as `tf.squeeze`, `tf.logSumExp` and `tf.norm`. Any other call is refused with its line. `engine: "wasm"`, `"cpu"` and `"tfjs-node"` run every kernel. `test/core/jit/kernel-table.test.ts` generates this page from the registry of lowerings.',
    "",
    "| | kernels |",
    "|---|---|",
    ...rows,
    "",
    `Not supported: ${missing.map((name) => `\`${name}\``).join(", ")}.`,
    "",
  ].join("\n");
}

test("docs/kernels.md lists the kernels that are lowered, and those that are not", async () => {
  await expect(kernelTable()).toMatchFileSnapshot(path.resolve(__dirname, "..", "..", "..", "docs", "kernels.md"));
});

test("every kernel that is traced is lowered, or becomes others that are", () => {
  const becomeOthers = ["AddN", "ExpandDims", "Fill", "Identity", "OnesLike", "Pack", "Unpack", "ZerosLike"];
  expect(tracedKernels.filter((name) => !Object.hasOwn(lowerings, name))).toEqual(becomeOthers);
  expect(Object.keys(limits).every((name) => tracedKernels.includes(name))).toBe(true);
});
