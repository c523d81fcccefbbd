/** Generates logs in the form of Taobao's ad data, whose true probabilities are known. */
import { columnsSource, memorySource } from "../../data/sources/memory.js";
import { type NumberColumn, numberColumn, type TextColumn } from "../../data/table/column.js";
import { Table } from "../../data/table/table.js";
import { noteSeed } from "../../port/notebook.js";
import { random } from "../../util/random.js";
import { type LogBlock, LogRows, type OracleAuc, oracleAucs } from "./rows.js";
import { completeTaobao, type TaobaoOptions, type TaobaoSettings } from "./settings.js";
import { adsPerCampaign, brands, campaignsPerCustomer, categories, drawWorld, type World } from "./world.js";

/** Columns of the log as typed arrays, [rows] each; text as plain arrays. */
export type TaobaoArrays = Readonly<Record<string, Int32Array | Float32Array | Float64Array | string[]>>;

/** A generated log, drawn on demand. */
export interface TaobaoLog {
  readonly rows: number;
  readonly arrays: TaobaoArrays;
  /** The same as plain arrays, created on first use: the argument of `new dfd.DataFrame(log.columns)`. */
  readonly columns: Readonly<Record<string, (number | string)[]>>;
  /** The columns as a table, for `split`, or as `dataset(log.table)`. */
  readonly table: Table;
  readonly sizes: Readonly<Record<string, number>>;
  /** True probabilities by label, [rows]: of a click, and of later labels given a click. */
  readonly truth: { readonly clk: Float32Array; readonly buy: Float32Array; readonly [label: string]: Float32Array };
  /** The best achievable AUC on these rows, by task and domain: that of the true probabilities. */
  readonly oracle: readonly OracleAuc[];
  /** Writes the rows as a Parquet file, block by block, and returns its path: they may exceed the memory. */
  toParquet(path: string): Promise<string>;
}

const pids = ["430539_1007", "430548_1007"];

/**
 * Generates a log: the same options return the same rows. Domains (`occupation`) prefer different categories, brands
 * and prices, so a model that distinguishes them has a higher AUC. Purchases happen only after clicks.
 * @example
 * const log = taobaoLike({ rows: 120_000, seed: 7 });
 * const { train, test } = await (await dataset(log.table)).split({ train: 8, test: 2 });
 */
export function taobaoLike(options: TaobaoOptions): TaobaoLog {
  const settings = completeTaobao(options);
  noteSeed("taobaoLike", settings.seed);
  const source = random(settings.seed).fork("taobao");
  const world = drawWorld(settings, source.fork("world"));
  const log = new LogRows(settings, world, source);
  const name = `generated log (seed ${settings.seed})`;
  const whole = once(() => collected(log, settings, world));
  const plain = ([column, values]: [string, TaobaoArrays[string]]) => [column, Array.from<number | string>(values)];
  return madeOnUse<TaobaoLog>({
    rows: () => settings.rows,
    sizes: () => vocabularySizes(settings),
    arrays: () => whole().arrays,
    columns: () => Object.fromEntries(Object.entries(whole().arrays).map(plain)),
    table: () => new Table(memorySource(name, Object.entries(whole().arrays))),
    truth: () => whole().truth,
    oracle: () => oracleAucs(log, world.users.domain, settings.domains),
    toParquet: () => async (path) => {
      const parts = columnParts(log, settings, world);
      const { writeParquet } = await import("../../data/sources/parquet.js");
      await writeParquet(columnsSource(name, firstItem(columnParts(log, settings, world))).columns, parts, path);
      return path;
    },
  });
}

function madeOnUse<T extends object>(makers: { readonly [Name in keyof T]: () => T[Name] }): T {
  const getters = Object.entries<() => unknown>(makers).map(([name, make]) => {
    return [name, { get: once(make), enumerable: true }] as const;
  });
  return Object.defineProperties({}, Object.fromEntries(getters)) as T;
}

function once<T>(make: () => T): () => T {
  let value: T | undefined;
  return () => {
    value ??= make();
    return value;
  };
}

