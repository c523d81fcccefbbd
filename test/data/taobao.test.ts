/** The generated log: the same for a seed, shaped like the real one, and true to the probabilities it states. */
import { describe, expect, test } from "vitest";
import { type TaobaoLog, taobaoLike } from "../../src/data/generate/taobao.js";
import { openTable } from "../../src/data/open.js";
import { split } from "../../src/data/split.js";
import { DataError } from "../../src/errors/index.js";

const log = taobaoLike({ rows: 60_000, seed: 7, truth: true });
const ints = (from: TaobaoLog, name: string): Int32Array => from.arrays[name] as Int32Array;
const share = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

describe("taobaoLike", () => {
  test("the same seed gives the same rows, another seed others", () => {
    const again = taobaoLike({ rows: 60_000, seed: 7 });
    for (const [name, values] of Object.entries(again.arrays)) expect(log.arrays[name]).toEqual(values);
    expect(ints(taobaoLike({ rows: 1000, seed: 8 }), "clk")).not.toEqual(ints(log, "clk").slice(0, 1000));
  });

  test("has the columns of the sample, every id within its size", async () => {
    const names = `user_id cms_segid cms_group_id age_level pvalue_level shopping_level occupation new_user_class_level
      adgroup_id cate_id campaign_id customer brand pid tag_category_list tag_brand_list price clk buy p_clk p_buy`;
    expect(log.table.names).toEqual(names.split(/\s+/));
    for (const [name, size] of Object.entries(log.sizes)) {
      const values = ints(log, name);
      expect([name, values.every((id) => id >= 0 && id < size)]).toEqual([name, true]);
    }
    expect(new Set(ints(log, "occupation")).size).toBe(3);
  });

  test("purchases happen only after clicks, at about the rates asked for", () => {
    const clk = ints(log, "clk");
    const buy = ints(log, "buy");
    expect(buy.every((bought, row) => bought <= (clk[row] as number))).toBe(true);
    expect(share(clk)).toBeCloseTo(0.28, 1);
    expect(share(buy) / share(clk)).toBeCloseTo(0.3, 1);
  });

  test("the stated probabilities are those of the labels: calibrated in every tenth", () => {
    const order = Array.from(log.truth.clk.keys()).sort(
      (a, b) => (log.truth.clk[a] as number) - (log.truth.clk[b] as number),
    );
    for (let tenth = 0; tenth < 10; tenth++) {
      const rows = order.slice(tenth * 6000, (tenth + 1) * 6000);
      const stated = share(rows.map((row) => log.truth.clk[row] as number));
      const observed = share(rows.map((row) => ints(log, "clk")[row] as number));
      expect(Math.abs(stated - observed)).toBeLessThan(0.025);
    }
  });

  test("an ad has one category, brand, campaign, customer and price; a user one occupation and one tag list", () => {
    for (const [key, ...owned] of [
      ["adgroup_id", "cate_id", "brand", "campaign_id", "customer", "price"],
      ["user_id", "occupation", "age_level", "tag_category_list"],
    ]) {
      for (const name of owned) {
        const held = new Map<unknown, unknown>();
        const keys = log.arrays[key as string] as ArrayLike<unknown>;
        const values = log.arrays[name] as ArrayLike<unknown>;
        let others = 0;
        for (let row = 0; row < log.rows; row++) {
          if (!held.has(keys[row])) held.set(keys[row], values[row]);
          else if (held.get(keys[row]) !== values[row]) others += 1;
        }
        expect([name, others]).toEqual([name, 0]);
      }
    }
  });

  test("domains like different things, unless told not to", () => {
    // Spread, over domains, of the mean true click probability of one category.
    const spread = (from: TaobaoLog): number => {
      const sums = Array.from({ length: 3 }, () => new Float64Array(48));
      const counts = Array.from({ length: 3 }, () => new Float64Array(48));
      for (let row = 0; row < from.rows; row++) {
        const domain = ints(from, "occupation")[row] as number;
        const category = ints(from, "cate_id")[row] as number;
        sums[domain]![category]! += from.truth.clk[row] as number;
        counts[domain]![category]! += 1;
      }
      const ranges = Array.from({ length: 48 }, (_, category) => {
        const means = sums.map(
          (sum, domain) => (sum[category] as number) / Math.max(1, counts[domain]![category] as number),
        );
        return Math.max(...means) - Math.min(...means);
      });
      return share(ranges);
    };
    const alike = taobaoLike({ rows: 60_000, seed: 7, domainEffect: 0 });
    expect(spread(log)).toBeGreaterThan(2 * spread(alike));
  });

  test("splits carry the truth along, and a frame or a table takes the columns", async () => {
    const { test: held } = await split(log.table, { train: 8, test: 2 });
    const columns = await held.read(["user_id", "p_clk"]);
    expect(columns.get("p_clk")).toMatchObject({ kind: "number", type: "float" });
    expect((await openTable(log.arrays)).rows).toBe(60_000);
  });

  test("sizes that make no sense are refused", () => {
    expect(() => taobaoLike({ rows: 0 })).toThrow(DataError);
    expect(() => taobaoLike({ rows: 10, clickRate: 1 })).toThrow(/clickRate/);
  });
});

describe("danfo", () => {
  test("makes a frame of the columns, which opens as the same table", async () => {
    const { DataFrame } = await import("danfojs-node");
    const small = taobaoLike({ rows: 50, seed: 1 });
    const frame = new DataFrame(small.columns as never);
    expect(frame.shape).toEqual([50, 19]);
    expect(await (await openTable(frame as never)).toColumns()).toEqual(await small.table.toColumns());
  }, 60_000);
});
