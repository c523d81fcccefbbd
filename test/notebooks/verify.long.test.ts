/** The committed quickstart against a new run of it: a change that moves its outputs must come with the notebook. */
import path from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../src/core/util/files/package-root.js";
import { verifyNotebook } from "../../src/kernel/notebook/verify.js";

it("quickstart.ipynb holds what it gives today (else: npx pepnet notebook run notebooks/quickstart.ipynb)", async () => {
  // Another processor adds numbers in another order, which training makes larger.
  const result = await verifyNotebook(path.join(packageRoot, "notebooks", "quickstart.ipynb"), { tolerance: 0.02 });
  expect(result.cells.flatMap(({ cell, differences }) => differences.map((each) => ({ cell, ...each })))).toEqual([]);
  expect(result.ok).toBe(true);
}, 300_000);
