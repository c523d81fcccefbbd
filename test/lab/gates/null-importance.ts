/** What carries predictions, in worlds where that is known: with made-up predictions, and with trained models. */
import type { EncodedData, IdColumn } from "../../../src/core/data/encoded/encoded.js";
import type { Engine } from "../../../src/core/engine/engine.js";
import { random } from "../../../src/core/util/random.js";
import { adagrad, adam, type Dataset, dataset, idFeature, pepnet, type Run, rawFeature } from "../../../src/index.js";
import { importance } from "../../../src/lab/gates/importance.js";
import type { Importance } from "../../../src/types.js";
import { type Rate, triedRates } from "../../rates.js";

const fields = { mood: 6, proxy: 6, user: 40, age: 4, item: 30, scene: 2 } as const;
type Field = keyof typeof fields;

const { spec } = pepnet()
  .features(...Object.entries(fields).map(([name, size]) => idFeature(name).buckets(size).embedding(2)))
  .labels("y")
  .group("domain", ["scene"])
  .group("uia", ["user"])
  .epnet()
  .ppnet({ hidden: [4] })
  .domains("scene", ["feed", "live"])
  .tower("t", (t) => t.label("y").mlp(4).bce());

/** What labels depend on besides the scene: nothing, users that the model knows, the mood, or users that it does not know. */
type World = "noise" | "user" | "mood" | "unknown users";

/** Predictions that have learned the truth, and as much by heart: each value of each field moves them, for no reason. */
async function madeUp(world: World, seed: number): Promise<Importance> {
  const source = random(seed).fork(world);
  const rows = 1500;
  const column: Record<Field, number[]> = { mood: [], proxy: [], user: [], age: [], item: [], scene: [] };
  const effects = (size: number, of: number): number[] => Array.from({ length: of }, () => size * source.normal());
  const [byMood, byUser] = [
    effects(world === "mood" ? 0.8 : 0, 6),
    effects(world === "mood" || world === "noise" ? 0 : 0.8, 40),
  ];
  const byHeart = Object.fromEntries(Object.entries(fields).map(([name, size]) => [name, effects(0.3, size)]));
  const labels = new Float32Array(rows);
  const known = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const [user, mood, scene] = [source.integer(40), source.integer(6), source.integer(2)];
    const proxy = source.uniform() < 0.5 ? mood : source.integer(6);
    const values = { mood, proxy, user, age: user % 4, item: source.integer(30), scene };
    for (const name of Object.keys(fields) as Field[]) column[name].push(values[name]);
    const truth = byMood[mood]! + byUser[user]! + scene - 1;
    known[row] = source.uniform() < 1 / (1 + Math.exp(-truth)) ? 1 : 0;
    labels[row] = known[row]!;
  }
  const ids = (name: Field): IdColumn => ({ kind: "ids", ids: Int32Array.from(column[name]) });
  const data: EncodedData = {
    rows,
    features: new Map((Object.keys(fields) as Field[]).map((name) => [name, ids(name)])),
    labels: new Map([["y", labels]]),
    sampleWeights: new Map(),
    domains: Int32Array.from(column.scene),
    warnings: [],
  };
  const learned = { mood: byMood, user: world === "user" ? byUser : [] } as Partial<Record<Field, number[]>>;
  const predict: Engine["predict"] = async (batch) => {
    const sums = new Float64Array(batch.rows.length);
    for (const name of Object.keys(fields) as Field[]) {
      const { ids } = batch.data.features.get(name) as IdColumn;
      const [heart, truth] = [byHeart[name]!, learned[name] ?? []];
      for (const [at, row] of batch.rows.entries()) sums[at] = sums[at]! + heart[ids[row]!]! + (truth[ids[row]!] ?? 0);
    }
    const logits = Float32Array.from(sums);
    return [{ tower: "t", logits, probabilities: logits.map((logit) => 1 / (1 + Math.exp(-logit))) }];
  };
  const users = { name: "user", codes: Int32Array.from(column.user) };
  const engine = { spec, predict } as unknown as Engine;
  const groups = world === "unknown users" ? [["mood"], ["proxy"], ["item"], ["age"]] : null;
  return importance(engine, data, { users, groups, seed, permutations: 1 + (seed % 3) });
}

