/** MovieLens 1M and the CSV releases (10M ratings and more), prepared by DuckDB. Nothing is downloaded. */
import { join } from "node:path";
import { fileList, placeLiteral } from "../data/sources/duckdb.js";
import { literal } from "../data/sources/names.js";
import { isFile, readFirst } from "../data/sources/paths.js";
import { split } from "../data/table/split.js";
import type { Table } from "../data/table/table.js";
import { DataError } from "../errors/index.js";
import { grouped } from "../util/text.js";
import { movielens100k, movielensDomains, movielensSizes } from "./movielens.js";
import {
  inWorkspace,
  type PreparedData,
  publishedCsv,
  type RecipeStep,
  requireFiles,
  type Workspace,
  writePrepared,
} from "./workspace.js";

/** Options of the recipe. */
export interface MovielensRecipeOptions {
  /** The share of the ratings, the newest, used as test rows. Default: 0.1. */
  readonly testShare?: number;
  /** DuckDB's memory limit; beyond it, DuckDB uses the disk. Default: `"2GB"`. */
  readonly memory?: string;
}

const movielensEras: readonly string[] = ["before 1980", "1980–1999", "2000 and later"];

const about =
  "download ml-100k.zip, ml-1m.zip or ml-20m.zip from grouplens.org/datasets/movielens (each README states the licence: " +
  "research use, no redistribution), unpack it, and pass its folder";

/**
 * Reads a folder with MovieLens 100K, 1M or 20M (detected by its files) and writes `out/train.parquet` and
 * `out/test.parquet`, split by time: one row per rating, with click (rating > 3) and like (rating > 4). Domains are
 * the users' ages (100K, 1M) or the movies' eras (20M, which does not describe users). Throws a DataError if files
 * are missing or differ from the published format.
 * @example
 * const { train, test, sizes } = await movielensFromFiles("ml-1m", "data/ml-1m");
 */
export async function movielensFromFiles(
  folder: string,
  out: string,
  options: MovielensRecipeOptions = {},
): Promise<PreparedData> {
  const { testShare = 0.1, memory = "2GB" } = options;
  if (!(testShare > 0 && testShare < 1)) {
    const [received, expected] = [String(testShare), "between 0 and 1"];
    throw new DataError({
      path: "movielens.testShare",
      message: "must be a share between 0 and 1",
      received,
      expected,
    });
  }
  if (isFile(join(folder, "u.data"))) return inWorkspace(out, memory, () => small(folder, out, testShare));
  if (isFile(join(folder, "ratings.dat")))
    return inWorkspace(out, memory, (space) => million(space, folder, out, testShare));
  requireFiles(folder, ["ratings.csv", "movies.csv"], about);
  return inWorkspace(out, memory, (space) => csvRelease(space, folder, out, testShare));
}

async function small(folder: string, out: string, testShare: number): Promise<PreparedData> {
  const ratings = await movielens100k(folder);
  const shares = { train: 1 - testShare, test: testShare };
  const { train, test } = await split(ratings, shares, { by: { time: "timestamp" } });
  const write = async (part: Table, name: string) => {
    const path = await writePrepared(out, `${name}.parquet`, (fresh) => part.toParquet(fresh));
    return { path, rows: part.rows };
  };
  const trainUsers = new Set(await train.column("user_id"));
  const cold = (await test.column("user_id")).filter((user) => !trainUsers.has(user)).length;
  const steps = [{ what: "ratings read", rows: ratings.rows, why: null }, ...partSteps(train.rows, test.rows, cold)];
  const parts = { train: await write(train, "train"), test: await write(test, "test") };
  const rest = { sizes: movielensSizes, domains: movielensDomains, behaviour: false };
  return { name: "MovieLens 100K", folder, ...parts, steps, ...rest };
}

