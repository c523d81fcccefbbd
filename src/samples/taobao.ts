/**
 * Prepares Taobao's display advertising logs (Tianchi data set 56) from the published files: raw_sample.csv,
 * ad_feature.csv, user_profile.csv and, if present, behavior_log.csv (700 million rows: scanned, joined within
 * bounds, spilled to disk). Nothing is downloaded.
 */
import { join } from "node:path";
import { placeLiteral } from "../data/sources/duckdb.js";
import { literal } from "../data/sources/names.js";
import { isFile } from "../data/sources/paths.js";
import { DataError } from "../errors/index.js";
import { count, grouped, percent } from "../util/text.js";
import {
  inWorkspace,
  type PreparedData,
  publishedCsv,
  type RecipeStep,
  requireFiles,
  type Workspace,
  writePrepared,
} from "./workspace.js";

const behaviourFile = "behavior_log.csv";

const columns = { user: "BIGINT", time_stamp: "BIGINT", btag: "VARCHAR", cate: "BIGINT", brand: "BIGINT" } as const;

const CHINA_SECONDS = 8 * 3600;

/**
 * Adds to `joined`:
 * - `buy`: 1 if the impression was clicked and its user bought something of the ad's category and brand within
 *   `purchaseHours` after it;
 * - `tag_category_list`, `tag_brand_list`: what the user viewed, favoured or bought most often before the first
 *   impression of the log, joined by `|`: they contain nothing from the days of training or test rows.
 */
async function addBehaviour(
  space: Workspace,
  folder: string,
  { purchaseHours, tags }: Required<TaobaoRecipeOptions>,
  steps: RecipeStep[],
): Promise<void> {
  const hours = Math.round(purchaseHours * 3600);
  steps.push(...(await scanLog(space, publishedCsv(folder, behaviourFile, columns), hours)));
  await space.run(`CREATE TABLE categories AS ${tagsQuery("cate", "tag_category_list", tags)}`);
  await space.run(`CREATE TABLE brands AS ${tagsQuery("brand", "tag_brand_list", tags)}`);
  await space.run("DROP TABLE liked");
  await joinBehaviour(space, hours);
  steps.push(...(await joinedSteps(space, purchaseHours)));
}

async function scanLog(space: Workspace, log: string, window: number): Promise<RecipeStep[]> {
  const { first, last } = await space.numbers("SELECT min(time_stamp) AS first, max(time_stamp) AS last FROM joined");
  await space.run("CREATE TABLE users AS SELECT DISTINCT user_id AS user FROM joined");
  await space.run(`CREATE TABLE liked AS SELECT user, cate, brand, count(*) AS times FROM ${log}
    WHERE time_stamp < ${first} AND user IN (SELECT user FROM users) GROUP BY user, cate, brand`);
  await space.run(`CREATE TABLE bought AS SELECT user, cate, brand, time_stamp FROM ${log}
    WHERE btag = 'buy' AND time_stamp >= ${first} AND time_stamp <= ${last! + window}
    AND user IN (SELECT user FROM users)`);
  const { liked, bought } = await space.numbers(`SELECT (SELECT coalesce(sum(times), 0) FROM liked) AS liked,
    (SELECT count(*) FROM bought) AS bought`);
  const why = "purchases from the first impression on, by users with an impression";
  const before = `actions before the first impression (${chinaDay(first!)}, China time)`;
  return [
    { what: "actions counted for tags", rows: liked!, why: before },
    { what: "purchases considered", rows: bought!, why },
  ];
}

function chinaDay(seconds: number): string {
  return new Date((seconds + CHINA_SECONDS) * 1000).toISOString().slice(0, 10);
}

/** A user's most frequent values. A window can spill to disk; a list of all actions of a user could not. */
function tagsQuery(key: string, name: string, most: number): string {
  return `SELECT user, string_agg(${key}, '|' ORDER BY place) AS ${name} FROM
    (SELECT user, ${key}, row_number() OVER (PARTITION BY user ORDER BY times DESC, ${key}) AS place FROM
      (SELECT user, ${key}, sum(times) AS times FROM liked WHERE ${key} IS NOT NULL GROUP BY user, ${key}))
    WHERE place <= ${most} GROUP BY user`;
}

