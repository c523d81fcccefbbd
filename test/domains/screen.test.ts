/** Which column could be the domain, in logs whose answer is known. */
import { expect, test } from "vitest";
import { crossFit, foldCount, foldsOf } from "../../src/domains/floor.js";
import { chance } from "../../src/domains/interaction.js";
import { screenDomains } from "../../src/domains/screen.js";
import { random } from "../../src/util/random.js";
import { atOnce } from "../../src/util/turns.js";
import { plantedLog, screened } from "./planted.js";

const seeds = (from: number, count: number): number[] => Array.from({ length: count }, (_, at) => from + at);

test("names the planted column, and never a column that resembles it", { timeout: 300_000 }, () => {
  expect(screened("slopes", 0.028, seeds(1, 6), 10_000)).toEqual({ right: 6, wrong: 0, none: 0 });
  expect(screened("mixed", 0.028, seeds(1, 4), 10_000)).toEqual({ right: 4, wrong: 0, none: 0 });
});

test("names nothing where columns only shift rates, or only others change each other", { timeout: 300_000 }, () => {
  for (const kind of ["rates", "pairs", "noise"] as const) {
    expect(screened(kind, 0, seeds(100, 4), 4000), kind).toEqual({ right: 0, wrong: 0, none: 4 });
  }
});

test("a user's habits of one session are not an effect of what the session shares", { timeout: 120_000 }, () => {
  // Each user has a few sessions, with a mood of its own; a weekday is the session's, and says nothing.
  const run = (withSession: boolean): string => {
    const source = random(5);
    const users = 300;
    const of = { user: [] as number[], session: [] as number[], weekday: [] as number[], label: [] as number[] };
    for (let session = 0; session < 900; session++) {
      const [user, weekday, mood] = [source.integer(users), source.integer(7), 1.2 * source.normal()];
      for (let row = 0; row < 12; row++) {
        of.user.push(user);
        of.session.push(session);
        of.weekday.push(weekday);
        of.label.push(source.uniform() < 1 / (1 + Math.exp(-mood)) ? 1 : 0);
      }
    }
    const field = (name: "user" | "session" | "weekday", levels: number) => {
      return { name, levels, codes: Int32Array.from(of[name]) };
    };
    const fields = [field("user", users), field("weekday", 7)];
    const item = { name: "item", levels: 50, codes: Int32Array.from(of.label, () => source.integer(50)) };
    const units = { user: fields[0]!, item, ...(withSession && { session: field("session", 900) }) };
    const columns = { fields: [...fields, item], candidates: [fields[1]!], labels: Float32Array.from(of.label), units };
    return atOnce(screenDomains(columns, { label: "y", control: "none", seed: 1 })).candidates[0]!.says;
  };
  expect(run(false)).not.toBe("none");
  expect(run(true)).toBe("none");
});

test("a fit without a fold does not see its rows", () => {
  const log = plantedLog(1, "rates", 0, 3000);
  const folds = foldsOf(log.units.user!, 1);
  const before = atOnce(crossFit(log.fields, log.labels, folds)).logits;
  const changed = log.labels.map((label, row) => (folds[row] === 2 ? 1 - label : label));
  const after = atOnce(crossFit(log.fields, changed, folds)).logits;
  const isSame = (fold: number): boolean =>
    [...folds.keys()].every((row) => folds[row] !== fold || before[row] === after[row]);
  expect(Array.from({ length: foldCount }, (_, fold) => isSame(fold))).toEqual([false, false, true, false]);
  const users = new Map(Array.from(log.units.user!.codes, (user, row) => [`${user} ${folds[row]}`, user] as const));
  expect(new Set(users.values()).size).toBe(users.size);
});

test("the chance of a score agrees with draws of |X|² − Σ|X_k|²", () => {
  const source = random(3);
  const [freedom, draws] = [6, 20_000];
  let beyond = 0;
  for (let draw = 0; draw < draws; draw++) {
    const parts = Array.from({ length: foldCount }, () => Array.from({ length: freedom }, () => source.normal() / 2));
    const rest = (k: number, at: number): number => parts.reduce((sum, part, j) => sum + (j === k ? 0 : part[at]!), 0);
    let [total, variance] = [0, 0];
    for (const [k, part] of parts.entries()) {
      for (const [at, value] of part.entries()) {
        total += value * rest(k, at);
        variance += rest(k, at) ** 2 / 4;
      }
    }
    if (chance(total / Math.sqrt(variance), [freedom, freedom]) < 0.05) beyond++;
  }
  expect(beyond / draws).toBeGreaterThan(0.045);
  expect(beyond / draws).toBeLessThan(0.055);
});

test("too few rows say nothing", () => {
  const log = plantedLog(1, "slopes", 0.02, 1500);
  const { candidates } = atOnce(screenDomains(log, { label: "y", control: "none", seed: 1 }));
  expect(new Set(candidates.map(({ says }) => says))).toEqual(new Set(["cannot be told"]));
});
