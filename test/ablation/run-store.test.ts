/** What a study keeps on disk is used only where it is what was written. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runStore } from "../../src/ablation/runs/run-store.js";

const folder = mkdtempSync(path.join(tmpdir(), "pepnet-run-store-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("a kept plan of seeds", () => {
  it("comes back", () => {
    runStore(folder).writePlan("kept", [[1, 2], [3]]);
    expect(runStore(folder).readPlan("kept")).toEqual([[1, 2], [3]]);
  });

  it.each(["null", "{}", "3", "[1]", "[null]", '[["1"]]', "[[1.5]]", "[[null]]", '{"length":1}', "[", ""])(
    "that says %j is as if it were not there",
    (text) => {
      writeFileSync(path.join(folder, "damaged.plan.json"), text);
      expect(runStore(folder).readPlan("damaged")).toBeNull();
    },
  );
});
