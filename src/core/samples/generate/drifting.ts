/** Generates logs of several days whose tastes drift with a known half-life, for training day by day. */

import { memorySource } from "../../data/sources/memory.js";
import { Table } from "../../data/table/table.js";
import { DataError, type Problem } from "../../errors/index.js";
import { noteSeed } from "../../port/notebook.js";
import { positive } from "../../spec/option.js";
import { checkNumber } from "../../spec/validate/checks.js";
import { sigmoid } from "../../util/numbers.js";
import { type Random, random } from "../../util/random.js";

/** Options of {@link driftingLog}. */
export interface DriftingOptions {
  /** Number of days. */
  readonly days: number;
  /** Rows of each day. Default: 2,000. */
  readonly rowsPerDay?: number;
  /**
   * Days after which the taste for an item has half of its correlation with today's; `null`: tastes never change.
   * Default: 4.
   */
  readonly halfLife?: number | null;
  /** Number of users, each of whom returns on a third of the days. Default: 500. */
  readonly users?: number;
  /** Number of items. Default: 60. */
  readonly items?: number;
  /** Number of domains (values of `scene`), whose tastes differ. Default: 2. */
  readonly domains?: number;
  /** The day (from 0) on which the last domain begins. Default: 0, with the others. */
  readonly launch?: number;
  /** Standard deviation of items' effects on the logit, in each domain. Default: 1.2. */
  readonly strength?: number;
  readonly seed?: number;
}

/** A generated log of several days. */
export interface DriftingLog {
  readonly rows: number;
  /** Columns `ts` (Unix seconds, ascending), `user_id`, `item_id`, `scene`, `clk`: for `dataset(log.table, { time: "ts" })`. */
  readonly table: Table;
  /** The probability of a click, [rows]. */
  readonly truth: Float32Array;
  /** Days; `null`: no drift. */
  readonly halfLife: number | null;
}

const firstSecond = 1_714_521_600; // 2024-05-01
const daySeconds = 86_400;
const returning = 1 / 3;
const clickLogit = -0.8;
const userStrength = 0.3;

/**
 * Generates a log of days: the same options return the same rows. Each day, the taste of a domain for an item moves to
 * `ρ · taste + √(1 − ρ²) · noise` with ρ = 2^(−1 / halfLife), so that a model's knowledge of items decays with this
 * half-life. Users return, and their effects stay.
 * @example
 * const log = driftingLog({ days: 14, halfLife: 4, seed: 7 });
 * const data = await dataset(log.table, { user: "user_id", item: "item_id", time: "ts" });
 */
export function driftingLog(options: DriftingOptions): DriftingLog {
  const settings = {
    rowsPerDay: 2000,
    halfLife: 4,
    users: 500,
    items: 60,
    domains: 2,
    launch: 0,
    strength: 1.2,
    seed: 1,
    ...options,
  };
  assertSettings(settings);
  const { days, rowsPerDay, halfLife, users, domains, launch, seed } = settings;
  noteSeed("driftingLog", seed);
  const source = random(seed).fork("drifting");
  const rows = days * rowsPerDay;
  const columns = {
    ts: new Int32Array(rows),
    user_id: new Int32Array(rows),
    item_id: new Int32Array(rows),
    scene: new Int32Array(rows),
    clk: new Int32Array(rows),
  };
  const truth = new Float32Array(rows);
  const userEffects = normals(users, source.fork("users"), userStrength);
  const tastes = new Tastes(settings, source.fork("tastes"));
  const draws = source.fork("rows");
  for (let day = 0; day < days; day++) {
    if (day > 0) tastes.drift();
    const present = presentUsers(users, draws);
    const open = day >= launch ? domains : Math.max(1, domains - 1);
    for (let at = 0; at < rowsPerDay; at++) {
      const row = day * rowsPerDay + at;
      const user = present[draws.integer(present.length)]!;
      const item = draws.integer(settings.items);
      const scene = draws.integer(open);
      const chance = sigmoid(clickLogit + userEffects[user]! + tastes.of(scene, item));
      columns.ts[row] = firstSecond + day * daySeconds + Math.floor(((at + draws.uniform()) * daySeconds) / rowsPerDay);
      columns.user_id[row] = user;
      columns.item_id[row] = item;
      columns.scene[row] = scene;
      columns.clk[row] = Number(draws.uniform() < chance);
      truth[row] = chance;
    }
  }
  const table = new Table(memorySource(`generated days (seed ${seed})`, Object.entries(columns)));
  return { rows, table, truth, halfLife };
}

type Settings = Required<DriftingOptions>;

function assertSettings(settings: Settings): void {
  const { days, rowsPerDay, users, items, domains, launch, strength, halfLife } = settings;
  const check = (name: string, value: number, range: Parameters<typeof checkNumber>[2]): Problem[] =>
    checkNumber(`driftingLog.${name}`, value, range);
  const problems = [
    ...Object.entries({ days, rowsPerDay, users, items, domains }).flatMap(([name, value]) =>
      check(name, value, positive),
    ),
    ...check("launch", launch, { least: 0, integer: true }),
    ...check("strength", strength, { least: 0 }),
    ...(halfLife === null ? [] : check("halfLife", halfLife, { above: 0 })),
  ];
  if (problems.length > 0) throw new DataError(problems);
}

function normals(count: number, source: Random, deviation: number): Float64Array {
  return Float64Array.from({ length: count }, () => deviation * source.normal());
}

function presentUsers(users: number, source: Random): number[] {
  const present = Array.from({ length: users }, (_, user) => user).filter(() => source.uniform() < returning);
  return present.length === 0 ? [source.integer(users)] : present;
}

/** The effects of items by domain, which drift. */
class Tastes {
  readonly #effects: Float64Array;

  constructor(
    private readonly settings: Pick<Settings, "items" | "domains" | "strength" | "halfLife">,
    private readonly source: Random,
  ) {
    this.#effects = normals(settings.items * settings.domains, source, settings.strength);
  }

  of(domain: number, item: number): number {
    return this.#effects[domain * this.settings.items + item]!;
  }

  drift(): void {
    const { halfLife, strength } = this.settings;
    if (halfLife === null) return;
    const correlation = 2 ** (-1 / halfLife);
    const fresh = Math.sqrt(1 - correlation ** 2) * strength;
    for (let at = 0; at < this.#effects.length; at++)
      this.#effects[at] = correlation * this.#effects[at]! + fresh * this.source.normal();
  }
}
