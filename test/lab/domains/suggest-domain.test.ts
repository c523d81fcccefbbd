/** `suggestDomain` on data sets as people have them. */
import { expect, test } from "vitest";
import { dataset, suggestDomain } from "../../../src/index.js";
import { wholeTitle } from "../../whole-title.js";
import { log, open, planted, units } from "./planted-data.js";
import { nullWorld } from "./worlds.js";

test("names the pair, and lists what it left out", async () => {
  const rows = log.labels.length;
  const data = await open({
    constant: Array(rows).fill("a"),
    same: Array.from(log.labels),
    text: Array.from({ length: rows }, (_, row) => `t${row}`),
  });
  const suggested = await suggestDomain(data, { label: "y", ...units });
  expect(suggested.named).toBe(planted);
  expect(suggested.candidates.map(({ name }) => name)).not.toContain("user");
  const [first] = suggested.candidates;
  const partner = first!.fields[0]!.field;
  expect(["price", "dwell", "tenure"]).toContain(partner);
  expect(first!.fields[0]!.kind).toBe("slope");
  expect(first!.gain.low).toBeGreaterThan(0);
  expect(suggested.parameters.get(planted)).toBeGreaterThan(0);
  expect(Object.fromEntries(suggested.leftOut.map(({ column, reason }) => [column, reason]))).toMatchObject({
    constant: expect.stringContaining("constant"),
    same: expect.stringContaining("disguise"),
    text: expect.stringContaining("per row"),
  });
  const title = wholeTitle(await suggested.chart());
  expect(title).toContain(`${planted} and ${partner} change together (AUC +`);
  expect(title).toContain("statistics cannot tell which of the two is the domain");
  expect(suggested.rows()[0]).toMatchObject({
    column: planted,
    changes: expect.stringContaining(partner),
    says: `changes together with ${partner}, and gains most`,
  });
  expect(suggested.notes).toEqual([]);
});

test("a part of a calendar that comes once cannot be told from drift", async () => {
  const world = nullWorld("drift", 3);
  const { user, category, position, time, weekday, "day of month": day } = world.columns;
  const all = { user, category, position, time, weekday, day, label: world.label };
  const data = await dataset(Object.fromEntries(Object.entries(all).map(([name, values]) => [name, [...values!]])));
  const suggested = await suggestDomain(data, { label: "label", user: "user", time: "time" });
  expect(suggested.rows().find(({ column }) => column === "day")).toMatchObject({
    says: "does not recur in these 28 days: its change cannot be told from drift",
    changes: "",
    adjusted_p_value: 1,
  });
  expect(suggested.rows().find(({ column }) => column === "weekday")).toMatchObject({ says: "no change beyond noise" });
  expect((await suggested.chart()).title).toMatch(/^None of \d columns changes what others mean beyond noise/);
});

test("names what is wrong", async () => {
  const data = await open();
  await expect(suggestDomain(data, { label: "z" })).rejects.toThrow('column "z"');
  await expect(suggestDomain(data, {} as never)).rejects.toThrow('{ label: "clk" }');
  await expect(suggestDomain(data, { label: "y", candidates: ["copi"] })).rejects.toThrow("copy");
  await expect(suggestDomain(data, { label: "y", candidates: ["price"], rows: 0 })).rejects.toThrow("rows");
  await expect(suggestDomain(data, { label: "y", session: "sessions" })).rejects.toThrow('column "sessions"');
  await expect(suggestDomain(data, { label: "y", time: planted })).rejects.toThrow(
    /time: column ".*": these values are not times[\s\S]*strptime/,
  );
});

test("of many rows some are drawn, and a note says so", async () => {
  const suggested = await suggestDomain(await open(), { label: "y", ...units, rows: 9000 });
  expect(suggested.rowCount).toBe(9000);
  expect(suggested.notes).toEqual([expect.stringContaining("9,000 of 12,000 rows, drawn at random")]);
});

test("few rows: cannot be told", async () => {
  const data = await (await open()).sample(1000);
  const suggested = await suggestDomain(data, { label: "y", user: "user" });
  expect(suggested.named).toBeNull();
  expect((await suggested.chart()).title).toContain("cannot be told with 1,000 rows");
});