const yearOf = String.raw`try_cast(regexp_extract(title, '\((\d{4})\)\s*$', 1) AS BIGINT)`;
/** Bucket of a release year: 0 unknown or before 1930, 1 … 5 decades from 1930, then years from 1980. */
const yearBucket = `CASE WHEN year IS NULL OR year < 1930 THEN 0 WHEN year < 1980 THEN 1 + (year - 1930) // 10 ELSE 6 + year - 1980 END`;
const labels = 'CAST(rating > 3 AS BIGINT) AS click, CAST(rating > 4 AS BIGINT) AS "like"';

async function million(space: Workspace, folder: string, out: string, testShare: number): Promise<PreparedData> {
  requireFiles(folder, ["ratings.dat", "users.dat", "movies.dat"], about);
  await space.run(
    `CREATE TABLE ratings AS FROM ${datFile(folder, "ratings.dat", { user_id: "BIGINT", item_id: "BIGINT", rating: "BIGINT", timestamp: "BIGINT" })}`,
  );
  await space.run(
    `CREATE TABLE users AS FROM ${datFile(folder, "users.dat", { user_id: "BIGINT", sex: "VARCHAR", age: "BIGINT", occupation: "BIGINT", zip: "VARCHAR" })}`,
  );
  await space.run(
    `CREATE TABLE movies AS SELECT *, ${yearOf} AS year FROM ${datFile(folder, "movies.dat", { item_id: "BIGINT", title: "VARCHAR", genres: "VARCHAR" })}`,
  );
  const steps = await readStep(space, ["users", "movies"]);
  await space.run(`CREATE TABLE joined AS SELECT user_id, item_id, age,
    CASE WHEN age < 25 THEN 0 WHEN age < 35 THEN 1 ELSE 2 END::BIGINT AS age_domain,
    CAST(sex = 'M' AS BIGINT) AS gender, occupation, zip, ${yearBucket} AS release_year, genres, timestamp, rating, ${labels}
    FROM ratings JOIN users USING (user_id) JOIN movies USING (item_id)`);
  const parts = await writeByTime(space, out, testShare, steps);
  const sizes = await countIds(space, ["user_id", "item_id", "age", "occupation", "release_year"]);
  const rest = { sizes: { ...sizes, age_domain: 3, gender: 2 }, domains: movielensDomains, behaviour: false };
  return { name: "MovieLens 1M", folder, ...parts, steps, ...rest };
}

async function csvRelease(space: Workspace, folder: string, out: string, testShare: number): Promise<PreparedData> {
  const ratings = { userId: "BIGINT", movieId: "BIGINT", rating: "DOUBLE", timestamp: "BIGINT" };
  const movies = { movieId: "BIGINT", title: "VARCHAR", genres: "VARCHAR" };
  await space.run(`CREATE TABLE ratings AS SELECT userId AS user_id, movieId AS item_id, rating, timestamp
    FROM ${publishedCsv(folder, "ratings.csv", ratings)}`);
  await space.run(`CREATE TABLE movies AS SELECT movieId AS item_id, ${yearOf} AS year,
    CASE genres WHEN '(no genres listed)' THEN '' ELSE genres END AS genres FROM ${publishedCsv(folder, "movies.csv", movies)}`);
  const steps = await readStep(space, ["movies"]);
  await space.run(`CREATE TABLE joined AS SELECT user_id, item_id,
    CASE WHEN year >= 2000 THEN 2 WHEN year >= 1980 THEN 1 ELSE 0 END::BIGINT AS era_domain,
    ${yearBucket} AS release_year, genres, timestamp, rating, ${labels} FROM ratings JOIN movies USING (item_id)`);
  const { unknown } = await space.numbers(
    "SELECT count(*) AS unknown FROM ratings JOIN movies USING (item_id) WHERE year IS NULL",
  );
  if (unknown! > 0) {
    const why = "their title contains no year: era 0, release_year 0";
    steps.push({ what: "ratings of movies without a year", rows: unknown!, why });
  }
  const parts = await writeByTime(space, out, testShare, steps);
  const sizes = await countIds(space, ["user_id", "item_id", "release_year"]);
  const count = steps[0]!.rows;
  const name = `MovieLens ${count > 1_000_000 ? `${Math.round(count / 1_000_000)}M` : "(CSV release)"}`;
  const rest = { sizes: { ...sizes, era_domain: 3 }, domains: movielensEras, behaviour: false };
  return { name, folder, ...parts, steps, ...rest };
}

