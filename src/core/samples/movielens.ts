/** Prepares MovieLens-100K (u.data, u.user, u.item). Nothing is downloaded. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { memorySource } from "../data/sources/memory.js";
import { isFile } from "../data/sources/paths.js";
import { Table } from "../data/table/table.js";
import { DataError } from "../errors/index.js";
import { noteFiles } from "../port/notebook.js";
import { readWholeSync } from "../util/files/read-whole.js";

const files = ["u.data", "u.user", "u.item"];

/** Names of `age_domain`'s values, in order. */
export const movielensDomains: readonly string[] = ["under 25", "25–34", "35 and over"];

/** `num_buckets` of {@link movielens100k}'s id columns: one more than the number of ids, because ids start at 1. */
export const movielensSizes: Readonly<Record<string, number>> = {
  user_id: 944,
  item_id: 1683,
  age: 80,
  age_domain: 3,
  gender: 2,
  release_year: 25,
};

/**
 * Reads a folder with MovieLens-100K, one row per rating: user_id, item_id (from 1, as in the files), age,
 * age_domain (0: under 25, 1: 25–34, 2: 35 and over), gender (0: F, 1: M), occupation (text), zip (text),
 * release_year (bucket: 0 unknown or before 1930, then by decades, from 1980 by years), genres (text, joined by
 * `|`), timestamp (Unix seconds), rating (1 to 5), click (rating > 3) and like (rating > 4). Throws a DataError if
 * files are missing or differ from the published format.
 * @example
 * const ratings = await movielens100k("ml-100k");
 * const { train, test } = await (await dataset(ratings)).split({ train: 9, test: 1 }, { by: { time: "timestamp" } });
 */
export async function movielens100k(folder: string): Promise<Table> {
  const missing = files.filter((file) => !isFile(join(folder, file)));
  if (missing.length > 0) {
    throw new DataError({
      path: folder,
      message: existsSync(folder) ? `the folder lacks ${missing.join(", ")}` : "no such folder",
      expected: `the folder of MovieLens-100K, with ${files.join(", ")}`,
      fix:
        "download ml-100k.zip from grouplens.org/datasets/movielens/100k (its README states the licence: research use, " +
        "no redistribution), unpack it, and pass its folder",
    });
  }
  noteFiles(files.map((file) => join(folder, file)));
  const ratings = readFields(folder, "u.data", "\t", 4);
  const users = new Map(readFields(folder, "u.user", "|", 5).map((fields) => [fields[0]!, fields]));
  const items = new Map(readFields(folder, "u.item", "|", 24).map((fields) => [fields[0]!, fields]));
  return new Table(memorySource(join(folder, "u.data"), ratingColumns(folder, ratings, users, items)));
}

type Fields = readonly string[];

function ratingColumns(
  folder: string,
  ratings: readonly Fields[],
  users: ReadonlyMap<string, Fields>,
  items: ReadonlyMap<string, Fields>,
): [string, ArrayLike<unknown>][] {
  const user = ratings.map((fields, line) => fieldsById(users, fields[0]!, folder, "u.user", line));
  const item = ratings.map((fields, line) => fieldsById(items, fields[1]!, folder, "u.item", line));
  const genresIn = (fields: Fields): string => genreNames.filter((_, index) => fields[5 + index] === "1").join("|");
  const genresOf = new Map([...items].map(([id, fields]) => [id, genresIn(fields)]));
  const age = Int32Array.from(user, (fields) => Number(fields[1]));
  const rating = Int32Array.from(ratings, (fields) => Number(fields[2]));
  return [
    ["user_id", Int32Array.from(ratings, (fields) => Number(fields[0]))],
    ["item_id", Int32Array.from(ratings, (fields) => Number(fields[1]))],
    ["age", age],
    ["age_domain", age.map((years) => (years < 25 ? 0 : years < 35 ? 1 : 2))],
    ["gender", Int32Array.from(user, (fields) => (fields[2] === "M" ? 1 : 0))],
    ["occupation", user.map((fields) => fields[3])],
    ["zip", user.map((fields) => fields[4])],
    ["release_year", Int32Array.from(item, (fields) => yearBucket(fields[2]!))],
    ["genres", item.map((fields) => genresOf.get(fields[0]!))],
    ["timestamp", Int32Array.from(ratings, (fields) => Number(fields[3]))],
    ["rating", rating],
    ["click", rating.map((stars) => (stars > 3 ? 1 : 0))],
    ["like", rating.map((stars) => (stars > 4 ? 1 : 0))],
  ];
}

function fieldsById(rows: ReadonlyMap<string, Fields>, id: string, folder: string, file: string, line: number): Fields {
  const row = rows.get(id);
  if (row !== undefined) return row;
  throw new DataError({
    path: `${join(folder, "u.data")}: line ${line + 1}`,
    message: `id ${id} is not in ${file}`,
    fix: "unpack the archive again: its files do not belong together",
  });
}

/** Fields of each line; the files are Latin-1. */
function readFields(folder: string, file: string, separator: string, count: number): Fields[] {
  const lines = readWholeSync(join(folder, file), "text").toString("latin1").split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line, index) => {
    const fields = line.split(separator);
    if (fields.length === count) return fields;
    throw new DataError({
      path: `${join(folder, file)}: line ${index + 1}`,
      message: "the line differs from the published format",
      received: `${fields.length} fields`,
      expected: `${count} fields separated by ${JSON.stringify(separator)}`,
    });
  });
}

const genreNames = [
  "unknown",
  "Action",
  "Adventure",
  "Animation",
  "Children's",
  "Comedy",
  "Crime",
  "Documentary",
  "Drama",
  "Fantasy",
  "Film-Noir",
  "Horror",
  "Musical",
  "Mystery",
  "Romance",
  "Sci-Fi",
  "Thriller",
  "War",
  "Western",
];

/** Bucket of a release date such as `01-Jan-1995`: 0 unknown or before 1930, 1 … 5 decades from 1930, then years from 1980. */
function yearBucket(date: string): number {
  const year = Number(date.slice(-4));
  if (!(year >= 1930)) return 0;
  if (year < 1980) return 1 + Math.floor((year - 1930) / 10);
  return Math.min(6 + year - 1980, 24);
}