async function joinBehaviour(space: Workspace, window: number): Promise<void> {
  await space.run(`CREATE TABLE purchases AS SELECT clicks.row_id FROM
    (SELECT row_id, user_id, cate_id, brand, time_stamp FROM joined WHERE clk = 1) AS clicks
    ASOF JOIN bought ON clicks.user_id = bought.user AND clicks.cate_id = bought.cate AND clicks.brand = bought.brand
    AND clicks.time_stamp <= bought.time_stamp WHERE bought.time_stamp - clicks.time_stamp <= ${window}`);
  await space.run(`CREATE TABLE with_behaviour AS SELECT joined.* EXCLUDE (time_stamp),
    CAST(purchases.row_id IS NOT NULL AS BIGINT) AS buy,
    coalesce(tag_category_list, ${literal("")}) AS tag_category_list, coalesce(tag_brand_list, ${literal("")}) AS tag_brand_list,
    joined.time_stamp FROM joined LEFT JOIN purchases USING (row_id)
    LEFT JOIN categories ON joined.user_id = categories.user LEFT JOIN brands ON joined.user_id = brands.user`);
  await space.run("DROP TABLE joined");
  await space.run("ALTER TABLE with_behaviour RENAME TO joined");
}

async function joinedSteps(space: Workspace, hours: number): Promise<RecipeStep[]> {
  const { clicks, bought, untagged } = await space.numbers(`SELECT count(*) FILTER (WHERE clk = 1) AS clicks,
    count(*) FILTER (WHERE buy = 1) AS bought, count(*) FILTER (WHERE tag_category_list = '') AS untagged FROM joined`);
  const within = `of the ad's category and brand within ${hours} hours; ads without a brand have none`;
  return [
    { what: "clicks", rows: clicks!, why: null },
    { what: "clicks followed by a purchase (buy)", rows: bought!, why: within },
    { what: "impressions without tags", rows: untagged!, why: "the user has no action before the first impression" },
  ];
}

const about =
  "download raw_sample, ad_feature, user_profile and (for purchases and tags) behavior_log of tianchi.aliyun.com/dataset/56 " +
  "under their licence, unpack them into one folder, and pass that folder";

const files = {
  "raw_sample.csv": {
    user: "BIGINT",
    time_stamp: "BIGINT",
    adgroup_id: "BIGINT",
    pid: "VARCHAR",
    nonclk: "INTEGER",
    clk: "INTEGER",
  },
  "ad_feature.csv": {
    adgroup_id: "BIGINT",
    cate_id: "BIGINT",
    campaign_id: "BIGINT",
    customer: "BIGINT",
    brand: "BIGINT",
    price: "DOUBLE",
  },
  "user_profile.csv": {
    userid: "BIGINT",
    cms_segid: "BIGINT",
    cms_group_id: "BIGINT",
    final_gender_code: "BIGINT",
    age_level: "BIGINT",
    pvalue_level: "BIGINT",
    shopping_level: "BIGINT",
    occupation: "BIGINT",
    new_user_class_level: "BIGINT",
  },
} as const;

const userColumns = [
  "cms_segid",
  "cms_group_id",
  "age_level",
  "pvalue_level",
  "shopping_level",
  "new_user_class_level",
];
const adColumns = ["cate_id", "campaign_id", "customer", "brand"];

const taobaoDomains: readonly string[] = ["others", "students", "no profile"];

/**
 * Reads the folder and writes `out/train.parquet` and `out/test.parquet`: one row per impression, with the columns
 * of `configs/pepnet_taobao.config`. A missing attribute has a separate last bucket, so a user without a profile has
 * domain 2. Throws a DataError if files are missing or differ from the published format.
 * @example
 * const { train, test, steps, sizes } = await taobaoFromFiles("taobao", "data/taobao", { users: 0.05 });
 */
export async function taobaoFromFiles(
  folder: string,
  out: string,
  options: TaobaoRecipeOptions = {},
): Promise<PreparedData> {
  requireFiles(folder, Object.keys(files), about);
  const settings = { testDays: 1, users: 1, purchaseHours: 24, tags: 10, memory: "2GB", ...options };
  checkSettings(settings);
  const behaviour = isFile(join(folder, behaviourFile));
  return inWorkspace(out, settings.memory, async (space) => {
    const steps: RecipeStep[] = [];
    await loadTables(space, folder, settings.users, steps);
    const sizes = await bucketSizes(space);
    await joinTables(space, sizes, steps);
    if (behaviour) await addBehaviour(space, folder, settings, steps);
    else {
      const why = `no ${behaviourFile} in the folder: purchases (buy) and tags are missing, so the config has one task`;
      steps.push({ what: "behaviour rows read", rows: 0, why });
    }
    const parts = await writeParts(space, out, settings.testDays, steps);
    return { name: "Taobao display advertising", folder, ...parts, steps, sizes, domains: taobaoDomains, behaviour };
  });
}

function checkSettings(settings: Required<TaobaoRecipeOptions>): void {
  const problem = (name: keyof TaobaoRecipeOptions, expected: string): DataError =>
    new DataError({ path: `taobao.${name}`, message: "out of range", received: String(settings[name]), expected });
  if (!(settings.users > 0 && settings.users <= 1)) throw problem("users", "a share above 0, up to 1");
  if (!(Number.isInteger(settings.testDays) && settings.testDays > 0)) throw problem("testDays", "1 or more days");
  if (!(settings.purchaseHours > 0)) throw problem("purchaseHours", "more than 0 hours");
  if (!(Number.isInteger(settings.tags) && settings.tags > 0)) throw problem("tags", "1 or more");
}

