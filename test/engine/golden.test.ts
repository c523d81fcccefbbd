/** The numbers of TorchEasyRec's own modules, on each engine. Tolerances are those of `shared/golden/README.md`. */
import { describe, expect, test } from "vitest";
import type { EngineName } from "../../src/engine/engine.js";
import { runParityCase } from "../../src/engine/parity.js";
import { hasShared } from "../shared.js";
import { type GoldenCase, goldenCases, parityCase } from "./golden-case.js";

const engines: readonly EngineName[] = (process.env.PEPNET_TEST_ENGINES?.split(",") as EngineName[]) ?? [
  "compiled",
  "cpu",
  "wasm",
];

/** How far `actual` lies beyond |a − b| ≤ 1e-5 · max|expected| + 1e-7; at most 1 passes. */
function excess(
  actual: Float32Array | undefined,
  expected: readonly number[],
  keep: (index: number) => boolean = () => true,
): number {
  if (actual === undefined || actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  const limit = 1e-5 * expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) + 1e-7;
  let worst = 0;
  expected.forEach((value, i) => {
    const off = Math.abs((actual[i] as number) - value) / limit;
    if (keep(i) && !(off <= worst)) worst = off;
  });
  return worst;
}

const flat = (tensor: { data: readonly number[] } | number): number[] =>
  typeof tensor === "number" ? [tensor] : [tensor.data].flat();

async function compare(golden: GoldenCase, engine: EngineName, savings: boolean): Promise<Record<string, number>> {
  const result = await runParityCase(parityCase(golden), { engine, savings });
  const beyond: Record<string, number> = {};
  const check = (name: string, value: number) => {
    if (!(value <= 1)) beyond[name] = value;
  };
  for (const [name, tensor] of Object.entries(golden.predictions))
    check(`predictions.${name}`, excess(result.predictions[name], flat(tensor)));
  for (const [name, loss] of Object.entries(golden.losses))
    check(`losses.${name}`, excess(Float32Array.of(result.losses[name] ?? Number.NaN), [loss]));
  check("total_loss", excess(Float32Array.of(result.totalLoss), [golden.total_loss]));
  for (const [name, tensor] of Object.entries(golden.grads.params)) {
    check(`grads.${name}`, excess(result.parameterGradients[`model.${name}`], flat(tensor)));
  }
  for (const [name, tensor] of Object.entries(golden.grads.inputs))
    check(`grads.inputs.${name}`, excess(result.inputGradients[name], flat(tensor)));
  for (const [name, tensor] of Object.entries(golden.adam_step.params_after)) {
    const gradient = flat(golden.grads.params[name] as { data: readonly number[] });
    const large = (i: number) => Math.abs(gradient[i] as number) >= 1e-6;
    check(`adam_step.${name}`, excess(result.adamStep[`model.${name}`], flat(tensor), large));
  }
  for (const [name, tensor] of Object.entries(golden.buffers_after ?? {})) {
    check(`buffers_after.${name}`, excess(result.buffersAfter[`model.${name}`], flat(tensor)));
  }
  return beyond;
}

describe.skipIf(!hasShared).each(engines)("golden cases on the %s engine", (engine) => {
  for (const golden of hasShared ? goldenCases() : []) {
    test(`${golden.name}: predictions, losses, gradients and a step of Adam are TorchEasyRec's`, async () => {
      expect(await compare(golden, engine, true)).toEqual({});
    });
    test(`${golden.name}: every tower on every row gives the same numbers`, async () => {
      expect(await compare(golden, engine, false)).toEqual({});
    });
  }
});
