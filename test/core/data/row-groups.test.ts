import { describe, expect, it } from "vitest";
import { dataset } from "../../../src/api/data/dataset.js";
import { type RowGroupOptions, rowGroups, userCodes } from "../../../src/core/data/summary/row-groups.js";

async function grouped(values: unknown[], options?: RowGroupOptions) {
  const { table } = await dataset({ x: values as number[] });
  const { codes, names, notes } = rowGroups("x", (await table.read(["x"])).get("x")!, options);
  return { groups: Array.from(codes, (code) => names[code]), names, notes };
}

describe("rows by a column", () => {
  it("have a group for each value, the most frequent first, and one for rows without", async () => {
    const { groups, names, notes } = await grouped(["b", "a", null, "b"]);
    expect(names).toEqual(["b", "a", "(missing)"]);
    expect(groups).toEqual(["b", "a", "(missing)", "b"]);
    expect(notes).toEqual([]);
  });

  it("pool rare values, and say so", async () => {
    const { groups, names, notes } = await grouped(["c", "a", "a", "b", "b", "d"], { most: 2 });
    expect(names).toEqual(["a", "b", "(2 others)"]);
    expect(groups[0]).toBe("(2 others)");
    expect(notes).toEqual(["x: the 2 most frequent of 4 values; the others' 2 rows are pooled"]);
  });

  it("of numbers with many values are bins of as many rows each", async () => {
    const { groups, names, notes } = await grouped(
      Array.from({ length: 100 }, (_, row) => row / 2),
      { most: 4 },
    );
    expect(names).toEqual(["0 … 12", "12.5 … 24.5", "25 … 37", "37.5 … 49.5"]);
    expect(groups.filter((name) => name === names[0])).toHaveLength(25);
    expect(notes).toEqual(["x: 4 bins of about equal numbers of rows"]);
  });

  it("of numbers with few values, and of booleans, are values; ids can be asked for by value", async () => {
    expect((await grouped([3, 1, 3])).names).toEqual(["3", "1"]);
    expect((await grouped([true, false, true])).names).toEqual(["true", "false"]);
    const ids = Array.from({ length: 60 }, (_, row) => row % 30);
    expect((await grouped(ids)).names).toHaveLength(10);
    expect((await grouped(ids, { as: "values", most: 3 })).names).toEqual(["0", "1", "2", "(27 others)"]);
  });

  it("keep equal numbers in one bin, and rows without a number apart", async () => {
    const { names, groups } = await grouped([0, 0, 0, 0, 0, 1, null, 2], { as: "bins", most: 3 });
    expect(names).toEqual(["0", "1 … 2", "(missing)"]);
    expect(groups[6]).toBe("(missing)");
  });

  it("of lists go by how many items they have, and say so", async () => {
    const { groups, notes } = await grouped([["a"], ["a", "b"], ["c"]]);
    expect(groups).toEqual(["1", "2", "1"]);
    expect(notes[0]).toMatch(/number of items/);
  });

  it("cannot be bins of text, nor half a group", async () => {
    await expect(grouped(["a", "b"], { as: "bins" })).rejects.toThrow(/only numbers and times can be split/);
    await expect(grouped(["a", "b"], { most: 0.5 })).rejects.toThrow(/an integer ≥ 1/);
  });
});

describe("users", () => {
  it("are numbered in the order of their first rows; a row without one has none", async () => {
    const { table } = await dataset({ user: ["u7", "u3", null, "u7"], tags: [["a"], ["b"], ["c"], ["d"]] });
    const read = await table.read();
    expect([...userCodes("user", read.get("user")!)]).toEqual([0, 1, -1, 0]);
    expect(() => userCodes("tags", read.get("tags")!)).toThrow(/this column holds lists/);
  });
});
