/** Models with behaviour sequences or learned embeddings of numbers: TorchEasyRec's numbers on each engine. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkFeatureCase, type FeatureCase } from "../../../parity/features/feature-case.js";
import type { EngineName } from "../../../src/core/engine/engine.js";
import { tfjsNodeProblem } from "../../../src/core/engine/tfjs-node.js";
import { hasShared, sharedPath } from "../../shared.js";

const cases: readonly FeatureCase[] = hasShared
  ? ["sequences.json", "raw_embeddings.json"].flatMap(
      (file) => JSON.parse(readFileSync(sharedPath("golden", file), "utf8")).cases,
    )
  : [];

const here = (engine: EngineName) => hasShared && (engine !== "tfjs-node" || tfjsNodeProblem() === null);

for (const engine of ["compiled", "cpu", "wasm", "tfjs-node"] as const) {
  describe.skipIf(!here(engine))(`features on the ${engine} engine`, () => {
    test.each(cases)(
      "$name: predictions, losses, gradients of tables too, and a step of Adam are TorchEasyRec's",
      async (golden) => {
        const checks = await checkFeatureCase(golden, engine);
        expect(checks.length).toBeGreaterThan(9);
        const beyond = checks.filter(({ share }) => !(share <= 1)).map(({ name, share }) => [name, share]);
        expect(Object.fromEntries(beyond)).toEqual({});
      },
    );
  });
}
