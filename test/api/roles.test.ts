/** Who, what and when, said once on the data: kept by everything that keeps the columns, and the default of calls. */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Finding } from "../../src/core/errors/finding.js";
import { random } from "../../src/core/util/random.js";
import { type Dataset, dataset, idFeature, pepnet, suggestModel } from "../../src/index.js";

const users = 40;
const rows = 1200;

/** A log in a random order of time, in which users come several times. */
function log() {
  const source = random(3);
  const times = Int32Array.from({ length: rows }, (_, row) => 1_700_000_000 + row * 600).sort(
    () => source.uniform() - 0.5,
  );
  return Array.from({ length: rows }, (_, row) => ({
    user_id: source.integer(users),
    item_id: source.integer(60),
    ts: times[row]!,
    scene: source.integer(2),
    clk: source.integer(2),
  }));
}

const roles = { user: "user_id", item: "item_id", time: "ts" } as const;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-roles-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("roles are kept", () => {
  it("by `dataset`, by `roles`, and the latter replaces all earlier ones", async () => {
    const data = await dataset(log(), roles);
    expect(data.table.roles).toEqual(roles);
    expect((await data.roles({ user: "item_id" })).table.roles).toEqual({ user: "item_id" });
    expect((await dataset(data, { time: "ts" })).table.roles).toEqual({ time: "ts" });
  });

  it.each([
    ["where", (data: Log) => data.where("scene = 1")],
    ["where by a function", (data: Log) => data.where((row) => row.scene === 1)],
    ["derive", (data: Log) => data.derive({ more: "clk + 1" })],
    ["derive by a function", (data: Log) => data.derive({ more: (row) => row.clk })],
    ["sort", (data: Log) => data.sort("ts")],
    ["limit", (data: Log) => data.limit(100)],
    ["sample", async (data: Log) => data.sample(100)],
    ["select", (data: Log) => data.select("ts", "item_id", "user_id")],
    ["join", (data: Log) => data.join([{ item_id: 1, price: 2 }], { on: "item_id" })],
    ["concat", (data: Log) => data.concat(log())],
    ["history", (data: Log) => data.history("item_id")],
    ["negatives", (data: Log) => data.negatives({ per: 1, label: "clk" })],
    ["sql", (data: Log) => data.sql("select * from data where clk = 1 order by ts")],
  ] as const)("by %s", async (_, verb) => {
    const made = (await (verb as (data: Log) => PromiseLike<Log>)(await dataset(log(), roles))) as Log;
    expect(made.table.roles).toEqual(roles);
  });

  it("but for columns that are gone, and by parts of a split", async () => {
    const data = await dataset(log(), roles);
    expect(data.select("user_id", "clk").table.roles).toEqual({ user: "user_id" });
    const rates = await data.groupBy("user_id").summarise({ rate: "avg(clk)" });
    expect(rates.table.roles).toEqual({ user: "user_id" });
    expect((await data.groupBy("scene").summarise({ rate: "avg(clk)" })).table.roles).toEqual({});
    const { train, test } = await data.split({ train: 3, test: 1 });
    expect([train.table.roles, test.table.roles]).toEqual([roles, roles]);
  });

  it("by Parquet files, of one part and of several files", async () => {
    const data = await dataset(log(), { ...roles, sessionGap: "2h" });
    const one = await data.toParquet(path.join(folder, "one.parquet"));
    expect((await dataset(one)).table.roles).toEqual({ ...roles, sessionGap: "2h" });
    const two = await data.limit(50).toParquet(path.join(folder, "two.parquet"));
    expect((await dataset([one, two])).table.roles.user).toBe("user_id");
    const bare = await (await dataset(log())).toParquet(path.join(folder, "bare.parquet"));
    expect((await dataset(bare)).table.roles).toEqual({});
    expect((await dataset(one, { user: "item_id" })).table.roles).toEqual({ user: "item_id" });
  });

  it("and are shown in the data's cell", async () => {
    const { "text/plain": text } = await (await dataset(log(), roles)).bundle();
    expect(text).toContain("user: user_id, item: item_id, time: ts");
  });
});

type Row = ReturnType<typeof log>[number];
type Log = Awaited<ReturnType<typeof opened>>;
const opened = () => dataset(log());

