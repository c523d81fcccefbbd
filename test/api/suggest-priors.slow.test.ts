/** `suggestPriors`: the history that was planted is named, a shuffled one hardly ever. */
import { expect, test } from "vitest";
import { random } from "../../src/core/util/random.js";
import { type Dataset, dataset, suggestPriors } from "../../src/index.js";

const hour = 3600;

/** Users of skewed activity who return for 20 days; `taste`: how much they differ, which no column says. */
function visits(seed: number, taste: number, rows = 4000): Promise<Dataset> {
  const source = random(seed).fork("returning");
  const users = 250;
  const tastes = Array.from({ length: users }, () => taste * source.normal());
  const user = Array.from({ length: rows }, () => Math.floor(users * source.uniform() ** 2));
  return dataset(
    {
      user_id: user.map((id) => `u${id}`),
      age: user.map((id) => id % 7),
      scene: user.map(() => ["home", "live"][source.integer(2)]!),
      ts: user.map(() => 1_600_000_000 + source.integer(20 * 24 * hour)),
      click: user.map((id) => Number(source.uniform() < 1 / (1 + Math.exp(1 - tastes[id]!)))),
    },
    { user: "user_id", time: "ts" },
  );
}

test("what a user did a moment ago is known and helps; with a day's delay nothing is", async () => {
  const source = random(3).fork("visits");
  const [rows, users] = [5000, 300];
  const tastes = Array.from({ length: users }, () => 1.6 * source.normal());
  const begins = tastes.map(() => 1_600_000_000 + source.integer(30 * 24 * hour));
  const user = Array.from({ length: rows }, () => source.integer(users));
  const data = await dataset(
    {
      user_id: user,
      scene: user.map(() => ["home", "live"][source.integer(2)]!),
      ts: user.map((id) => begins[id]! + source.integer(hour)),
      click: user.map((id) => Number(source.uniform() < 1 / (1 + Math.exp(1 - tastes[id]!)))),
    },
    { user: "user_id", time: "ts" },
  );
  const priors = await suggestPriors(data, { labels: ["click"], domain: "scene", delays: ["0s", "1d"] });
  expect(priors.gains.map(({ key, delay, says }) => [key, delay, says])).toEqual([
    ["user_id", "0s", "helps"],
    ["user_id", "1d", "cannot be told"],
  ]);
  expect(priors.code).toBe('const log = await data.priors(["click"], { by: ["user_id"], delay: "0s" });');
  expect(priors.coverage.map(({ domain }) => domain).slice(0, 3)).toEqual([null, "home", "live"]);
  // Counted here by hand: test rows whose user was seen before.
  const columns = await data.toColumns();
  const order = [...columns.ts.keys()].sort((a, b) => Number(columns.ts[a]) - Number(columns.ts[b]));
  const seen = new Map<unknown, number>();
  let known = 0;
  for (const [at, row] of order.entries()) {
    const first = seen.get(columns.user_id[row]);
    if (at >= priors.trainingRows && first !== undefined && first < Number(columns.ts[row])) known++;
    if (first === undefined) seen.set(columns.user_id[row], Number(columns.ts[row]));
  }
  expect(priors.coverage[0]!.test).toBeCloseTo(known / priors.testRows, 10);
  expect((await priors.chart()).title).toMatch(/^user_id adds \+0\.\d+ AUC when labels take 0s$/);
  expect((await priors.chart("coverage")).title).toMatch(/^\d+% of test rows have a known user_id$/);
  expect(priors.table("rates").rows().length).toBeGreaterThan(2);
});

test("where labels follow nothing, history helps in at most 5% of logs", async () => {
  let claims = 0;
  const logs = 8;
  for (let seed = 100; seed < 100 + logs; seed++) {
    const priors = await suggestPriors(await visits(seed, 0, 2500), {
      labels: ["click"],
      delays: ["0s"],
      by: ["user_id", ["user_id", "scene"]],
    });
    if (priors.gains.some(({ says }) => says === "helps")) claims++;
  }
  expect(claims).toBeLessThanOrEqual(1); // binomial: more in 6% of such tests at 5%
});

test("a delay as long as the log is a gap that a note names", async () => {
  const priors = await suggestPriors(await visits(1, 1), { labels: ["click"], delays: ["0s", "30d"] });
  expect(priors.gains.filter(({ delay }) => delay === "30d")).toEqual([]);
  expect(priors.notes).toEqual([expect.stringMatching(/^delay 30d: /)]);
});

test("wrong calls are named with what to do", async () => {
  const data = await visits(1, 1, 50);
  const { user_id, click, ts } = await data.toColumns();
  await expect(suggestPriors({ user_id, click } as never, { labels: ["click"], by: ["user_id"] })).rejects.toThrow(
    /nothing says what was before.*data\.roles/s,
  );
  await expect(
    suggestPriors(await dataset({ click, ts } as never, { time: "ts" }), { labels: ["click"] }),
  ).rejects.toThrow(/whose history/);
  await expect(suggestPriors(data, { labels: ["age"] })).rejects.toThrow(/labels of 0 and 1.*"age".*derive/s);
  await expect(suggestPriors(data, { labels: ["clik"] as never })).rejects.toThrow(/clik.*did you mean "click"/s);
  await expect(suggestPriors(data, { labels: ["click"], delay: "1h" } as never)).rejects.toThrow(/delay.*delays/s);
});
