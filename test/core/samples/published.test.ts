/** Public data sets as they are published, opened and joined as docs/data.md says. */
import path from "node:path";
import { expect, test } from "vitest";
import { dataset } from "../../../src/api/data/dataset.js";
import { suggestModel } from "../../../src/api/model/suggest-model.js";
import { folderOf, million, taobaoFiles } from "./published.js";

test("MovieLens-1M: two characters between fields, Latin-1, quotes without a meaning", async () => {
  const folder = folderOf(million());
  const at = (name: string): string => path.join(folder, name);
  const dat = { separator: "::", encoding: "latin-1" };
  const ratings = await dataset(at("ratings.dat"), { ...dat, names: ["user_id", "item_id", "rating", "time"] });
  const users = await dataset(at("users.dat"), { ...dat, names: ["user_id", "sex", "age", "occupation", "zip"] });
  const refused = await dataset(at("movies.dat"), { ...dat, names: ["item_id", "title", "genres"] }).catch(String);
  const fix = /dataset\.sql\("(.*)"\)/.exec(String(refused))?.[1];
  expect(fix).toContain("encoding = 'latin-1'");
  const movies = await dataset.sql(`select column0 as item_id, column1 as title, column2 as genres from (${fix})`);
  expect((await movies.toRows()).map(({ title }) => title)).toEqual([
    "Misérables, Les (1995)",
    '"Quoted" Title (1958)',
    "No Ratings (2000)",
  ]);
  const rated = await ratings.join(users, { on: "user_id" }).join(movies, { on: "item_id" }).derive({
    click: "rating > 3",
    like: "rating > 4",
    generation: "case when age < 25 then 'young' else 'older' end",
  });
  expect(await rated.select("item_id", "sex", "genres", "click", "like", "generation").toRows()).toEqual([
    { item_id: 1, sex: "F", genres: "Drama|Musical", click: true, like: true, generation: "young" },
    { item_id: 2, sex: "F", genres: "Comedy", click: false, like: false, generation: "young" },
    { item_id: 1, sex: "M", genres: "Drama|Musical", click: true, like: false, generation: "older" },
    { item_id: 9, sex: "M", genres: null, click: true, like: false, generation: "older" },
    { item_id: 2, sex: "M", genres: "Comedy", click: false, like: false, generation: "older" },
  ]);
  expect(rated.notes.join()).toMatch(/1 row \(20%\) have no match in/);
  const { model } = await suggestModel(rated.select("user_id", "item_id", "genres", "generation", "click", "like"), {
    labels: ["click", "like"],
    domain: "generation",
    user: "user_id",
    item: "item_id",
  });
  expect(model.spec.towers.map(({ label }) => label)).toEqual(["click", "like"]);
});

test("Taobao: impressions, ads and users; `NULL` brands, empty levels, a space at the end of a header", async () => {
  const folder = folderOf(taobaoFiles());
  const at = (name: string): string => path.join(folder, name);
  const log = await (await dataset(at("raw_sample.csv")))
    .join(at("ad_feature.csv"), { on: "adgroup_id", how: "inner" })
    .join(at("user_profile.csv"), { on: { user: "userid" } });
  expect(log.rows).toBe(7);
  expect(log.columns.map(({ name }) => name)).toContain("new_user_class_level");
  expect((await log.toRows()).map(({ brand }) => brand)).toEqual([95471, null, 95471, 8, 8, 95471, 95471]);
  expect(log.notes.join()).toMatch(/1 row \(13%\) have no match[\s\S]*they are left out/);
});
