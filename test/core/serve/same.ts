/** Compares predictions, and finds a Python that serves. */
import { execFileSync } from "node:child_process";
import { expect } from "vitest";
import { python } from "../../kernel/python.js";

/** Whether the tests' Python has onnxruntime. */
export const servingPython: string | null = python !== null && hasOnnxruntime(python) ? python : null;

function hasOnnxruntime(command: string): boolean {
  try {
    execFileSync(command, ["-c", "import onnxruntime, numpy"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Columns by name. */
export type Named = Readonly<Record<string, ArrayLike<unknown>>>;

/** Within 1e-5. */
export function expectSame(found: Named, expected: Named): void {
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, values] of Object.entries(expected)) {
    const [a, b] = [found[name] as ArrayLike<unknown>, values].map((list) =>
      Array.from(list, (value) => (typeof value === "number" ? value : Array.from(value as Float32Array))).flat(),
    );
    expect(a?.length, name).toBe(b?.length);
    const furthest = (a as number[]).reduce(
      (most, value, at) => Math.max(most, Math.abs(value - (b as number[])[at]!)),
      0,
    );
    expect(furthest, name).toBeLessThanOrEqual(1e-5);
  }
}
