/**
 * A made-up log in the shape of Taobao's display advertising data, with planted truth: every row's probability of a
 * click, and of a purchase after it, is known, and so is the best AUC that any model can reach.
 */
import { DataError } from "../../errors/index.js";
import { random } from "../../util/random.js";
import { noteSeed } from "../../util/trail.js";
import { memorySource } from "../sources/memory.js";
import { Table } from "../table.js";
import { drawImpressions, drawLabels, type Impressions, logits, probabilities } from "./chances.js";
import { adsPerCampaign, brands, campaignsPerCustomer, categories, drawWorld, type World } from "./world.js";

/** What to generate. */
export interface TaobaoOptions {
  readonly rows: number;
  /** Default: 1. */
  readonly seed?: number;
  /** Default: 2,000. */
  readonly users?: number;
  /** Default: 1,500. */
  readonly ads?: number;
  /** Values of `occupation`. Default: 3. */
  readonly domains?: number;
  /** How much domains differ in what they like; 0: not at all. Default: 1. */
  readonly domainEffect?: number;
  /** Default: 0.28. */
  readonly clickRate?: number;
  /** Purchases in clicks. Default: 0.3. */
  readonly purchaseRate?: number;
  /** `true`: the columns `p_clk` and `p_buy` hold the true probabilities, so that splits carry them along. Default: `false`. */
  readonly truth?: boolean;
}

/** Columns of the log as typed arrays, [rows] each; text as plain arrays. */
export type TaobaoArrays = Readonly<Record<string, Int32Array | Float32Array | Float64Array | string[]>>;

/** A generated log. */
export interface TaobaoLog {
  readonly rows: number;
  readonly arrays: TaobaoArrays;
  /** The same as plain arrays, made when first asked for: what `new dfd.DataFrame(log.columns)` takes. */
  readonly columns: Readonly<Record<string, (number | string)[]>>;
  readonly table: Table;
  /** `num_buckets` of each id column that holds numbers. */
  readonly sizes: Readonly<Record<string, number>>;
  /** True probabilities, [rows]: of a click, and of a purchase given a click. */
  readonly truth: { readonly clk: Float32Array; readonly buy: Float32Array };
}

const pids = ["430539_1007", "430548_1007"];

/**
 * Generates a log: the same options give the same rows. Domains (`occupation`) differ in which categories, brands and
 * prices they like, so that a model which tells them apart is rewarded. Purchases happen only after clicks.
 *
 * @example
 * const log = taobaoLike({ rows: 120_000, seed: 7 });
 * const { train, test } = await split(log.table, { train: 8, test: 2 });
 */
export function taobaoLike(options: TaobaoOptions): TaobaoLog {
  const settings = complete(options);
  noteSeed("taobaoLike", settings.seed);
  const source = random(settings.seed).fork("taobao");
  const world = drawWorld(settings, source.fork("world"));
  const shown = drawImpressions(settings, world, source.fork("rows"));
  const labels = source.fork("labels");
  const clickLogits = logits(shown, world, "click");
  const pClick = probabilities(clickLogits, settings.clickRate, null);
  const clk = drawLabels(pClick, null, labels);
  const pBuy = probabilities(logits(shown, world, "purchase"), settings.purchaseRate, clk);
  const buy = drawLabels(pBuy, clk, labels);
  const arrays: Record<string, TaobaoArrays[string]> = { ...attributes(shown, world), clk, buy };
  if (settings.truth) {
    arrays["p_clk"] = pClick;
    arrays["p_buy"] = pBuy;
  }
  let plain: TaobaoLog["columns"] | null = null;
  const name = `generated log (seed ${settings.seed})`;
  return {
    rows: settings.rows,
    arrays,
    get columns() {
      plain ??= plainArrays(arrays);
      return plain;
    },
    table: new Table(memorySource(name, Object.entries(arrays))),
    sizes: sizesOf(settings),
    truth: { clk: pClick, buy: pBuy },
  };
}

function plainArrays(arrays: TaobaoArrays): Record<string, (number | string)[]> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, values]) => [name, Array.from<number | string>(values)]),
  );
}

function complete(options: TaobaoOptions): Required<TaobaoOptions> {
  const settings = {
    seed: 1,
    users: 2000,
    ads: 1500,
    domains: 3,
    domainEffect: 1,
    clickRate: 0.28,
    purchaseRate: 0.3,
    truth: false,
    ...options,
  };
  for (const name of ["rows", "users", "ads", "domains"] as const) {
    const count = settings[name];
    if (Number.isInteger(count) && count > 0) continue;
    throw new DataError({
      path: `taobaoLike.${name}`,
      message: "is no count",
      received: String(count),
      expected: "1 or more",
    });
  }
  for (const name of ["clickRate", "purchaseRate"] as const) {
    const rate = settings[name];
    if (rate > 0 && rate < 1) continue;
    throw new DataError({
      path: `taobaoLike.${name}`,
      message: "is no rate",
      received: String(rate),
      expected: "between 0 and 1",
    });
  }
  return settings;
}

function attributes(shown: Impressions, world: World): Record<string, TaobaoArrays[string]> {
  const { users, ads } = world;
  const ofUser = (column: Int32Array): Int32Array => shown.user.map((user) => column[user] as number);
  const ofAd = (column: Int32Array): Int32Array => shown.ad.map((ad) => column[ad] as number);
  const categoryTags = users.likedCategories.map((liked) => liked.join("|"));
  const brandTags = users.likedBrands.map((liked) => liked.join("|"));
  return {
    user_id: shown.user,
    cms_segid: ofUser(users.segment),
    cms_group_id: ofUser(users.group),
    age_level: ofUser(users.age),
    pvalue_level: ofUser(users.purchasingPower),
    shopping_level: ofUser(users.shopping),
    occupation: ofUser(users.domain),
    new_user_class_level: ofUser(users.city),
    adgroup_id: shown.ad,
    cate_id: ofAd(ads.category),
    campaign_id: ofAd(ads.campaign),
    customer: ofAd(ads.customer),
    brand: ofAd(ads.brand),
    pid: Array.from(shown.pid, (pid) => pids[pid] as string),
    tag_category_list: Array.from(shown.user, (user) => categoryTags[user] as string),
    tag_brand_list: Array.from(shown.user, (user) => brandTags[user] as string),
    price: Float64Array.from(shown.ad, (ad) => ads.price[ad] as number),
  };
}

function sizesOf(settings: Required<TaobaoOptions>): Record<string, number> {
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
