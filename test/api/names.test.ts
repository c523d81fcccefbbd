/** A name that does not exist is an error with the names that do, also where types cannot know: here, no type does. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PepnetError } from "../../src/core/errors/index.js";
import * as pepnet from "../../src/index.js";
import { correct, defined, notebook, typos } from "./typos.js";

/** 400 rows in which no column has one value in a domain. */
const rows = Array.from({ length: 400 }, (_, at) => ({
  user_id: at % 9,
  item_id: (at * 7) % 9,
  scene: (at >> 1) % 2,
  price: (at * 13) % 100,
  tss: 1_700_000_000 + at,
  clk: ((at * 31) % 17) % 2,
  buy: ((at * 29) % 13) % 2,
  p_clk: (at % 10) / 10,
}));

let folder: string;
const names: Record<string, unknown> = { ...pepnet, rows };
const quiet = () => undefined;

/** What JavaScript gives. */
async function result(code: string): Promise<unknown> {
  const body = `return (async () => { ${code} })();`;
  return new Function(...Object.keys(names), body)(...Object.values(names));
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "pepnet-typos-"));
  names["plans"] = path.join(folder, "plan");
  names["page"] = path.join(folder, "page.html");
  names["data"] = await pepnet.dataset(rows);
  Object.assign(names, await result(`${notebook} return { ${defined.join(", ")} };`));
});
afterAll(async () => {
  await (names["run"] as pepnet.Run | undefined)?.dispose();
  await rm(folder, { recursive: true });
});

test.each(typos.map(({ call, ...typo }) => [call, typo] as const))(
  "%s throws, and its fix works",
  async (call, typo) => {
    const error = await result(`await (${call});`).then(quiet, (thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PepnetError);
    const said = (error as PepnetError).message;
    expect(said).toContain(typo.typo);
    for (const name of typo.names) expect(said).toContain(name);
    expect(said).not.toContain("undefined");
    const [, meant] = /^did you mean "([^"]+)"/.exec((error as PepnetError).problems[0]!.fix ?? "") ?? [];
    if (meant !== undefined) await result(`await (${call.replace(new RegExp(`\\b${typo.typo}\\b`), meant)});`);
  },
);

test.each(correct)("%s", async (call) => {
  await expect(result(`await (${call});`)).resolves.toBeUndefined();
});

test("an AUC that is not defined is null, and no error", async () => {
  const oneClass = rows.slice(0, 40).map((row) => ({ ...row, buy: row.scene === 0 ? 0 : row.buy }));
  const evaluation = await (names["run"] as pepnet.Run).evaluate(oneClass);
  expect(evaluation.auc("cvr", "home")).toBeNull();
  expect(evaluation.auc("cvr", 0)).toBeNull();
  expect(evaluation.auc("cvr", "live")).toBeGreaterThanOrEqual(0);
  expect(() => evaluation.auc("cvr", "hom")).toThrow(
    /unknown domain "hom"[\s\S]*"home", "live"[\s\S]*did you mean "home"/,
  );
  expect(() => evaluation.auc("cvr", 2)).toThrow(/a number from 0 to 1/);
});
