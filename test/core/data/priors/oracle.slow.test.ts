/** 15 random logs against the definition in Python; shuffled labels; and states against replays. */
import { describe, expect, test } from "vitest";
import { exactAuc } from "../../../../src/core/metrics/auc.js";
import { random } from "../../../../src/core/util/random.js";
import { dataset } from "../../../../src/index.js";
import { python } from "../../../kernel/python.js";
import { compareWithPython } from "./python-oracle.js";

test.skipIf(python === null)(
  "no cell of 15 random logs differs from a program in Python, read twice",
  { timeout: 900_000 },
  async () => {
    const cells = await compareWithPython(Array.from({ length: 15 }, (_, index) => 1000 + index));
    expect(cells).toBeGreaterThan(37_000);
  },
);

describe("labels shuffled within their time", () => {
  /** The AUC of a column, in standard errors from 0.5. */
  function distance(column: readonly number[], labels: readonly number[]): number {
    const positives = labels.reduce((sum, label) => sum + label, 0);
    const negatives = labels.length - positives;
    const error = Math.sqrt((positives + negatives + 1) / (12 * positives * negatives));
    return Math.abs(exactAuc(column, labels)! - 0.5) / error;
  }

  test("leave nothing to rank by, in 100 of 100 logs, and counts of the row itself would show", {
    timeout: 900_000,
  }, async () => {
    let worst = 0;
    let leaking = Number.POSITIVE_INFINITY;
    for (let seed = 0; seed < 100; seed++) {
      const source = random(seed).fork("shuffled");
      const rows = 2000;
      const columns = {
        user_id: Array.from({ length: rows }, () => source.integer(150)),
        scene: Array.from({ length: rows }, () => source.integer(4)),
        ts: Array.from({ length: rows }, () => 1_600_000_000 + 3600 * source.integer(200)),
        // The same rate at all times: shuffling them is drawing them.
        click: Array.from({ length: rows }, () => Number(source.uniform() < 0.3)),
      };
      const by = ["user_id", ["user_id", "scene"]] as const;
      const result = await (await dataset(columns, { time: "ts" })).priors(["click"], { by, delay: "0s" });
      const added = await result.toColumns();
      for (const name of ["user_id_click_rate", "user_id_scene_click_rate", "user_id_click_n"] as const) {
        worst = Math.max(worst, distance(added[name], columns.click));
      }
      const withItself = added.user_id_click_rate.map((rate, row) => {
        const n = added.user_id_click_n[row]!;
        return (rate * (n + 16) + columns.click[row]!) / (n + 17);
      });
      leaking = Math.min(leaking, distance(withItself, columns.click));
    }
    // The largest of 300 standard normals is below 4.2 in 99% of cases.
    expect(worst).toBeLessThan(4.2);
    expect(leaking).toBeGreaterThan(4.2);
  });
});
