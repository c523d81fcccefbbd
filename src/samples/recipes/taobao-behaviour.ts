/** Purchases and tags from Taobao's behaviour log: filtered scans, and no join that multiplies rows. */
import { literal } from "../../data/sources/duckdb/index.js";
import type { RecipeStep } from "./prepared.js";
import type { TaobaoRecipeOptions } from "./taobao-options.js";
import { publishedCsv, type Workspace } from "./workspace.js";

export const behaviourFile = "behavior_log.csv";

const columns = { user: "BIGINT", time_stamp: "BIGINT", btag: "VARCHAR", cate: "BIGINT", brand: "BIGINT" } as const;

/** The log uses China's time zone. */
const CHINA_SECONDS = 8 * 3600;

/**
 * Adds to `joined`:
 * - `buy`: 1 if the impression was clicked and its user bought something of the ad's category and brand within
 *   `purchaseHours` after it;
 * - `tag_category_list`, `tag_brand_list`: what the user viewed, favoured or bought most often before the first
 *   impression of the log, joined by `|`: they contain nothing from the days of training or test rows.
 */
export async function addBehaviour(
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

/** Creates `liked` and `bought` by two scans, each filtered before anything is stored. */
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
  const day = new Date((first! + CHINA_SECONDS) * 1000).toISOString().slice(0, 10);
  return [
    { what: "actions counted for tags", rows: liked!, why: `actions before the first impression (${day}, China time)` },
    {
      what: "purchases considered",
      rows: bought!,
      why: "purchases from the first impression on, by users with an impression",
    },
  ];
}

/** A user's most frequent values. A window can spill to disk; a list of all actions of a user could not. */
function tagsQuery(key: string, name: string, most: number): string {
  return `SELECT user, string_agg(${key}, '|' ORDER BY place) AS ${name} FROM
    (SELECT user, ${key}, row_number() OVER (PARTITION BY user ORDER BY times DESC, ${key}) AS place FROM
      (SELECT user, ${key}, sum(times) AS times FROM liked WHERE ${key} IS NOT NULL GROUP BY user, ${key}))
    WHERE place <= ${most} GROUP BY user`;
}

/** Joins the nearest purchase after each click, at most one per click, and the users' tags. */
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