async function loadTables(space: Workspace, folder: string, users: number, steps: RecipeStep[]): Promise<void> {
  await space.run(`CREATE TABLE ads AS FROM ${publishedCsv(folder, "ad_feature.csv", files["ad_feature.csv"])}`);
  await space.run(
    `CREATE TABLE profiles AS FROM ${publishedCsv(folder, "user_profile.csv", files["user_profile.csv"])}`,
  );
  await refuseRepeats(space, "ads", "adgroup_id", join(folder, "ad_feature.csv"));
  await refuseRepeats(space, "profiles", "userid", join(folder, "user_profile.csv"));
  const raw = publishedCsv(folder, "raw_sample.csv", files["raw_sample.csv"]);
  // Knuth's multiplicative hash: the same users on every machine, spread over their ids.
  const sampled = users < 1 ? `WHERE (user * 2654435761) % 4294967296 < ${Math.round(users * 4294967296)}` : "";
  await space.run(`CREATE TABLE read AS SELECT *, row_number() OVER () AS row_id FROM ${raw} ${sampled}`);
  const usable = "user IS NOT NULL AND time_stamp IS NOT NULL AND clk IN (0, 1) AND clk + nonclk = 1";
  const counts =
    await space.numbers(`SELECT count(*) AS all_rows, count(*) FILTER (WHERE NOT coalesce(${usable}, false)) AS bad,
    count(*) FILTER (WHERE coalesce(${usable}, false) AND adgroup_id NOT IN (SELECT adgroup_id FROM ads)) AS unknown_ads FROM read`);
  const chosen = users < 1 ? `of ${percent(users)} of the users, by their id` : null;
  steps.push({ what: "impressions read", rows: counts["all_rows"]!, why: chosen });
  drop(steps, counts["bad"]!, "user or time is missing, or clk and nonclk are inconsistent");
  drop(steps, counts["unknown_ads"]!, "the ad is missing in ad_feature.csv");
  await space.run(`CREATE TABLE shown AS SELECT row_id, user, time_stamp, adgroup_id, pid, clk FROM read
    WHERE ${usable} AND adgroup_id IN (SELECT adgroup_id FROM ads)`);
  await space.run("DROP TABLE read");
}

function drop(steps: RecipeStep[], rows: number, why: string): void {
  if (rows > 0) steps.push({ what: "impressions dropped", rows, why });
}

/** A duplicate key would multiply the joined rows. */
async function refuseRepeats(space: Workspace, table: string, key: string, path: string): Promise<void> {
  const repeats = await space.numbers(
    `SELECT count(*) - count(DISTINCT ${key}) AS more, (SELECT ${key} FROM ${table} GROUP BY ${key} HAVING count(*) > 1 ORDER BY ${key} LIMIT 1) AS first FROM ${table}`,
  );
  if (repeats["more"] === 0) return;
  throw new DataError({
    path,
    message: `duplicate or missing ${key}`,
    received: `${repeats["more"]} rows too many, such as for ${key} ${repeats["first"]}`,
    expected: `one row per ${key}`,
    fix: "use the downloaded file unchanged",
  });
}

async function bucketSizes(space: Workspace): Promise<Record<string, number>> {
  const most = (columns: readonly string[], table: string): Promise<Record<string, number>> =>
    space.numbers(`SELECT ${columns.map((name) => `max(${name}) AS ${name}`).join(", ")} FROM ${table}`);
  const withMissing = (sizes: Record<string, number>): [string, number][] =>
    Object.entries(sizes).map(([name, max]) => [name, max + 2]);
  const profiles = await most(userColumns, "profiles");
  const ads = await most(adColumns, "ads");
  const { user, adgroup_id } = await space.numbers(
    "SELECT max(user) AS user, (SELECT max(adgroup_id) FROM ads) AS adgroup_id FROM shown",
  );
  return {
    user_id: user! + 1,
    ...Object.fromEntries(withMissing(profiles)),
    occupation: taobaoDomains.length,
    adgroup_id: adgroup_id! + 1,
    ...Object.fromEntries(withMissing(ads)),
  };
}

