import { describe, expect, test } from "vitest";
import { openTable } from "../../../src/core/data/table/open.js";
import { split } from "../../../src/core/data/table/split.js";
import { DataError } from "../../../src/core/errors/index.js";
import { exactAuc } from "../../../src/core/metrics/auc.js";
import type { TaobaoOptions } from "../../../src/core/samples/generate/settings.js";
import { type TaobaoLog, taobaoLike } from "../../../src/core/samples/generate/taobao.js";

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

  test("domains differ in one thing alone where that is asked for", () => {
    const of = (domainEffect: TaobaoOptions["domainEffect"]) => taobaoLike({ rows: 4000, seed: 7, domainEffect });
    expect(of({}).arrays).toEqual(of(0).arrays);
    expect(of({ category: 2, brand: 2, price: 2, rate: 2 }).arrays).toEqual(of(2).arrays);
    expect(of({ price: 1 }).oracle[0]!.overall).toBeGreaterThan(of(0).oracle[0]!.overall!);
    expect(() => of({ prize: 1 } as never)).toThrow(/expected: one of "category", "brand", "price", "rate"/);
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

describe("what can be asked for", () => {
  const small = { rows: 20_000, seed: 5, users: 300, ads: 200 };

  test("more tasks, each within clicks and with a taste of its own, change nothing about those before", () => {
    const two = taobaoLike(small);
    const five = taobaoLike({ ...small, tasks: 5, truth: true });
    expect(five.table.names.slice(17)).toEqual([
      "clk",
      "buy",
      "cart",
      "fav",
      "share",
      "p_clk",
      "p_buy",
      "p_cart",
      "p_fav",
      "p_share",
    ]);
    for (const name of ["clk", "buy"]) expect(ints(five, name)).toEqual(ints(two, name));
    expect(ints(five, "fav").every((kept, row) => kept <= (ints(five, "clk")[row] as number))).toBe(true);
    expect(ints(five, "fav")).not.toEqual(ints(five, "cart"));
    expect(taobaoLike({ ...small, tasks: 1 }).table.has("buy")).toBe(false);
  });

  test("the oracle is the AUC of the truth, by task and domain, and no other scores do better", () => {
    const log = taobaoLike({ ...small, domains: 4 });
    expect(log.oracle.map(({ label, within, domains }) => [label, within, domains.length])).toEqual([
      ["clk", null, 4],
      ["buy", "clk", 4],
    ]);
    const clk = Float32Array.from(ints(log, "clk"));
    const best = log.oracle[0]?.overall as number;
    expect(best).toBe(exactAuc(log.truth.clk, clk));
    const worse = log.truth.clk.map((chance, row) => chance + (row % 7) / 40);
    expect(exactAuc(worse, clk)).toBeLessThan(best);
    expect(best).toBeGreaterThan(0.6);
  });

  test("noise lowers the best AUC, keeps the rate, and the probabilities stay true", () => {
    const clear = taobaoLike(small);
    const noisy = taobaoLike({ ...small, noise: 3 });
    expect(noisy.oracle[0]?.overall as number).toBeLessThan((clear.oracle[0]?.overall as number) - 0.05);
    expect(share(ints(noisy, "clk"))).toBeCloseTo(share(ints(clear, "clk")), 1);
    const high = Array.from(noisy.truth.clk.keys()).filter((row) => (noisy.truth.clk[row] as number) > 0.35);
    const stated = share(high.map((row) => noisy.truth.clk[row] as number));
    expect(Math.abs(stated - share(high.map((row) => ints(noisy, "clk")[row] as number)))).toBeLessThan(0.03);
  });

  test("the strength of domains: none, and each domain likes the same; more, and the oracle gains", () => {
    const aucs = [0, 1, 2].map((domainEffect) => taobaoLike({ ...small, domainEffect }).oracle[0]?.overall as number);
    expect(aucs[0]).toBeLessThan(aucs[1] as number);
    expect(aucs[1]).toBeLessThan(aucs[2] as number);
  });

  test("cold users come in the last tenth only, which is the newest by the log's time", async () => {
    const log = taobaoLike({ ...small, coldUsers: 0.2 });
    const users = ints(log, "user_id");
    const first = users.findIndex((user) => user >= 240);
    expect(first).toBeGreaterThanOrEqual(18_000);
    expect(share(Array.from(users.slice(18_000), (user) => (user >= 240 ? 1 : 0)))).toBeCloseTo(0.2, 1);
    const { train, test: held } = await split(log.table, { train: 9, test: 1 }, { by: { time: "time_stamp" } });
    expect(Math.max(...((await train.column("user_id")) as number[]))).toBeLessThan(240);
    expect(held.rows).toBeCloseTo(2000, -2);
  });

  test("what makes no sense is refused, all at once", () => {
    const wrong = { rows: 0, tasks: 0, coldUsers: 1, noise: -1, clickRate: 2 };
    expect(() => taobaoLike(wrong)).toThrow(/rows[\s\S]*tasks[\s\S]*clickRate[\s\S]*coldUsers[\s\S]*noise/);
  });
});

describe("danfo", () => {
  test("makes a frame of the columns, which opens as the same table", async () => {
    const { DataFrame } = await import("danfojs-node");
    const small = taobaoLike({ rows: 50, seed: 1 });
    const frame = new DataFrame(small.columns as never);
    expect(frame.shape).toEqual([50, 19]);
    expect(await (await openTable(frame as never)).toColumns()).toEqual(await small.table.toColumns());
  });
});
