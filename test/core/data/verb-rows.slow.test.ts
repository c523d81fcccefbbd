/** Verbs keep, order and label exactly the rows that they document: nothing is rewritten, kept or dropped in silence. */
import { describe, expect, test } from "vitest";
import { dataset } from "../../../src/index.js";

describe("300,000 rows", () => {
  const rows = 300_000;
  const k = Int32Array.from({ length: rows }, (_, row) => (row * 7919) % 1000);
  const source = { id: Int32Array.from({ length: rows }, (_, row) => row), k };
  const many = Array.from({ length: 80 }, (_, at) => at * 3);
  const items = {
    k: Array.from({ length: 700 }, (_, at) => at),
    price: Array.from({ length: 700 }, (_, at) => at / 2),
  };

  test("every verb's rows come in the documented order, twice", async () => {
    const data = await dataset(source);
    const inList = `k in (${many.join(", ")})`;
    const verbs = {
      long: () => data.where(inList),
      values: () => data.where({ k: many }),
      derived: () => data.derive({ hit: inList }),
      joined: () => data.join(items, { on: "k" }),
      inner: () => data.join(items, { on: "k", how: "inner" }),
      repeated: () => data.join({ k: [1, 1, 2, 2], w: [1, 2, 3, 4] }, { on: "k", how: "inner", many: true }),
      concat: () => data.concat(data),
      sorted: () => data.sort("k"),
      groups: () => data.groupBy("k").summarise({ n: "count(*)", last: "max(id)" }),
      sql: () => data.sql(`select id, k from data where ${inList}`),
      union: () => data.sql("select k from data union select k + 1 from data"),
    };
    const wanted = new Set(many);
    const kept = [...source.id].filter((id) => wanted.has(k[id]!));
    const expected: Partial<Record<keyof typeof verbs, number[]>> = {
      long: kept,
      values: kept,
      derived: [...source.id],
      joined: [...source.id],
      inner: [...source.id].filter((id) => k[id]! < 700),
      concat: [...source.id, ...source.id],
      sorted: [...source.id].sort((a, b) => k[a]! - k[b]! || a - b),
    };
    for (const [name, verb] of Object.entries(verbs)) {
      const [one, two] = [await verb(), await verb()];
      const column = one.table.names[0]!;
      const first = await one.table.column(column);
      expect(await two.table.column(column), name).toEqual(first);
      const documented = expected[name as keyof typeof verbs];
      if (documented !== undefined) expect(first, name).toEqual(documented);
    }
  });
});
