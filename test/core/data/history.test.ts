/** Histories never see the future, and negatives are items that the user has no positive row with. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DataError } from "../../../src/core/errors/index.js";
import { type Dataset, dataset } from "../../../src/index.js";

describe("history", () => {
  test("holds the latest earlier items, oldest first; rows at the same time do not see each other", async () => {
    const data = await dataset({
      user: ["a", "b", "a", "a", "a", "b", null],
      item: [1, 2, 3, 4, 5, 6, 7],
      time: [10, 5, 20, 20, 30, 4, 1],
      clk: [1, 0, 1, 0, 1, 1, 1],
    });
    const result = await data.history("item", { by: "user", order: "time", last: 2 });
    expect(await result.table.column("item_history")).toEqual([[], [6], [1], [1], [3, 4], [], []]);
    expect(result.columns.at(-1)).toMatchObject({ name: "item_history", type: "list" });
    expect(result.notes).toEqual(["history: 1 row without user or time have an empty history and are in none"]);
    const clicked = await data.history("item", { by: "user", order: "time", positive: "clk", as: "clicked" });
    expect(await clicked.table.column("clicked")).toEqual([[], [6], [1], [1], [1, 3], [], []]);
    expect((await clicked.where("len(clicked) > 1")).rows).toBe(1);
  });

  test("is the same as the definition, for any rows, in any order of the rows", async () => {
    const row = fc.record({
      user: fc.integer({ min: 0, max: 3 }),
      item: fc.constantFrom("x", "y", "z"),
      day: fc.constantFrom("2024-01-01", "2024-01-02", "2024-02-01"),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 4 }),
        async (rows, last) => {
          const result = await (await dataset(rows)).history("item", { by: "user", order: "day", last });
          const lists = await result.table.column("item_history");
          for (const [at, { user, day }] of rows.entries()) {
            const earlier = rows
              .filter((other) => other.user === user && other.day < day)
              .sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
            expect(lists[at]).toEqual(earlier.slice(-last).map(({ item }) => item));
          }
        },
      ),
      { numRuns: 40, seed: 19 },
    );
  });

  test("refuses unknown columns, lists and times that are no times", async () => {
    const data: Dataset = await dataset({ user: [1], item: [1], tags: [["x"]], when: ["soon"] });
    const problem = async (item: string, order: string) =>
      ((await data.history(item, { by: "user", order }).then(null, (error) => error)) as DataError).problems[0]!;
    expect((await problem("itm", "when")).fix).toContain("item");
    expect((await problem("tags", "user")).message).toBe("is a list column");
    expect((await problem("item", "when")).message).toContain("not a time");
    await expect(data.history("item", { by: "user", order: "user", last: 0 })).rejects.toThrow("an integer ≥ 1");
  });
});

describe("negatives", () => {
  const likes = { user: [1, 1, 2, 3], item: ["a", "b", "c", "a"], hour: [9, 10, 11, 12] };
  const items = { item: ["a", "b", "c", "d", "e", "f"], price: [1, 2, 3, 4, 5, 6] };

  test("follow their positive row, copy its other columns, and are none of the user's positives", async () => {
    const result = await (await dataset(likes)).negatives({ per: 3, user: "user", item: "item", from: items, seed: 5 });
    const rows = await result.toRows();
    expect(rows).toHaveLength(16);
    expect(rows.map(({ label }) => label)).toEqual(likes.user.flatMap(() => [1, 0, 0, 0]));
    expect(rows.map(({ hour }) => hour)).toEqual(likes.hour.flatMap((hour) => [hour, hour, hour, hour]));
    for (let at = 0; at < 16; at += 4) {
      const group = rows.slice(at, at + 4);
      const liked = likes.item.filter((_, row) => likes.user[row] === group[0]!.user);
      const drawn = group.slice(1).map(({ item }) => item);
      expect(new Set(drawn).size).toBe(3);
      expect(drawn.filter((item) => liked.includes(item) || !items.item.includes(item))).toEqual([]);
    }
    expect(result.notes).toEqual([]);
  });

  test("are the same for the same seed, and others for another", async () => {
    const many = {
      user: Array.from({ length: 500 }, (_, row) => row % 50),
      item: Array.from({ length: 500 }, (_, row) => row),
    };
    const drawn = async (seed: number) =>
      (await (await dataset(many)).negatives({ per: 2, user: "user", item: "item", seed })).table.column("item");
    expect(await drawn(1)).toEqual(await drawn(1));
    expect(await drawn(1)).not.toEqual(await drawn(2));
  });

  test("leave rows with label 0 alone; say who got fewer, and which columns belong to the item", async () => {
    const log = await dataset({
      user: [1, 1, 2, 2],
      item: [10, 20, 10, 30],
      title: ["x", "y", "x", "z"],
      click: [1, 0, 1, 1],
    });
    const result = await log.negatives({ per: 2, user: "user", item: "item", label: "click" });
    expect(await result.table.column("click")).toEqual([1, 0, 0, 0, 1, 0, 1, 0]);
    expect(await result.table.column("item")).toEqual([10, expect.any(Number), expect.any(Number), 20, 10, 20, 30, 20]);
    expect(result.notes).toEqual([
      "negatives: 2 positive rows got fewer than 2: their users have positive rows with almost all items",
      expect.stringContaining('negatives: "title" describe the item of the positive row'),
    ]);
    const joined = await result.select("user", "item", "click");
    expect(joined.rows).toBe(8);
  });

  test("take attributes of their item, and are drawn in proportion to its weight, also where few are left", async () => {
    const users = Array.from({ length: 4000 }, (_, row) => row);
    const catalog = {
      item: ["a", "b", "c", "d", "e"],
      brand: [1, 2, 3, 4, 5],
      size: [9, 9, 8, 8, 7],
      w: [5, 3, 1.5, 0.5, 0],
    };
    const log = {
      user: users,
      item: users.map(() => "a"),
      brand: users.map(() => 1),
      hour: users.map((row) => row % 24),
    };
    const draw = async (per: number) => {
      const options = { per, user: "user", item: "item", attributes: ["brand"], weight: "w", seed: 3 } as const;
      const result = await (await dataset(log)).negatives({ ...options, from: catalog });
      return { rows: await result.toRows(), notes: result.notes };
    };
    const { rows, notes } = await draw(1);
    const drawn = rows.filter(({ label }) => label === 0);
    for (const { item, brand } of rows) expect(brand).toBe(catalog.brand[catalog.item.indexOf(item as string)]);
    expect(rows.every(({ hour }, at) => hour === rows[at - (at % 2)]!.hour)).toBe(true);
    expect(notes).toEqual([]);
    // Item a is the user's own: b, c and d have 3, 1.5 and .5 of 5; e is never drawn. Within 5 standard errors.
    for (const [item, share] of [
      ["b", 0.6],
      ["c", 0.3],
      ["d", 0.1],
      ["e", 0],
    ] as const) {
      const found = drawn.filter((row) => row.item === item).length / drawn.length;
      expect(Math.abs(found - share)).toBeLessThanOrEqual(5 * Math.sqrt((share * (1 - share)) / drawn.length));
    }
    // Two of the three: without b with the probability that both draws miss it, .4 · (.3/.7 · .5/... ) by enumeration.
    const weights: Readonly<Record<string, number>> = { b: 3, c: 1.5, d: 0.5 };
    const left = (first: string): number => 5 - weights[first]!;
    const pairWithoutB =
      (weights["c"]! / 5) * (weights["d"]! / left("c")) + (weights["d"]! / 5) * (weights["c"]! / left("d"));
    const two = (await draw(2)).rows;
    const misses = users.filter(
      (user) => !two.slice(3 * user + 1, 3 * user + 3).some(({ item }) => item === "b"),
    ).length;
    expect(Math.abs(misses / 4000 - pairWithoutB)).toBeLessThan(
      5 * Math.sqrt((pairWithoutB * (1 - pairWithoutB)) / 4000),
    );
    const more = await draw(6); // b, c and d are all that is left
    expect(more.rows.filter(({ label }) => label === 0)).toHaveLength(12_000);
    expect(more.notes.join()).toContain("got fewer than 6");
  });

  test("a rare item is drawn where the frequent ones are the user's own", async () => {
    const catalog = { item: ["a", "b", "c"], w: [1e9, 1, 3] };
    const data = await dataset({
      user: Array.from({ length: 400 }, (_, row) => row),
      item: Array.from({ length: 400 }, () => "a"),
    });
    const result = await data.negatives({ per: 1, user: "user", item: "item", from: catalog, weight: "w" });
    const drawn = (await result.toRows()).filter(({ label }) => label === 0).map(({ item }) => item);
    expect(drawn).toHaveLength(400);
    expect(drawn).not.toContain("a");
    expect(Math.abs(drawn.filter((item) => item === "c").length / 400 - 0.75)).toBeLessThan(0.11);
  });

  test("refuse weights that are none, and attributes that a table lacks", async () => {
    const data = await dataset(likes);
    const from = { item: ["a", "b"], w: [0, 0], text: ["x", "y"], hour: ["9", "10"] };
    const options = { per: 1, user: "user", item: "item", from } as const;
    await expect(data.negatives({ ...options, weight: "w" })).rejects.toThrow(/column "w"[\s\S]*not weights of items/);
    await expect(data.negatives({ ...options, weight: "text" })).rejects.toThrow("not weights of items");
    await expect(data.negatives({ ...options, weight: "v" })).rejects.toThrow("no such column");
    await expect(data.negatives({ ...options, attributes: ["text" as never] })).rejects.toThrow("no such column");
    await expect(data.negatives({ ...options, attributes: ["hour"] })).rejects.toThrow(/"hour"[\s\S]*another type/);
  });

  test("refuse items of another type, and invalid counts", async () => {
    const data = await dataset(likes);
    const other = data.negatives({ per: 1, user: "user", item: "item", from: { item: [1, 2] } });
    await expect(other).rejects.toThrow("another type");
    await expect(data.negatives({ per: 0, user: "user", item: "item" })).rejects.toThrow("an integer ≥ 1");
    await expect(data.negatives({ per: 1, user: "usr" as never, item: "item" })).rejects.toThrow("no such column");
  });
});