describe("a split", () => {
  const times = async (part: Log): Promise<number[]> => (await part.toRows()).map(({ ts }) => ts);

  it("goes by time where a column has this role, and says so", async () => {
    const { train, test } = await (await dataset(log(), roles)).split({ train: 3, test: 1 }, { seed: 5 });
    expect(Math.max(...(await times(train)))).toBeLessThan(Math.min(...(await times(test))));
    expect(test.notes.join()).toMatch(/split by time.*"ts", without use of the seed 5.*by: "random"/);
    expect(test.notes.join()).not.toContain("leak");
  });

  it("is random where that is asked, and counts the rows that leak by the roles", async () => {
    const data = await (await dataset(log(), roles)).derive({ member: "user_id + 0" });
    const named = await data.roles({ user: "member", time: "ts" });
    const { test } = await named.split({ train: 3, test: 1 }, { by: "random" });
    expect(test.notes.join()).toMatch(/column "ts": labels leak.*column "member"/);
    const { test: alike } = await named.split({ train: 3, test: 1 }, { stratify: "scene" });
    expect(Math.abs(alike.rows - 300)).toBeLessThanOrEqual(1);
    expect(alike.notes.join()).not.toContain("split by time");
  });

  it("keeps the users of a role together", async () => {
    const { train, test } = await (await dataset(log(), roles)).split({ train: 3, test: 1 }, { by: "user" });
    const ids = async (part: Log) => new Set((await part.toRows()).map(({ user_id }) => user_id));
    const [left, right] = [await ids(train), await ids(test)];
    expect([...left].filter((id) => right.has(id))).toEqual([]);
  });

  it("names the call that sets a role which no column has", async () => {
    await expect((await opened()).split({ train: 1, test: 1 }, { by: "time" })).rejects.toThrow(
      /none has the role time[\s\S]*data\.roles\(\{ time: "ts" \}\)/,
    );
  });
});

