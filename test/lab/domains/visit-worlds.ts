/** Made-up logs of visits in which no column changes what another means, and much else goes on. */
import { random } from "../../../src/core/util/random.js";
import { at, integers, labelsOf, normals, type World, zipf } from "./worlds.js";

/**
 * - habits: each user has a usual hour and device, and tastes; so hour and device stand for users.
 * - heavy: a few users have most of the visits; each visit has a mood, and tastes.
 * - skewed: few items and users have most of the rows; visits have moods.
 * - campaign: in bursts of days most visits come by one channel, and the rate of all clicks is another one.
 * - fashion: the same bursts, while categories rise and fall over the weeks.
 * - rotation: an item is there for four days only.
 * - growth: users arrive over time, those who come later live elsewhere and click less.
 * - rare: 3% of clicks, strong main effects.
 */
export const visitKinds = ["habits", "heavy", "skewed", "campaign", "fashion", "rotation", "growth", "rare"] as const;
export type VisitKind = (typeof visitKinds)[number];

const days = 28;
const categories = 8;
const cities = 9;

interface Visit {
  readonly user: number;
  readonly day: number;
  readonly hour: number;
  readonly device: number;
  readonly channel: number;
  readonly rows: number;
}

export function visitWorld(kind: VisitKind, seed: number): World {
  const source = random(seed).fork(`visits ${kind}`);
  const pick = (n: number): number => source.integer(n);
  const users = 150 + pick(500);
  const items = 150 + pick(400);
  const first = integers(source, users, kind === "growth" ? days - 2 : 1);
  const usualHour = integers(source, users, 24);
  const usualDevice = integers(source, users, 4);
  const bursts = [3 + pick(6), 13 + pick(5), 22 + pick(4)];
  const isBurst = (day: number): boolean => bursts.some((start) => day >= start && day < start + 2);
  const isCampaign = kind === "campaign" || kind === "fashion";
  const activity = normals(source, users, kind === "heavy" ? 1.6 : 0.5).map(Math.exp);
  const mean = (kind === "rare" ? 1400 : 700) / activity.reduce((sum, each) => sum + each, 0);
  const visits: Visit[] = [];
  for (let user = 0; user < users; user++) {
    const count = Math.max(1, Math.round(mean * activity[user]!));
    for (let visit = 0; visit < count; visit++) {
      const late = first[user]!;
      let day = late + pick(days - late);
      if (isCampaign && source.uniform() < 0.3) day = bursts[pick(3)]! + pick(2);
      const isUsual = kind === "habits" && source.uniform() < 0.8;
      const isLed = isCampaign && isBurst(day) && source.uniform() < 0.7;
      visits.push({
        user,
        day,
        hour: isUsual ? (usualHour[user]! + pick(3)) % 24 : pick(24),
        device: isUsual ? usualDevice[user]! : isLed ? 3 : pick(4),
        channel: isLed ? 3 : pick(4),
        rows: 4 + pick(kind === "skewed" ? 40 : 18),
      });
    }
  }
  return rowsOf(kind, source, visits, { users, items, first, isBurst });
}

function rowsOf(
  kind: VisitKind,
  source: ReturnType<typeof random>,
  visits: readonly Visit[],
  {
    users,
    items,
    first,
    isBurst,
  }: { users: number; items: number; first: Int32Array; isBurst: (day: number) => boolean },
): World {
  const of = Int32Array.from(visits.flatMap(({ rows }, visit) => Array<number>(rows).fill(visit)));
  const ofVisit = (value: (visit: Visit) => number): Int32Array => of.map((visit) => value(visits[visit]!));
  const user = ofVisit((visit) => visit.user);
  const day = ofVisit((visit) => visit.day);
  const hour = ofVisit((visit) => visit.hour);
  const shown = kind === "skewed" ? zipf(source, items, of.length, 1.4) : zipf(source, items, of.length, 0.5);
  const item =
    kind === "rotation"
      ? shown.map((each, row) => Math.floor(((Math.floor(day[row]! / 4) + each / items) / 7) * items))
      : shown;
  const categoryOf = integers(source, items, categories);
  const category = item.map((each) => categoryOf[each]!);
  const price = at(normals(source, items).map(Math.exp), item);
  const ageOf = integers(source, users, 45).map((each) => each + 18);
  const cityOf = integers(source, users, cities).map((each, at) =>
    kind === "growth" ? (each + first[at]!) % cities : each,
  );
  const city = user.map((each) => cityOf[each]!);
  const device = ofVisit((visit) => visit.device);
  const channel = ofVisit((visit) => visit.channel);
  const position = integers(source, of.length, 8);
  const scale = kind === "rare" ? 1.5 : 1;
  const base = kind === "rare" ? -4.6 : -1 - source.uniform();
  const logit = at(normals(source, users, 0.6 * scale), user);
  const add = (values: (row: number) => number): void => {
    for (let row = 0; row < logit.length; row++) logit[row]! += values(row);
  };
  const effect = (levels: number, sd: number, codes: Int32Array): void => {
    const values = normals(source, levels, sd * scale);
    add((row) => values[codes[row]!]!);
  };
  effect(items, 0.5, item);
  effect(categories, 0.4, category);
  effect(4, 0.4, device);
  effect(4, 0.5, channel);
  effect(24, 0.2, hour);
  add((row) => base - 0.1 * position[row]! - 0.4 * scale * Math.log(price[row]!) + 0.02 * (ageOf[user[row]!]! - 40));
  const moods = normals(source, visits.length, kind === "heavy" || kind === "skewed" ? 0.8 : 0.3);
  add((row) => moods[of[row]!]!);
  if (kind === "habits" || kind === "heavy") {
    const [units, codes] = kind === "habits" ? [users, user] : [visits.length, of];
    const tastes = normals(source, units * categories, 0.6);
    add((row) => tastes[codes[row]! * categories + category[row]!]!);
  }
  if (kind === "campaign" || kind === "fashion") add((row) => (isBurst(day[row]!) ? 0.8 : 0));
  if (kind === "fashion") {
    const rises = normals(source, categories, 1.2);
    add((row) => rises[category[row]!]! * (day[row]! / days - 0.5));
  }
  if (kind === "growth") add((row) => -0.03 * first[user[row]!]!);
  const starts = visits.map(
    (visit) => 1_720_000_000 - (1_720_000_000 % 86400) + visit.day * 86400 + visit.hour * 3600 + source.integer(1800),
  );
  const time = Float64Array.from(
    of,
    (visit, row) => starts[visit]! + (row === 0 || of[row - 1] !== visit ? 0 : 20 + source.integer(60)),
  );
  const columns = {
    user,
    item,
    category,
    price,
    age: at(ageOf, user),
    city,
    device,
    channel,
    position,
    hour,
    weekday: day.map((each) => each % 7),
    week: day.map((each) => Math.floor(each / 7)),
    time,
  };
  return {
    columns,
    numeric: ["price", "age"],
    label: labelsOf(source, logit),
    user: "user",
    item: "item",
    time: "time",
    candidates: ["category", "city", "device", "channel", "position", "hour", "weekday", "week"],
  };
}
