/** Small folders in the formats in which public data sets are published. Nothing of the data sets themselves. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** 6 May 2017, midnight in China, in Unix seconds. */
const taobaoStart = Date.UTC(2017, 4, 5, 16) / 1000;
const hour = 3600;
const day = 24 * hour;

/** A folder of files. */
export function folderOf(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), "pepnet's-published[1]-"));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

const csv = (header: string, rows: readonly (readonly unknown[])[]): string =>
  `${[header, ...rows.map((row) => row.join(","))].join("\n")}\n`;

/** Taobao's files, as Tianchi publishes them: `NULL` brands, empty levels, a space at the end of a header. */
export function taobaoFiles(): Record<string, string> {
  const at = (days: number, hours: number): number => taobaoStart + days * day + hours * hour;
  return {
    "raw_sample.csv": csv("user,time_stamp,adgroup_id,pid,nonclk,clk", [
      [1, at(0, 1), 10, "430548_1007", 0, 1],
      [1, at(0, 2), 11, "430539_1007", 1, 0],
      [2, at(1, 5), 10, "430548_1007", 0, 1],
      [2, at(1, 6), 99, "430548_1007", 1, 0],
      [3, at(6, 0), 12, "430539_1007", 0, 1],
      [1, at(7, 0), 12, "430548_1007", 1, 0],
      [4, at(7, 23), 10, "430539_1007", 0, 1],
      [4, at(7, 23), 10, "430539_1007", 1, 1],
    ]),
    "ad_feature.csv": csv("adgroup_id,cate_id,campaign_id,customer,brand,price", [
      [10, 6406, 3, 1, 95471, "170.0"],
      [11, 6406, 4, 1, "NULL", "5.5"],
      [12, 7, 5, 2, 8, "0.01"],
      [13, 8000, 90, 70, 60, "1"],
    ]),
    "user_profile.csv": csv(
      "userid,cms_segid,cms_group_id,final_gender_code,age_level,pvalue_level,shopping_level,occupation,new_user_class_level ",
      [
        [1, 0, 5, 2, 5, "", 3, 0, 3],
        [2, 19, 4, 1, 4, 2, 3, 1, ""],
        [3, 96, 12, 1, 6, 3, 1, 0, 4],
      ],
    ),
  };
}

/** MovieLens 1M: `::` between fields, Latin-1, no header; movie 3 has no ratings, movie 9 is described nowhere. */
export function million(): Record<string, string | Buffer> {
  return {
    "ratings.dat":
      "1::1::5::978300760\n1::2::3::978302109\n2::1::4::978298413\n2::9::4::978299000\n2::2::1::978299009\n",
    "users.dat": "1::F::1::10::48067\n2::M::56::16::70072-1234\n",
    "movies.dat": Buffer.from(
      '1::Misérables, Les (1995)::Drama|Musical\n2::"Quoted" Title (1958)::Comedy\n3::No Ratings (2000)::Horror\n',
      "latin1",
    ),
  };
}
