/** Files that queries read stay until the query ends, though nothing else refers to their tables any more. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, expect, test } from "vitest";
import { dataset } from "../../../src/index.js";

const folder = mkdtempSync(path.join(tmpdir(), "pepnet-joined-"));
afterAll(() => rmSync(folder, { recursive: true }));

const count = 20_000;
const items = path.join(folder, "items.csv");
const lines = Array.from({ length: count }, (_, item) => `${item},brand ${item % 90},${item / 7}`);
writeFileSync(items, `item_id,brand,price\n${lines.join("\n")}\n`);

/** Collects garbage as often as the event loop turns. */
async function collecting<T>(work: () => PromiseLike<T>): Promise<T> {
  setFlagsFromString("--expose_gc");
  const collect = runInNewContext("gc") as () => void;
  let isOver = false;
  const turn = (): void => {
    if (isOver) return;
    collect();
    setImmediate(turn);
  };
  turn();
  try {
    return await work();
  } finally {
    isOver = true;
  }
}

test("a table that is joined, appended or queried by its file's name", async () => {
  const log = await dataset({ item_id: Int32Array.from({ length: count }, (_, row) => (row * 7919) % count) });
  await collecting(async () => {
    const joined = await log.join(items, { on: "item_id" });
    expect(joined.rows).toBe(count);
    const all = await joined.select("item_id", "brand", "price").concat(items, items);
    expect(all.rows).toBe(3 * count);
    const counted = await log.sql("select count(*) as n from data join items using (item_id)", { items });
    expect(await counted.toRows()).toEqual([{ n: count }]);
  });
});
