/** An exported model predicts what its run does. Its own tests, in test/serve, are slow. */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { loadModel } from "../../src/index.js";
import { everyFeature, rowsOfEveryKind } from "../core/serve/models.js";

it("an exported model of every kind of feature predicts what its run does", async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-served-"));
  const run = await everyFeature.fit(rowsOfEveryKind(600, 1), { validation: null, steps: 10, quiet: true });
  try {
    await run.export(folder);
    const served = await loadModel(folder);
    const fresh = rowsOfEveryKind(300, 2);
    const [here, there] = [await (await run.predict(fresh)).toRows(), await (await served.predict(fresh)).toRows()];
    expect(there.length).toBe(300);
    for (const [row, predicted] of there.entries()) {
      expect(Object.keys(predicted)).toEqual(Object.keys(here[row]!));
      const [ours, theirs] = [here[row]!, predicted].map((values) => Object.values(values).flat().map(Number));
      for (const [at, value] of ours!.entries()) expect(theirs![at]).toBeCloseTo(value, 4);
    }
    await served.dispose();
  } finally {
    await run.dispose();
    await rm(folder, { recursive: true });
  }
});
