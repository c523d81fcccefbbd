// `node scripts/samples.mjs`: writes the generated samples of data/, on which notebooks run where a user has no data yet.
// Nothing in them comes from a data set: ratings, people and films are drawn with a fixed seed.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { root, setUp } from "./setup.mjs";

await setUp();
const pepnet = createRequire(import.meta.url)(path.join(root, "dist/index.js"));

/** Numbers from 0 to 1 by a seed (mulberry32). */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Ratings in MovieLens-100K's format: tastes depend on the age, as the model's domains do. */
function movielens(folder) {
  const draw = random(36);
  const normal = () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
  const pick = (list) => list[Math.floor(draw() * list.length)];
  const jobs = ["student", "engineer", "educator", "writer", "retired", "other"];
  const users = Array.from({ length: 160 }, (_, index) => {
    const age = 16 + Math.floor(draw() ** 1.5 * 50);
    return { id: index + 1, age, gender: pick("MF"), job: age < 22 ? "student" : pick(jobs), bias: 0.4 * normal() };
  });
  const items = Array.from({ length: 240 }, (_, index) => {
    const genres = [1 + Math.floor(draw() * 18), 1 + Math.floor(draw() * 18)];
    return { id: index + 1, year: 1970 + Math.floor(draw() ** 0.5 * 29), genres, quality: 0.6 * normal() };
  });
  const tastes = Array.from({ length: 3 }, () => Array.from({ length: 19 }, () => 0.6 * normal()));
  const ratings = Array.from({ length: 5000 }, (_, row) => {
    const [user, item] = [pick(users), items[Math.floor(draw() ** 1.6 * items.length)]];
    const taste = tastes[user.age < 25 ? 0 : user.age < 35 ? 1 : 2];
    const liking = 3.5 + user.bias + item.quality + taste[item.genres[0]] + taste[item.genres[1]] + 0.7 * normal();
    const stars = Math.min(5, Math.max(1, Math.round(liking)));
    return [user.id, item.id, stars, 874_724_710 + row * 3600].join("\t");
  });
  const flags = ({ genres }) => Array.from({ length: 19 }, (_, genre) => Number(genres.includes(genre))).join("|");
  const files = {
    "u.data": ratings,
    "u.user": users.map(({ id, age, gender, job }) => [id, age, gender, job, "00000"].join("|")),
    "u.item": items.map((item) => `${item.id}|Film ${item.id} (${item.year})|01-Jan-${item.year}|||${flags(item)}`),
  };
  mkdirSync(folder, { recursive: true });
  for (const [name, lines] of Object.entries(files)) writeFileSync(path.join(folder, name), `${lines.join("\n")}\n`);
}

/** A model that this package trained, as TorchEasyRec would leave it: config, weights and rows to evaluate. */
async function production(folder) {
  const { adam, adagrad, dataset, idFeature, taobaoLike } = pepnet;
  const log = taobaoLike({ rows: 16_000, seed: 36, users: 300, ads: 200 });
  const { train, test } = await (await dataset(log.table)).split({ train: 3, test: 1 }, { seed: 1 });
  const features = ["user_id", "adgroup_id", "cate_id", "brand", "age_level", "shopping_level"];
  const model = pepnet
    .pepnet()
    .features(
      ...features.map((name) => idFeature(name).hash(300).embedding(8)),
      idFeature("occupation").buckets(3).embedding(8),
    )
    .labels("clk", "buy", "occupation")
    .group("domain", ["occupation"])
    .group("uia", ["user_id", "adgroup_id"])
    .epnet({ gamma: 2 })
    .ppnet({ hidden: [24, 12], gamma: 2 })
    .domains("occupation", ["student", "worker", "retired"])
    .tower("ctr", (t) => t.label("clk").mlp(12).bce().auc())
    .tower("cvr", (t) => t.label("buy").mlp(12).bce().auc().taskSpace("clk", { in: 1, out: 0 }))
    .train({ epochs: 2, batchSize: 256, dense: adam(2e-3), sparse: adagrad(0.1) });
  const work = mkdtempSync(path.join(os.tmpdir(), "samples-"));
  const run = await model.fit(train, { validation: test, seed: 1, quiet: true });
  await run.save(path.join(work, "run"));
  await model.exportTorchEasyRec(train, { folder: path.join(work, "cluster"), validation: test });
  mkdirSync(folder, { recursive: true });
  copyFileSync(path.join(work, "run", "weights.safetensors"), path.join(folder, "weights.safetensors"));
  for (const name of ["pipeline.config", "eval.parquet"]) {
    copyFileSync(path.join(work, "cluster", name), path.join(folder, name));
  }
  rmSync(work, { recursive: true });
}

/** A log of a shop whose scenes change what categories, brands and prices mean. */
async function shop(folder) {
  const log = pepnet.taobaoLike({ rows: 12_000, seed: 36, users: 600, ads: 200, time: true });
  const named = await (await pepnet.dataset(log.table)).derive({
    item_id: "adgroup_id",
    scene: "['feed', 'search', 'live'][occupation + 1]",
    category: "cate_id",
    age: "age_level",
    ts: "time_stamp",
    click: "clk",
  });
  mkdirSync(folder, { recursive: true });
  const columns = ["user_id", "item_id", "scene", "category", "brand", "price", "age", "ts", "click", "buy"];
  await named.select(...columns).toParquet(path.join(folder, "log.parquet"));
}

movielens(path.join(root, "data", "ml-100k"));
await shop(path.join(root, "data", "shop"));
await production(path.join(root, "data", "production"));
