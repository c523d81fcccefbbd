/** The numbers of TorchEasyRec's own modules, on each engine. Tolerances are those of `shared/golden/README.md`. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkModelCase, type ModelCase } from "../../../parity/model-case.js";
import type { ParityOptions } from "../../../parity/run-case.js";
import type { EngineName } from "../../../src/core/engine/engine.js";
import { tfjsNodeProblem } from "../../../src/core/engine/tfjs-node.js";
import { hasShared, sharedPath } from "../../shared.js";

const cases: readonly ModelCase[] = hasShared
  ? JSON.parse(readFileSync(sharedPath("golden", "pepnet.json"), "utf8")).cases
  : [];

/** The checks that fail, with how many times the tolerance they are off. */
async function beyond(golden: ModelCase, options: ParityOptions): Promise<Record<string, number>> {
  const checks = await checkModelCase(golden, options);
  expect(checks.length).toBeGreaterThan(30);
  return Object.fromEntries(checks.filter(({ share }) => !(share <= 1)).map(({ name, share }) => [name, share]));
}

/** tfjs-node where `npm run tfjs-node` has built it, as CI does. */
const here = (engine: EngineName) => hasShared && (engine !== "tfjs-node" || tfjsNodeProblem() === null);

for (const engine of ["compiled", "cpu", "wasm", "tfjs-node"] as const) {
  describe.skipIf(!here(engine))(`golden cases on the ${engine} engine`, () => {
    test.each(cases)("$name: predictions, losses, gradients and a step of Adam are TorchEasyRec's", async (golden) => {
      expect(await beyond(golden, { engine })).toEqual({});
    });
    test.each(cases)("$name: every tower on every row gives the same numbers", async (golden) => {
      expect(await beyond(golden, { engine, savings: false })).toEqual({});
    });
    // wasm has no kernel that sums by domain; only the compiled engine computes chunks outside of tests.
    if (engine === "wasm") return;
    test.each(cases)("$name: towers in chunks of rows give the same numbers", async (golden) => {
      expect(await beyond(golden, { engine, chunkRows: 2 })).toEqual({});
    });
  });
}
