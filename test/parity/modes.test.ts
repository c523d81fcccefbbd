/** What columns become under FG_NONE, kind of feature by kind, column type by type: TorchEasyRec's own results. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { passed } from "../../parity/check.js";
import { checkModeCase, checkSizes, hasTable, type ModeEntry } from "../../parity/modes/mode-case.js";
import { hasShared, sharedPath } from "../shared.js";

const entries: readonly ModeEntry[] = hasShared
  ? JSON.parse(readFileSync(sharedPath("golden", "feature_modes.json"), "utf8")).FG_NONE
  : [];
describe.skipIf(!hasShared)("features of encoded columns", () => {
  it("there are many", () => expect(entries.length).toBeGreaterThan(50));

  it.each(entries.map((entry): [string, ModeEntry] => [entry.config.slice(17, -1), entry]))("%s", async (_, entry) => {
    if (hasTable(entry)) expect(checkSizes(entry).filter((check) => check.share > 1)).toEqual([]);
    for (const golden of entry.cases ?? []) {
      const outcome = await checkModeCase(entry, golden);
      const report = { name: "", engine: null, error: null, ...outcome };
      expect(passed(report), `${JSON.stringify(golden.column)} ${JSON.stringify(outcome)}`).toBe(true);
    }
  });

  it("another default or another row fails", async () => {
    const entry = entries.find(({ config }) => config.includes('fg_encoded_default_value: "2"'))!;
    const golden = entry.cases![0]!;
    const other = { ...entry, config: entry.config.replace('default_value: "2"', 'default_value: "1"') };
    const outcome = await checkModeCase(other, golden);
    expect(passed({ name: "", engine: null, error: null, ...outcome })).toBe(false);
  });
});