function datFile(folder: string, file: string, columns: Readonly<Record<string, string>>): string {
  const path = join(folder, file);
  const first = readFirst(path, 4096).toString("latin1").split(/\r?\n/)[0] ?? "";
  const names = Object.keys(columns);
  if (first.split("::").length !== names.length) {
    throw new DataError({
      path: `${path}: line 1`,
      message: "the line differs from the published format",
      received: first.slice(0, 80),
      expected: `${names.length} fields separated by ::, such as ${names.join("::")}`,
      fix: about,
    });
  }
  const types = Object.entries(columns).map(([name, type]) => `${literal(name)}: ${literal(type)}`);
  return `read_csv(${fileList([path])}, header = false, auto_detect = false, delim = '::', quote = '', escape = '', encoding = 'latin-1', columns = {${types.join(", ")}})`;
}

async function readStep(space: Workspace, tables: readonly ("users" | "movies")[]): Promise<RecipeStep[]> {
  const { rows } = await space.numbers("SELECT count(*) AS rows FROM ratings");
  const steps: RecipeStep[] = [{ what: "ratings read", rows: rows!, why: null }];
  for (const table of tables) {
    const key = table === "users" ? "user_id" : "item_id";
    const { repeats, missing } =
      await space.numbers(`SELECT (SELECT count(*) - count(DISTINCT ${key}) FROM ${table}) AS repeats,
      (SELECT count(*) FROM ratings WHERE ${key} NOT IN (SELECT ${key} FROM ${table} WHERE ${key} IS NOT NULL)) AS missing`);
    if (repeats! > 0) throw new DataError({ path: table, message: `duplicate ${key} in ${repeats} rows`, fix: about });
    if (missing! > 0)
      steps.push({ what: "ratings dropped", rows: missing!, why: `their ${key} is missing in ${table}` });
  }
  return steps;
}

async function countIds(space: Workspace, columns: readonly string[]): Promise<Record<string, number>> {
  return space.numbers(`SELECT ${columns.map((name) => `max(${name}) + 1 AS ${name}`).join(", ")} FROM joined`);
}

/** The newest ratings are test rows; ratings of one moment stay together. */
async function writeByTime(space: Workspace, out: string, testShare: number, steps: RecipeStep[]) {
  const { cut } = await space.numbers(`SELECT quantile_disc(timestamp, ${1 - testShare}) AS cut FROM joined`);
  const write = async (name: string, where: string) => {
    const rowsSql = `FROM joined WHERE ${where} ORDER BY timestamp, user_id, item_id`;
    const path = await writePrepared(out, `${name}.parquet`, (fresh) =>
      space.run(`COPY (${rowsSql}) TO ${placeLiteral(fresh)} (FORMAT parquet)`),
    );
    const { rows } = await space.numbers(`SELECT count(*) AS rows FROM joined WHERE ${where}`);
    return { path, rows: rows! };
  };
  const train = await write("train", `timestamp <= ${cut}`);
  const test = await write("test", `timestamp > ${cut}`);
  const { cold } = await space.numbers(`SELECT count(*) AS cold FROM joined WHERE timestamp > ${cut}
    AND user_id NOT IN (SELECT user_id FROM joined WHERE timestamp <= ${cut})`);
  const day = new Date(cut! * 1000).toISOString().slice(0, 10);
  steps.push(...partSteps(train.rows, test.rows, cold!, `, to ${day}`));
  return { train, test };
}

function partSteps(train: number, test: number, cold: number, until = ""): RecipeStep[] {
  return [
    { what: "training rows", rows: train, why: `the older ratings${until}` },
    {
      what: "test rows",
      rows: test,
      why: `the newest ratings, ${grouped(cold)} of them by users without training rows`,
    },
  ];
}