describe("calls go by roles", () => {
  const model = pepnet()
    .features(idFeature("user_id").buckets(users).embedding(4), idFeature("scene").buckets(2).embedding(4))
    .labels("clk")
    .group("domain", ["scene"])
    .group("uia", ["user_id"])
    .epnet()
    .ppnet({ hidden: [4] })
    .domains("scene", ["feed", "live"])
    .tower("ctr", (t) => t.label("clk").mlp(4).bce())
    .train({ epochs: 1, batchSize: 256 });

  it("a check finds rows that are older than what training has seen of their users", async () => {
    const data = await dataset(log(), roles);
    const random = await data.split({ train: 8, test: 2 }, { by: "random", leaks: null });
    const timed = await data.split({ train: 8, test: 2 });
    const leaks = async ({ train, test }: typeof random): Promise<readonly Finding[]> =>
      (await test.check(model, { training: train })).findings.filter(({ message }) =>
        message.includes("are older than"),
      );
    const [held, trained] = [await random.test.toRows(), await random.train.toRows()];
    const older = held.filter((row) => trained.some(({ user_id, ts }) => user_id === row.user_id && ts > row.ts));
    const [leak, ...others] = await leaks(random);
    expect(others).toEqual([]);
    const users = new Set(older.map(({ user_id }) => user_id)).size;
    expect(leak!.message).toContain(`${older.length} of 240 rows, of ${users} users, are older than a training row`);
    expect(leak!.fix).toContain('data.split({ train: 8, test: 2 }, { by: { time: "ts" } })');
    expect(await leaks(timed)).toEqual([]);
    expect((await random.test.check(model, { training: random.train, user: null })).findings).not.toContainEqual(leak);
  });

  it("a training notes validation rows of another source that are older than training rows of their users", async () => {
    const data = await dataset(log(), roles);
    const random = await data.split({ train: 8, test: 2 }, { by: "random", leaks: null });
    const other = async (part: Dataset) => dataset([...(await part.toRows())] as never, roles as never);
    const leaks = async (train: Dataset, validation: Dataset) =>
      (await model.fit(train, { validation, quiet: true })).findings.filter(
        ({ judge }) => judge === "labels from the future",
      );
    const [leak, ...more] = await leaks(random.train, await other(random.test));
    expect(more).toEqual([]);
    expect(leak).toMatchObject({ severity: "serious", path: 'validation data, column "ts"' });
    // The parts of a split were compared there, and the caller said that this is meant.
    expect(await leaks(random.train, random.test)).toEqual([]);
    const timed = await data.split({ train: 8, test: 2 });
    expect(await leaks(timed.train, await other(timed.test))).toEqual([]);
  });

  it("a training holds out the newest rows, and evaluations draw users, over time without naming a column", async () => {
    const data = await dataset(log(), roles);
    const run = await model.fit(data);
    expect(run.notes.join()).toContain('the newest 10% of the rows (120, by column "ts") were held out');
    const { user, facts } = await run.evaluate(data);
    expect(user).toBe("user_id");
    expect(facts).toEqual((await run.evaluate(await opened(), { user: "user_id" })).facts);
    expect((await run.evaluate(data, { user: null })).user).toBeNull();
    const overTime = await run.evaluate(data, { by: { as: "times" } });
    expect(overTime.facts).toEqual((await run.evaluate(data, { by: "ts" })).facts);
    expect(overTime.facts.groups?.kind).toBe("times");
    await expect(run.evaluate(await opened(), { by: { as: "times" } })).rejects.toThrow(/role time/);
  });

  it("days over time are those of the zone's clock, which files keep and the data's cell shows", async () => {
    const hours = [20, 21, 22, 23]; // of UTC: before and after midnight at +02:00
    const times = Array.from(
      { length: 1600 },
      (_, row) => Date.UTC(2024, 4, 1 + (row % 4), hours[(row % 16) >> 2]) / 1000,
    );
    const data = await dataset(
      times.map((ts, row) => ({ ...log()[row % rows]!, ts })),
      { ...roles, zone: "+02:00" },
    );
    const kept = await dataset(await data.where("clk >= 0").toParquet(path.join(folder, "zone.parquet")));
    expect(kept.table.roles.zone).toBe("+02:00");
    expect(kept.select("user_id", "clk").table.roles).toEqual({ user: "user_id" });
    expect((await kept.bundle())["text/plain"]).toContain("time: ts (+02:00)");
    const run = await model.fit(data, { steps: 2 });
    const rowsOfDays = async (by: object): Promise<readonly (readonly [string, number])[]> => {
      const { facts } = await run.evaluate(kept, { by: { as: "times", ...by } });
      return facts.tasks[0]!.domains.map((cell, day) => [facts.groups!.names[day]!, cell.rows]);
    };
    const counted = (zone: number): [string, number][] => {
      const days = times.map((time) => new Date(time * 1000 + zone * 3_600_000).toISOString().slice(0, 10));
      return [...new Set(days)].sort().map((day) => [day, days.filter((each) => each === day).length]);
    };
    expect(await rowsOfDays({})).toEqual(counted(2));
    expect(await rowsOfDays({ zone: "UTC" })).toEqual(counted(0));
    expect(counted(2)).not.toEqual(counted(0));
    expect((await run.evaluate(kept, { by: "ts" })).notes.join()).toContain("of one day (+02:00)");
    await expect(rowsOfDays({ zone: "Asia/Shanghai" })).rejects.toThrow(/by\.zone[\s\S]*not a fixed time zone/);
  });

  it("a suggestion takes user and item as keys, and leaves the time out", async () => {
    const suggested = await suggestModel(await dataset(log(), roles), { labels: ["clk"], domain: "scene" });
    const named = await suggestModel(await opened(), {
      labels: ["clk"],
      domain: "scene",
      user: "user_id",
      item: "item_id",
    });
    expect(suggested.model.spec.ppnet).toEqual(named.model.spec.ppnet);
    expect(suggested.columns.find(({ column }) => column === "ts")!.features).toEqual([]);
  });
});

