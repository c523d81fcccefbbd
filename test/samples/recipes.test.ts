/** Recipes turn a folder in the published format into train and test rows, and say what they did. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dataset } from "../../src/api/data/open.js";
import { pepnet } from "../../src/api/model/model.js";
import { prepareMovielens, prepareTaobao } from "../../src/api/model/prepare.js";
import type { PreparedData } from "../../src/samples/workspace.js";
import { csvRelease, folderOf, million, taobaoFiles } from "./published.js";

const rowsOf = async (path: string) => (await dataset(path)).table.toRows();
const steps = (prepared: PreparedData): Record<string, number> =>
  Object.fromEntries(
    prepared.steps.map(({ what, rows, why }) => [why?.startsWith("the ad") ? "unknown ad" : what, rows]),
  );

describe("Taobao", () => {
  test("impressions with attributes, purchases and tags, split at the last day", async () => {
    const folder = folderOf(taobaoFiles());
    const taobao = await prepareTaobao(folder, join(folder, "out"));
    const train = await rowsOf(taobao.train.path);
    expect(train[0]).toEqual({
      ...{ user_id: 1, cms_segid: 0, cms_group_id: 5, age_level: 5, pvalue_level: 4, shopping_level: 3, occupation: 0 },
      ...{ new_user_class_level: 3, adgroup_id: 10, cate_id: 6406, campaign_id: 3, customer: 1, brand: 95471 },
      ...{ pid: "430548_1007", price: 170, clk: 1, buy: 1 },
      ...{ tag_category_list: "500|300|400", tag_brand_list: "2|1", time_stamp: 1494003600 },
    });
    const shown = (rows: Record<string, unknown>[]) =>
      rows.map(({ user_id, adgroup_id, clk, buy }) => [user_id, adgroup_id, clk, buy]);
    expect(shown(train)).toEqual([
      [1, 10, 1, 1],
      [1, 11, 0, 0],
      [2, 10, 1, 0],
      [3, 12, 1, 0],
    ]);
    expect(shown(await rowsOf(taobao.test.path))).toEqual([
      [1, 12, 0, 0],
      [4, 10, 1, 1],
    ]);
    expect(steps(taobao)).toMatchObject({
      "impressions read": 8,
      "impressions dropped": 1,
      "unknown ad": 1,
      "impressions of users without a profile": 1,
      "impressions of ads without a brand": 1,
      "purchases considered": 6,
      "clicks followed by a purchase (buy)": 2,
      "training rows": 4,
      "test rows": 2,
    });
    expect((await taobao.bundle())["text/plain"]).toContain("clk and nonclk are inconsistent");
  });

  test("what is missing takes its column's last bucket, and a user without a profile is a domain of their own", async () => {
    const folder = folderOf(taobaoFiles());
    const { test: held, train, sizes } = await prepareTaobao(folder, join(folder, "out"));
    const last = (await rowsOf(held.path)).at(-1)!;
    expect(last).toMatchObject({
      user_id: 4,
      occupation: 2,
      cms_segid: 97,
      pvalue_level: 4,
      new_user_class_level: 5,
      tag_brand_list: "",
    });
    expect((await rowsOf(train.path))[1]).toMatchObject({ brand: sizes["brand"]! - 1 });
    expect(sizes).toMatchObject({
      user_id: 5,
      cms_segid: 98,
      cms_group_id: 14,
      occupation: 3,
      adgroup_id: 14,
      brand: 95473,
    });
  });

  test("the config opens, its model trains on the rows, and checks find no error", async () => {
    const folder = folderOf(taobaoFiles());
    const taobao = await prepareTaobao(folder, join(folder, "out"));
    const { readFileSync } = await import("node:fs");
    const text = readFileSync(taobao.config, "utf8");
    expect(text).toContain(`train_input_path: "${taobao.train.path}"`);
    const model = pepnet.fromConfig(text);
    expect(model.spec.domains).toMatchObject({ column: "occupation", count: 3 });
    expect((await (await dataset(taobao.train.path)).check(model)).errors).toEqual([]);
    const run = await model.fit(taobao.train.path, {
      validation: taobao.test.path,
      steps: 1,
      engine: "cpu",
      quiet: true,
    });
    expect(run.evaluation?.rowCount).toBe(2);
    await run.dispose();
  }, 60_000);

  test("without the behaviour log there are clicks alone; a share of users is the same share each time", async () => {
    const folder = folderOf(taobaoFiles());
    rmSync(join(folder, "behavior_log.csv"));
    const taobao = await prepareTaobao(folder, join(folder, "out"));
    expect([taobao.behaviour, taobao.model.spec.towers.length]).toEqual([false, 1]);
    expect((await dataset(taobao.train.path)).table.names).not.toContain("buy");
    const few = await prepareTaobao(folder, join(folder, "few"), { users: 0.7 });
    const users = new Set((await rowsOf(few.train.path)).map((row) => row["user_id"]));
    expect([...users]).toEqual([1, 2]);
  });

  test("files that are missing, of another format, or with a key twice are refused by name", async () => {
    await expect(prepareTaobao("/nowhere", "/tmp/never")).rejects.toThrow(
      /no such folder[\s\S]*raw_sample.csv[\s\S]*tianchi/,
    );
    const files = taobaoFiles();
    const other = folderOf({ ...files, "ad_feature.csv": files["ad_feature.csv"]!.replace("cate_id", "category") });
    await expect(prepareTaobao(other, join(other, "out"))).rejects.toThrow(
      /ad_feature.csv: line 1[\s\S]*received: adgroup_id,category/,
    );
    const twice = folderOf({ ...files, "user_profile.csv": `${files["user_profile.csv"]}3,1,1,1,1,1,1,0,1\n` });
    await expect(prepareTaobao(twice, join(twice, "out"))).rejects.toThrow(
      /duplicate or missing userid[\s\S]*userid 3/,
    );
    const broken = folderOf({ ...files, "raw_sample.csv": `${files["raw_sample.csv"]}5,soon,10,x,1,0\n` });
    await expect(prepareTaobao(broken, join(broken, "out"))).rejects.toThrow(
      /differ from the published format[\s\S]*soon/,
    );
    const oneDay = folderOf({
      ...files,
      "raw_sample.csv": "user,time_stamp,adgroup_id,pid,nonclk,clk\n1,1494003600,10,x,1,0\n",
    });
    await expect(prepareTaobao(oneDay, join(oneDay, "out"))).rejects.toThrow(/all impressions are from 2017-05-06/);
  });
});

describe("MovieLens", () => {
  test("1M: users and movies joined, Latin-1 and all; a rating of an unknown movie is dropped and counted", async () => {
    const folder = folderOf(million());
    const movies = await prepareMovielens(folder, join(folder, "out"), { testShare: 0.3 });
    const rows = [...(await rowsOf(movies.train.path)), ...(await rowsOf(movies.test.path))];
    expect(rows.length).toBe(4);
    expect(rows.at(-1)).toEqual({
      ...{ user_id: 1, item_id: 2, age: 1, age_domain: 0, gender: 0, occupation: 10, zip: "48067", release_year: 3 },
      ...{ genres: "Comedy", timestamp: 978302109, rating: 3, click: 0, like: 0 },
    });
    expect(rows.find((row) => row["user_id"] === 2 && row["item_id"] === 1)).toMatchObject({
      age_domain: 2,
      gender: 1,
      release_year: 21,
      click: 1,
      like: 0,
    });
    expect(steps(movies)).toMatchObject({ "ratings read": 5, "ratings dropped": 1 });
    expect(movies.sizes).toMatchObject({ user_id: 3, item_id: 3, age: 57, age_domain: 3 });
    expect((await (await dataset(movies.train.path)).check(movies.model)).errors).toEqual([]);
  });

  test("20M: eras as domains, half stars, titles in quotes, movies without year or genres", async () => {
    const folder = folderOf(csvRelease());
    const movies = await prepareMovielens(folder, join(folder, "out"), { testShare: 0.2 });
    const rows = await rowsOf(movies.train.path);
    expect(
      rows.map((row) => [row["item_id"], row["era_domain"], row["release_year"], row["click"], row["like"]]),
    ).toEqual([
      [2, 2, 31, 0, 0],
      [1, 1, 21, 1, 1],
      [3, 0, 0, 1, 1],
      [1, 1, 21, 1, 0],
    ]);
    expect(rows[0]).toMatchObject({ genres: "" });
    expect(movies.steps.at(-1)?.why).toContain("1 of them by users without training rows");
    expect(steps(movies)).toMatchObject({ "ratings of movies without a year": 1, "test rows": 1 });
    expect((await (await dataset(movies.train.path)).check(movies.model)).errors).toEqual([]);
  });

  test("other lines and folders are refused", async () => {
    const folder = folderOf({ ...million(), "users.dat": "1,F,1,10,48067\n" });
    await expect(prepareMovielens(folder, join(folder, "out"))).rejects.toThrow(
      /users.dat: line 1[\s\S]*5 fields separated by ::/,
    );
    writeFileSync(join(folder, "ratings.dat"), "1::1::5\n");
    await expect(prepareMovielens(folder, join(folder, "out"))).rejects.toThrow(/ratings.dat: line 1/);
    await expect(prepareMovielens("/nowhere", "/tmp/never")).rejects.toThrow(/no such folder[\s\S]*ml-20m.zip/);
  });
});
