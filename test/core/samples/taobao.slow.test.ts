/** The generated log: the same for a seed, shaped like the real one, and true to the probabilities it states. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openTable } from "../../../src/core/data/table/open.js";
import { taobaoLike } from "../../../src/core/samples/generate/taobao.js";

test("a log goes to Parquet block by block, the same rows as in memory, labels within clicks across blocks too", async () => {
  const options = { rows: 270_000, seed: 3, tasks: 3, coldUsers: 0.2, truth: true, noise: 0.5 };
  const path = join(mkdtempSync(join(tmpdir(), "pepnet's-log[1]-")), "log.parquet");
  const written = await openTable(await taobaoLike(options).toParquet(path));
  const { table } = taobaoLike(options);
  expect(written.names).toEqual(table.names);
  for (const name of ["user_id", "tag_brand_list", "time_stamp", "price", "clk", "cart", "p_buy"]) {
    expect(await written.column(name), name).toEqual(await table.column(name));
  }
});
