/** A generated log in MovieLens-100K's files, so that what is measured on it can be measured everywhere. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { type Random, random } from "../src/core/util/random.js";

const counts = { users: 943, items: 1682, ratings: 100_000 };
const taste = 4;
const start = 874_724_710;

/** Writes u.data, u.user and u.item: users like items near their taste; some users and items have most of the rows. */
export function writeMovielensLike(folder: string): void {
  const source = random(1).fork("movielens-like");
  const users = Array.from({ length: counts.users }, () => vector(source));
  const items = Array.from({ length: counts.items }, () => vector(source));
  const [userOf, itemOf] = [skewed(counts.users, 0.5), skewed(counts.items, 0.8)];
  const ratings = Array.from({ length: counts.ratings }, (_, row) => {
    const [user, item] = [userOf(source), itemOf(source)];
    const liking = users[user]!.reduce((sum, value, at) => sum + value * items[item]![at]!, 0);
    const stars = Math.min(5, Math.max(1, Math.round(3.6 + 0.6 * liking + items[item]![0]! / 2 + normal(source))));
    return [user + 1, item + 1, stars, start + row * 180].join("\t");
  });
  const userLines = users.map((_, user) => {
    const age = 15 + source.integer(50);
    return [user + 1, age, source.integer(4) === 0 ? "F" : "M", `occupation ${source.integer(21)}`, "00000"].join("|");
  });
  const itemLines = items.map((_, item) => {
    const genres = Array.from({ length: 19 }, () => (source.integer(10) === 0 ? 1 : 0));
    return [item + 1, `Item ${item + 1}`, `01-Jan-${1930 + source.integer(69)}`, "", "", ...genres].join("|");
  });
  for (const [name, lines] of Object.entries({ "u.data": ratings, "u.user": userLines, "u.item": itemLines })) {
    writeFileSync(path.join(folder, name), `${lines.join("\n")}\n`);
  }
}

function vector(source: Random): number[] {
  return Array.from({ length: taste }, () => normal(source));
}

function normal(source: Random): number {
  return Math.sqrt(-2 * Math.log(1 - source.uniform())) * Math.cos(2 * Math.PI * source.uniform());
}

/** Draws 0 … `count` − 1, each in proportion to (1 + its number)^−power. */
function skewed(count: number, power: number): (source: Random) => number {
  const ends = new Float64Array(count);
  for (let at = 0, sum = 0; at < count; at++) ends[at] = sum += (at + 1) ** -power;
  return (source) => {
    const place = source.uniform() * ends[count - 1]!;
    return ends.findIndex((end) => place < end);
  };
}