describe("roles that the rows cannot have", () => {
  it.each([
    ["a column that is missing", { user: "user" }, /roles\.user[\s\S]*no such column[\s\S]*perhaps user: "user_id"/],
    ["a role that is unknown", { users: "user_id" }, /roles\.users[\s\S]*no such role[\s\S]*user, item, time, session/],
    ["a column in two roles", { user: "user_id", item: "user_id" }, /already the user[\s\S]*leave item out/],
    ["times of words", { time: "word" }, /not a time[\s\S]*"soon"[\s\S]*strptime\(\\"word\\"/],
    [
      "times that are all equal",
      { user: "user_id", time: "same" },
      /same "same"[\s\S]*data\.roles\(\{ user: "user_id" \}\)/,
    ],
    ["one user", { user: "same", time: "ts" }, /all rows have the same "same"[\s\S]*data\.roles\(\{ time: "ts" \}\)/],
    [
      "sessions of several users",
      { user: "user_id", session: "scene" },
      /2 sessions of 2 sessions have rows of several/,
    ],
    ["a pause without a unit", { user: "user_id", sessionGap: "30" }, /sessionGap[\s\S]*not a duration[\s\S]*"30m"/],
    [
      "a zone with a season",
      { time: "ts", zone: "Europe/Berlin" },
      /roles\.zone[\s\S]*not a fixed time zone[\s\S]*\+01:00/,
    ],
    [
      "a zone without a time",
      { user: "user_id", zone: "+08:00" },
      /zone without a time[\s\S]*data\.roles\(\{ user: "user_id", time: "ts", zone: "\+08:00" \}\)/,
    ],
    ["a text", "user_id", /not roles[\s\S]*\{ user: "user_id"/],
  ])("%s", async (_, wrong, message) => {
    const data = await (await opened()).derive({ word: "'soon'", same: "1" });
    await expect(data.roles(wrong as never)).rejects.toThrow(message);
  });

  it("users of one row each are noted, with the call without them", async () => {
    const data = await dataset(
      log().map((row, at) => ({ ...row, row_number: at })),
      { user: "row_number", time: "ts" },
    );
    expect(data.notes.join()).toMatch(/each row has a "row_number" of its own.*data\.roles\(\{ time: "ts" \}\)/);
  });

  it.each([
    ["a time of day", "2024-05-06 10:30"],
    ["days alone", "2024-05-06"],
  ])("a zone for texts that do not say theirs: %s; both fixes work when typed", async (_, text) => {
    const data = await dataset(
      log().map((row, at) => ({ ...row, at: at % 2 === 0 ? text : text.replace("06", "07") })),
    );
    const refused = await data.roles({ time: "at", zone: "-05:00" }).catch((error: Error) => error.message);
    expect(refused).toContain(JSON.stringify(text));
    expect(refused).toContain('data.roles({ time: "at" })');
    expect(refused).toContain('await data.derive({ instant: "CAST(\\"at\\" AS TIMESTAMP)" })');
    expect((await data.roles({ time: "at" })).table.roles.zone).toBeUndefined();
    const instants = await data.derive({ instant: 'CAST("at" AS TIMESTAMP)' });
    expect((await instants.roles({ time: "instant", zone: "-05:00" })).table.roles.zone).toBe("-05:00");
  });

  it("the fix for sessions that several users share works when typed", async () => {
    const data = await (await opened()).derive({ visit: "concat(user_id, '/', scene)" });
    expect((await data.roles({ user: "user_id", session: "visit" })).table.roles.session).toBe("visit");
  });
});

describe("likely roles", () => {
  it("are proposed with the call that sets them, which works when typed, and never taken", async () => {
    const data = await opened();
    expect(data.table.roles).toEqual({});
    const [note] = data.notes.filter((text) => text.startsWith("likely roles"));
    expect(note).toMatch(/user "user_id" \(40 values, 30 rows each\).*item "item_id" \(60 values, 20 rows each\)/);
    const call = /data\.roles\((\{.*\})\)$/.exec(note!)![1]!.replace(/(\w+):/g, '"$1":');
    expect((await data.roles(JSON.parse(call))).table.roles).toEqual(roles);
    expect((await data.where("clk = 1")).notes.join()).not.toContain("likely roles");
  });

  it("are not proposed for columns that number rows, for few rows, or once roles are set", async () => {
    const notes = async (rows: object[], options: { user?: "user_id" } = {}) =>
      (await dataset(rows as Row[], options)).notes.join();
    const numbered = log().map(({ clk }, at) => ({ user_id: at, clk }));
    expect(await notes(numbered)).toBe("");
    expect(await notes(log().slice(0, 49))).toBe("");
    expect(await notes(log(), { user: "user_id" })).toBe("");
  });
});
