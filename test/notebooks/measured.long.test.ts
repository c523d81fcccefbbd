/** The committed notebooks on two machines: every output is the same, but for what the library marks as measured. */
import path from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/util/files/package-root.js";
import type { Json } from "../../src/core/util/json.js";
import { runNotebook } from "../../src/kernel/notebook/execute.js";
import { verifyNotebook } from "../../src/kernel/notebook/verify.js";
import { machineCell, setMachine, slower, usual } from "../kernel/notebook/machines.js";
import { cell, emptyFolder, open, save } from "../kernel/notebook/notebook-files.js";

/** Few rows, and budgets that the clock cannot reach: a study within a time is not the same on two machines. */
const notebooks: Readonly<Record<string, Record<string, Json>>> = {
  "quickstart.ipynb": { rows: 4000 },
  "first-evening.ipynb": { rows: 6000 },
  "which-domain.ipynb": { rows: 8000, seeds: 2 },
  "days.ipynb": { days: 9, rowsPerDay: 300 },
  "custom-layer.ipynb": { rows: 4000, seeds: 1 },
  "gamma-ablation.ipynb": { rows: 3000, seeds: 2, folder: "nowhere" },
  "from-torcheasyrec.ipynb": { folder: "nowhere" },
  "movielens.ipynb": { folder: "nowhere", seeds: [1] },
};

describe("on a machine that is 60 times slower", () => {
  it.each(Object.entries(notebooks))(
    "%s has the same outputs",
    async (name, parameters) => {
      const folder = emptyFolder();
      const copy = open(path.join(packageRoot, "notebooks", name));
      const file = save(folder, name, { ...copy, cells: [cell(machineCell), ...copy.cells] });
      setMachine(folder, usual);
      expect(await runNotebook(file, { parameters })).toMatchObject({ ok: true });
      setMachine(folder, slower);
      const { cells, ok } = await verifyNotebook(file);
      expect(cells.flatMap(({ source, differences }) => differences.map((each) => ({ source, ...each })))).toEqual([]);
      expect(ok).toBe(true);
    },
    900_000,
  );
});