const [worlds, atMost] = [200, 18];

export async function nullImportances(): Promise<Rate[]> {
  const carriers: Record<World, readonly string[]> = {
    noise: [],
    user: ["user + 1"],
    mood: ["mood"],
    "unknown users": [],
  };
  const rates: Rate[] = [];
  for (const [world, right] of Object.entries(carriers) as [World, readonly string[]][]) {
    const names = [`${world}: another group carries something`, `${world}: a carrier is missed`];
    const rules = names.map((name) => ({ name, of: worlds, atMost }));
    const tried = await triedRates(rules, async (seed) => {
      const { groups } = await madeUp(world, seed);
      const named = groups.filter(({ carries }) => carries.length > 0).map(({ name }) => name);
      return [named.some((name) => !right.includes(name)), right.some((name) => !named.includes(name))];
    });
    rates.push(...tried);
  }
  return rates;
}

const trained = pepnet()
  .features(
    idFeature("user").buckets(300).embedding(8),
    idFeature("age").buckets(6).embedding(4),
    idFeature("item").buckets(200).embedding(8),
    idFeature("cate").buckets(10).embedding(4),
    rawFeature("price"),
    idFeature("mood").buckets(8).embedding(4),
    idFeature("proxy").buckets(8).embedding(4),
    idFeature("noise").buckets(50).embedding(4),
    rawFeature("hour"),
    idFeature("scene").buckets(3).embedding(4),
  )
  .labels("y")
  .group("domain", ["scene"])
  .group("uia", ["user", "item"])
  .epnet()
  .ppnet({ hidden: [32, 16] })
  .domains("scene", ["feed", "live", "search"])
  .tower("t", (t) => t.label("y").mlp(16).bce())
  .train({ epochs: 2, batchSize: 256, dense: adam(2e-3), sparse: adagrad(0.05) });

/** Users, items with their category, and moods decide; the proxy often has the mood's value, and nothing of its own. */
export async function trainedImportance(
  seed: number,
): Promise<{ readonly run: Run; readonly train: Dataset; readonly test: Dataset }> {
  const source = random(seed).fork("importance");
  const effects = (of: number, size: number): number[] => Array.from({ length: of }, () => size * source.normal());
  const [byUser, byItem, byCate, byMood] = [effects(300, 0.6), effects(200, 0.4), effects(10, 0.8), effects(8, 0.6)];
  const rows = Array.from({ length: 18_000 }, () => {
    const [user, item, scene, mood] = [300, 200, 3, 8].map((of) => source.integer(of)) as [
      number,
      number,
      number,
      number,
    ];
    const cate = item % 10;
    const logit = byUser[user]! + byItem[item]! + byCate[cate]! + byMood[mood]! + 0.9 * (scene - 1) - 0.5;
    return {
      user,
      age: user % 6,
      item,
      cate,
      price: (item % 37) + 0.5,
      mood,
      scene,
      proxy: source.uniform() < 0.4 ? mood : source.integer(8),
      noise: source.integer(50),
      hour: 24 * source.uniform(),
      y: source.uniform() < 1 / (1 + Math.exp(-logit)) ? 1 : 0,
    };
  });
  const { train, test } = await (await dataset(rows)).split({ train: 2, test: 1 }, { seed, leaks: null });
  const run = await trained.fit(train, { validation: test, seed, threads: 1, quiet: true });
  return { run: run as Run, train: train as Dataset, test: test as Dataset };
}

/** Trained models that miss a carrier, and those that name another group. */
export async function trainedImportances(seeds: number): Promise<Rate[]> {
  let [missed, wrong] = [0, 0];
  for (let seed = 1; seed <= seeds; seed++) {
    const { run } = await trainedImportance(seed);
    const named = (await run.importance(null, { user: "user" })).named("t");
    if (["user + 1", "item + 2", "mood"].some((name) => !named.includes(name))) missed++;
    if (["proxy", "noise", "hour"].some((name) => named.includes(name))) wrong++;
    await run.dispose();
  }
  return [
    { name: "trained: a carrier is missed", wrong: missed, of: seeds, atMost: 1 },
    { name: "trained: another group carries something", wrong, of: seeds, atMost: 1 },
  ];
}
