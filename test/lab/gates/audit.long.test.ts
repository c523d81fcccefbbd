import { expect, it } from "vitest";
import { falseAlarms, missedFaults } from "./audited.js";
import { trainedImportance } from "./null-importance.js";

it("a hundred sound models raise no alarm", { timeout: 3_600_000 }, async () => {
  expect(await falseAlarms(Array.from({ length: 100 }, (_, at) => at + 1))).toEqual([]);
});

it("of a hundred planted faults at least 96 are found and named", { timeout: 3_600_000 }, async () => {
  const all = [await missedFaults(1), await missedFaults(2), await missedFaults(3), await missedFaults(5, true)];
  expect(all.reduce((sum, { planted }) => sum + planted, 0)).toBeGreaterThanOrEqual(100);
  expect(all.flatMap(({ missed }) => missed).slice(4)).toEqual([]);
});

it("twenty sound models that were trained longer raise no alarm", { timeout: 3_600_000 }, async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { run } = await trainedImportance(seed);
    expect((await run.audit()).findings, `seed ${seed}`).toEqual([]);
    await run.dispose();
  }
});
