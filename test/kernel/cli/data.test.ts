/** `pepnet data` from a shell: describe, check, generate. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { pepnet } from "../../../src/api/model/model.js";
import { idFeature } from "../../../src/core/builder/id-feature.js";
import { pepnetIn } from "./command.js";

const folder = mkdtempSync(join(tmpdir(), "pepnet-cli-data-"));
const config = join(folder, "pipeline.config");
const model = pepnet()
  .features(idFeature("user_id").buckets(9).embedding(4), idFeature("item_id").buckets(9).embedding(4))
  .features(idFeature("age_domain").buckets(3).embedding(4))
  .labels("click", "like")
  .group("domain", ["age_domain"])
  .epnet()
  .domains("age_domain", 3)
  .tower("click", (t) => t.label("click").mlp(4).bce().auc())
  .tower("like", (t) => t.label("like").mlp(4).bce().auc());
writeFileSync(config, model.toConfig());

describe("pepnet data", () => {
  test("a check of sound rows ends with 0", async () => {
    const file = join(folder, "good.csv");
    writeFileSync(file, "user_id,item_id,click,like,age_domain\n1,1,1,0,0\n2,1,0,0,2\n");
    const checked = await pepnetIn(folder, "data", "check", file, "--config", config);
    expect(checked.out).toMatch(/: 0 errors/);
    expect(checked.code).toBe(0);
  });

  test("a check that finds errors ends with 1 and names them; a look at the same file says what it holds", async () => {
    const file = join(folder, "bad.csv");
    writeFileSync(file, "user_id,item_id,click,age_domain\n1,1,2,0\n2,1,0,7\n");
    const checked = await pepnetIn(folder, "data", "check", file, "--config", config);
    expect(checked.code).toBe(1);
    expect(checked.out).toMatch(/label "click" is out of range \(1 row, 50%\)[\s\S]*row 0: 2/);
    expect(checked.out).toMatch(/label "like" needs a column[\s\S]*domain "age_domain" is out of range/);
    const described = await pepnetIn(folder, "data", "describe", file, "--labels", "click", "--domain", "age_domain");
    expect(described.out).toMatch(/all rows +2 +50\.00%/);
  });

  test("takes users as independent where --user names their column", async () => {
    const rows = Array.from({ length: 60 }, (_, row) => `${row % 12},${row % 5},${row % 2}`).join("\n");
    writeFileSync(join(folder, "users.csv"), `user_id,item_id,click\n${rows}\n`);
    const flags = ["users.csv", "--labels", "click", "--training", "users.csv"];
    const plain = await pepnetIn(folder, "data", "describe", ...flags);
    expect(plain.out).toMatch(/if user_id is the user[\s\S]*rows taken as independent/);
    const byUser = await pepnetIn(folder, "data", "describe", ...flags, "--user", "user_id");
    expect(byUser.out).toMatch(/60 training rows to 60 rows, whole users by user_id/);
    const missing = await pepnetIn(folder, "data", "describe", ...flags, "--user", "nobody");
    expect([missing.code, missing.err]).toEqual([1, expect.stringContaining("nobody")]);
  });

  test("reads files as its flags say: another separator, no header, names", async () => {
    writeFileSync(join(folder, "ratings.dat"), "1::10::5\n2::20::4\n");
    const found = await pepnetIn(folder, "data", "describe", "ratings.dat");
    expect(found.out).toMatch(/2 rows, ratings\.dat[\s\S]*column_1 +integer/);
    writeFileSync(join(folder, "spaced.dat"), "1 10 5\n2 20 4\n");
    const refused = await pepnetIn(folder, "data", "describe", "spaced.dat");
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("--separator ' ' --no-header")]);
    const bare = await pepnetIn(folder, "data", "describe", "ratings.dat", "--separator", "::", "--no-header");
    expect(bare.out).toMatch(/2 rows, ratings\.dat[\s\S]*column_1 +integer/);
    writeFileSync(join(folder, "tabs.txt"), "1\t10\n2\t20\n");
    const named = await pepnetIn(folder, "data", "describe", "tabs.txt", "--separator", "\\t", "--names", "user,item");
    expect(named.out).toMatch(/2 rows[\s\S]*user +integer[\s\S]*item +integer/);
    writeFileSync(join(folder, "latin.csv"), Buffer.from("city,zip,age\nKöln,50667,-\nBonn,53111,30\n", "latin1"));
    const flags = ["--encoding", "latin-1", "--nulls", "-,none", "--types", "zip=text"];
    const latin = await pepnetIn(folder, "data", "describe", "latin.csv", ...flags);
    expect(latin.out).toMatch(/city +text[\s\S]*zip +text[\s\S]*age +integer/);
  });

  test("generates a log and tells the best AUC on it", async () => {
    const file = join(folder, "log.parquet");
    const made = await pepnetIn(folder, "data", "generate", file, "--rows", "2000", "--tasks", "3", "--domains", "2");
    expect(made.out).toMatch(/wrote 2000 rows[\s\S]*best auc cart within clk: 0\.\d{4}, by domain 0\.\d{4} 0\.\d{4}/);
    expect((await pepnetIn(folder, "data", "generate", file, "--rows", "many")).code).toBe(2);
    const absent = await pepnetIn(folder, "data", "generate", join(folder, "absent", "log.parquet"), "--rows", "9");
    expect(absent.code).toBe(1);
    expect(absent.err).toMatch(/absent\/log\.parquet: cannot be written: its folder does not exist[\s\S]*mkdir -p/);
    const empty = await pepnetIn(folder, "data", "generate", "", "--rows", "9");
    expect(empty.err).toMatch(/^✗ "": cannot be written: not a regular file/);
    expect((await pepnetIn(folder, "data", "describe", join(folder, "absent.parquet"))).err).toMatch(/no such file/);
  });
});
