/** The committed notebooks against new runs of them: a change that moves their outputs must come with the notebooks. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../src/core/util/files/package-root.js";
import { verifyNotebook } from "../../src/kernel/notebook/verify.js";

const folder = path.join(packageRoot, "notebooks");
const notebooks = readdirSync(folder).filter((name) => name.endsWith(".ipynb"));

it.each(notebooks)(
  "%s holds what it gives today (else: npx pepnet notebook run notebooks/…)",
  async (name) => {
    // Another processor adds numbers in another order, which training makes larger.
    const result = await verifyNotebook(path.join(folder, name), { tolerance: 0.02 });
    expect(result.cells.flatMap(({ cell, differences }) => differences.map((each) => ({ cell, ...each })))).toEqual([]);
    expect(result.ok).toBe(true);
  },
  900_000,
);