async function joinTables(space: Workspace, sizes: Record<string, number>, steps: RecipeStep[]): Promise<void> {
  const filled = (table: string, name: string): string => `coalesce(${table}.${name}, ${sizes[name]! - 1}) AS ${name}`;
  const odd = await space.numbers("SELECT count(*) AS rows FROM profiles WHERE occupation NOT IN (0, 1)");
  if (odd["rows"]! > 0) {
    throw new DataError({
      path: "user_profile.csv",
      message: `occupation is neither 0 nor 1 in ${odd["rows"]} rows`,
      fix: "use the downloaded file unchanged",
    });
  }
  await space.run(`CREATE TABLE joined AS SELECT shown.row_id, shown.user AS user_id,
    ${userColumns
      .slice(0, 5)
      .map((name) => filled("profiles", name))
      .join(", ")},
    ${filled("profiles", "occupation")}, ${filled("profiles", "new_user_class_level")},
    shown.adgroup_id, ${adColumns.map((name) => filled("ads", name)).join(", ")}, shown.pid,
    CAST(coalesce(ads.price, 0) AS FLOAT) AS price, CAST(shown.clk AS BIGINT) AS clk, shown.time_stamp
    FROM shown LEFT JOIN profiles ON shown.user = profiles.userid LEFT JOIN ads USING (adgroup_id)`);
  const fill = await space.numbers(`SELECT
    (SELECT count(*) FROM shown WHERE user NOT IN (SELECT userid FROM profiles)) AS profiles,
    (SELECT count(*) FROM joined WHERE brand = ${sizes["brand"]! - 1}) AS brands,
    (SELECT count(*) FROM joined WHERE pvalue_level = ${sizes["pvalue_level"]! - 1}) AS levels,
    (SELECT count(*) FROM shown JOIN ads USING (adgroup_id) WHERE price IS NULL) AS prices`);
  const step = (what: string, rows: number, why: string): void => void (rows > 0 && steps.push({ what, rows, why }));
  step("impressions of users without a profile", fill["profiles"]!, "attributes in their last buckets, domain 2");
  step("impressions of ads without a brand", fill["brands"]!, `brand ${sizes["brand"]! - 1}, its last bucket`);
  const level = `pvalue_level ${sizes["pvalue_level"]! - 1}, its last bucket`;
  step("impressions without pvalue_level", fill["levels"]!, level);
  step("impressions of ads without a price", fill["prices"]!, "price 0");
}

/** Days start at midnight in China, as in the publishers' split. */
async function writeParts(space: Workspace, out: string, testDays: number, steps: RecipeStep[]) {
  const { cut } = await space.numbers(
    `SELECT ((max(time_stamp) + ${CHINA_SECONDS}) // 86400 - ${testDays - 1}) * 86400 - ${CHINA_SECONDS} AS cut FROM joined`,
  );
  const day = chinaDay(cut!);
  const write = async (name: string, where: string) => {
    const path = await writePrepared(out, `${name}.parquet`, (fresh) =>
      space.run(`COPY (SELECT * EXCLUDE (row_id) FROM joined WHERE ${where}
        ORDER BY time_stamp, user_id, adgroup_id, pid, clk)
        TO ${placeLiteral(fresh)} (FORMAT parquet)`),
    );
    const { rows, users } = await space.numbers(
      `SELECT count(*) AS rows, count(DISTINCT user_id) AS users FROM joined WHERE ${where}`,
    );
    return { path, rows: rows!, users: users! };
  };
  const train = await write("train", `time_stamp < ${cut}`);
  const test = await write("test", `time_stamp >= ${cut}`);
  if (train.rows === 0) {
    throw new DataError({
      path: "taobao.testDays",
      message: `all impressions are from ${day} on, where the test rows start`,
      expected: "impressions of more days than the test days",
    });
  }
  const { cold } = await space.numbers(`SELECT count(*) AS cold FROM joined WHERE time_stamp >= ${cut}
    AND user_id NOT IN (SELECT user_id FROM joined WHERE time_stamp < ${cut})`);
  const earlier = `before ${day} (China time), ${count(train.users, "user")}`;
  const later = `from ${day} on, ${grouped(cold!)} of them of users without training rows`;
  steps.push(
    { what: "training rows", rows: train.rows, why: earlier },
    { what: "test rows", rows: test.rows, why: later },
  );
  return { train: { path: train.path, rows: train.rows }, test: { path: test.path, rows: test.rows } };
}

/** Options of the recipe. */
export interface TaobaoRecipeOptions {
  /** Number of last days used as test rows. Default: 1 (13 May 2017), the publishers' split. */
  readonly testDays?: number;
  /** The share of the users to use, chosen by their id. Default: 1. */
  readonly users?: number;
  /** A purchase counts for a click if it follows within this number of hours. Default: 24. */
  readonly purchaseHours?: number;
  /** Number of a user's most frequent categories and brands that become tags. Default: 10. */
  readonly tags?: number;
  /** DuckDB's memory limit; beyond it, DuckDB uses the disk. Default: `"2GB"`. */
  readonly memory?: string;
}