interface WholeLog {
  readonly arrays: TaobaoArrays;
  readonly truth: TaobaoLog["truth"];
}

function collected(log: LogRows, settings: TaobaoSettings, world: World): WholeLog {
  const arrays: Record<string, TaobaoArrays[string]> = {};
  const truth: Record<string, Float32Array> = {};
  let filled = 0;
  const put = (into: Record<string, TaobaoArrays[string]>, name: string, values: NumberColumn["values"]): void => {
    into[name] ??= new (values.constructor as Float64ArrayConstructor)(settings.rows);
    (into[name] as Float64Array).set(values, filled);
  };
  for (const block of log.blocks()) {
    for (const [name, column] of blockColumns(block, settings, world)) {
      if (column.kind === "number") put(arrays, name, column.values);
      else {
        arrays[name] ??= [];
        const texts = arrays[name] as string[];
        for (const code of column.codes) texts.push(column.words[code]!);
      }
    }
    for (const task of block.tasks) put(truth, task.name, task.truth);
    filled += block.impressions.user.length;
  }
  return { arrays, truth: truth as WholeLog["truth"] };
}

function* columnParts(log: LogRows, settings: TaobaoSettings, world: World) {
  for (const block of log.blocks()) yield blockColumns(block, settings, world);
}

function firstItem<Item>(items: Iterable<Item>): Item {
  for (const item of items) return item;
  throw new Error("the log has no rows");
}

function blockColumns({ impressions, tasks, times }: LogBlock, settings: TaobaoSettings, world: World) {
  const { users, ads } = world;
  const ofUser = (column: Int32Array): NumberColumn => integers(impressions.user.map((user) => column[user]!));
  const ofAd = (column: Int32Array): NumberColumn => integers(impressions.ad.map((ad) => column[ad]!));
  const tags = (liked: readonly (readonly number[])[]): TextColumn => {
    return { kind: "text", codes: impressions.user, words: liked.map((tagsOfUser) => tagsOfUser.join("|")) };
  };
  const columns = new Map<string, NumberColumn | TextColumn>([
    ["user_id", integers(impressions.user)],
    ["cms_segid", ofUser(users.segment)],
    ["cms_group_id", ofUser(users.group)],
    ["age_level", ofUser(users.age)],
    ["pvalue_level", ofUser(users.purchasingPower)],
    ["shopping_level", ofUser(users.shopping)],
    ["occupation", ofUser(users.domain)],
    ["new_user_class_level", ofUser(users.city)],
    ["adgroup_id", integers(impressions.ad)],
    ["cate_id", ofAd(ads.category)],
    ["campaign_id", ofAd(ads.campaign)],
    ["customer", ofAd(ads.customer)],
    ["brand", ofAd(ads.brand)],
    ["pid", { kind: "text", codes: impressions.pid, words: pids }],
    ["tag_category_list", tags(users.likedCategories)],
    ["tag_brand_list", tags(users.likedBrands)],
    ["price", floats(Float64Array.from(impressions.ad, (ad) => ads.price[ad]!))],
  ]);
  if (times !== null) columns.set("time_stamp", integers(times));
  for (const { name, labels } of tasks) columns.set(name, integers(labels));
  if (settings.truth) for (const { name, truth } of tasks) columns.set(`p_${name}`, floats(truth));
  return columns;
}

const integers = (values: Int32Array): NumberColumn => numberColumn("integer", values);
const floats = (values: Float32Array | Float64Array): NumberColumn => numberColumn("float", values);

function vocabularySizes(settings: TaobaoSettings): Record<string, number> {
  const campaigns = Math.max(1, Math.floor(settings.ads / adsPerCampaign));
  return {
    user_id: settings.users,
    cms_segid: 96,
    cms_group_id: 12,
    age_level: 7,
    pvalue_level: 3,
    shopping_level: 3,
    occupation: settings.domains,
    new_user_class_level: 4,
    adgroup_id: settings.ads,
    cate_id: categories,
    campaign_id: campaigns,
    customer: Math.max(1, Math.floor(campaigns / campaignsPerCustomer)),
    brand: brands,
  };
}
