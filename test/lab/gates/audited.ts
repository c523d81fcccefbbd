/** Sound models of many kinds after short trainings, and models with a planted fault. */
import { modelFromSpec } from "../../../src/api/model/model.js";
import { runFromWeights } from "../../../src/api/run/from-weights.js";
import { createWeights } from "../../../src/core/engine/core/weight-store.js";
import type { Weight } from "../../../src/core/engine/engine.js";
import { planModel } from "../../../src/core/nn/plan/plan.js";
import { type CustomLayer, layer, stopGradient, tf } from "../../../src/core/nn/public.js";
import { permutation, random } from "../../../src/core/util/random.js";
import {
  type AnyModel,
  adagrad,
  adam,
  din,
  type FitOptions,
  idFeature,
  mmoe,
  pepnet,
  type Run,
  rawFeature,
  sequenceFeature,
} from "../../../src/index.js";
import type { AuditCheckName } from "../../../src/types.js";

type Row = Record<string, number | string>;

export interface World {
  readonly model: AnyModel;
  readonly train: readonly Row[];
  readonly test: readonly Row[];
}

const empty = pepnet() as unknown as AnyModel;
const domainNames = ["feed", "live", "search"];

/** Rows whose labels depend on users, items, moods, prices and clicks. */
export function auditRows(count: number, seed: number, domains = 3): Row[] {
  const effects = random(seed).fork("effects");
  const source = random(seed).fork(`rows ${count}`);
  const list = (of: number): number[] => Array.from({ length: of }, () => 0.7 * effects.normal());
  const [byUser, byItem, byMood] = [list(60), list(50), list(8)];
  const chance = (logit: number): number => (source.uniform() < 1 / (1 + Math.exp(-logit)) ? 1 : 0);
  return Array.from({ length: count }, () => {
    const [user, item, mood, scene] = [60, 50, 8, domains].map((of) => source.integer(of)) as [
      number,
      number,
      number,
      number,
    ];
    const price = source.normal();
    const clicks = Array.from({ length: source.integer(5) }, () => source.integer(50));
    const own = byItem[item]! * (scene === 1 ? 0.5 : 1) + (clicks.includes(item) ? 1 : 0);
    const logit = byUser[user]! + byMood[mood]! + own + 0.4 * price + 0.5 * (scene - 1);
    const clk = chance(logit);
    return {
      user,
      item,
      mood,
      price,
      scene,
      clk,
      clicks__item: clicks.join(";"),
      tags: `${source.integer(9)}\x1d${source.integer(9)}`,
      buy: clk * chance(-byUser[user]! - byMood[mood]!),
      watch: 1 + 0.3 * logit + 0.5 * source.normal(),
      kind: (mood + (source.uniform() < 0.5 ? 0 : source.integer(3))) % 3,
    };
  });
}

const labels = ["clk", "buy", "watch", "kind", "scene"] as const;
const scale = layer("scale", {
  parameters: ({ width }) => ({ factor: { shape: [width], init: 1 } }),
  apply: (x, { factor }) => tf.mul(x, factor),
});

/** A model by the seed, of other parts, sizes, optimisers and rows than the next. */
export function soundWorld(seed: number): World {
  const source = random(seed).fork("world");
  const pick = <T>(...of: readonly T[]): T => of[source.integer(of.length)]!;
  const domains = pick(1, 2, 3, 3);
  const item = idFeature("item").buckets(50).embedding(pick(4, 8));
  const clicks = pick([sequenceFeature("clicks", { of: [item], length: 5 })], [], []);
  const encoders = clicks.map(() => din("clicks", { query: ["item"], hidden: [8] }));
  let model = empty.features(
    idFeature("user").buckets(60).embedding(8),
    item,
    idFeature("mood").buckets(8).embedding(4),
    rawFeature("price"),
    idFeature("tags").buckets(9).embedding(4),
    idFeature("scene").buckets(Math.max(2, domains)).embedding(4),
    ...clicks,
  );
  const all = ["user", "item", "mood", "price", "tags", "scene"];
  model = model.labels(...labels).group("all", all, clicks.length === 0 ? {} : { sequences: encoders });
  if (domains > 1) model = model.domains("scene", domainNames.slice(0, domains));
  if (domains > 1 && pick(true, true, false)) model = model.group("domain", ["scene"]).epnet({ gamma: pick(2, 1) });
  const [hidden, activation] = [pick([16], [32, 16], [24, 24]), pick("nn.ReLU", "nn.ReLU", "nn.PReLU")];
  const hasPpnet = pick(true, true, true, false);
  if (hasPpnet) model = model.group("uia", ["user", "item"]).ppnet({ hidden, activation });
  if (pick(true, false, false, false)) model = model.layer(scale);
  const [sizes, norm] = [pick([16], [16, 16], [32]), pick({}, {}, {}, { batchNorm: true }, { layerNorm: true })];
  const options = { ...norm, dropout: pick(0, 0, 0.1) };
  const weight = pick(1, 0.5);
  model = model.tower("ctr", (t) =>
    t
      .label("clk")
      .mlp(...sizes, options)
      .bce(),
  );
  if (pick(true, false))
    model = model.tower("cvr", (t) =>
      t
        .label("buy")
        .mlp(...sizes, options)
        .bce()
        .weight(weight),
    );
  if (pick(true, false, false)) model = model.tower("watch", (t) => t.label("watch").mlp(16).l2());
  if (pick(true, false, false, false)) model = model.tower("mood", (t) => t.label("kind").mlp(16).softmax(3));
  model = model.switches({
    gatePlacement: pick("output", "output", "input"),
    stopGradient: pick(true, true, false),
    sharedTowers: domains > 1 && pick(true, false, false),
    learnableGamma: pick(false, false, true),
  });
  if (hasPpnet && pick(true, false, false, false))
    model = modelFromSpec(mmoe({ experts: 3 })(model).spec as AnyModel["spec"]);
  const rows = pick(3000, 5000, 8000);
  const trained = model.train({
    batchSize: pick(64, 128),
    seed,
    epochs: pick(1, 2, 4),
    outputBias: pick("random", "rate"),
    dense: adam(pick(1e-3, 3e-3)),
    sparse: pick(adagrad(0.05), adagrad(0.02)),
    emaDecay: pick(null, null, null, 0.9),
  });
  return { model: trained, train: auditRows(rows, seed, domains), test: auditRows(pick(1000, 2000), seed, domains) };
}

export function trained({ model, train, test }: World, options: FitOptions = {}): Promise<Run> {
  return model.fit(train, { validation: test, quiet: true, threads: 1, ...options });
}

interface BaseOptions {
  readonly layers?: readonly CustomLayer[];
  /** `false`: the user feeds PPNet's gates alone. */
  readonly hasUser?: boolean;
  readonly hasWatch?: boolean;
}

/** A model with EPNet, PPNet, three domains and two tasks, in sizes by the seed. */
export function baseModel(seed: number, { layers = [], hasUser = true, hasWatch = false }: BaseOptions = {}): AnyModel {
  let model = empty
    .features(
      idFeature("user").buckets(60).embedding(8),
      idFeature("item")
        .buckets(50)
        .embedding(seed % 2 === 0 ? 8 : 4),
      idFeature("mood").buckets(8).embedding(4),
      rawFeature("price"),
      idFeature("scene").buckets(3).embedding(4),
    )
    .labels(...labels);
  model = model.group("all", ["item", "mood", "price", "scene", ...(hasUser ? ["user"] : [])]);
  model = model.group("domain", ["scene"]).group("uia", ["user"]);
  for (const each of layers) model = model.layer(each);
  model = model
    .epnet()
    .ppnet({ hidden: [[32, 16], [24], [48, 24]][seed % 3]! })
    .domains("scene", domainNames);
  model = model.tower("ctr", (t) => t.label("clk").mlp(32, 16).bce());
  model = model.tower("cvr", (t) => t.label("buy").mlp(32).bce());
  if (hasWatch) model = model.tower("watch", (t) => t.label("watch").mlp(32).l2());
  return model.train({ batchSize: 128, seed, epochs: 2, dense: adam(2e-3), sparse: adagrad(0.05) });
}

export function baseWorld(seed: number): World {
  return { model: baseModel(seed), train: auditRows(4000, seed), test: auditRows(1500, seed) };
}

type Edit = (weights: Map<string, Weight>) => void;

/** The run with other weights. */
export async function edited(run: Run, edit: Edit): Promise<Run> {
  const copy = [...(await run.weights())].map(
    ([name, { shape, data }]) => [name, { shape, data: data.slice() }] as const,
  );
  const weights = new Map<string, Weight>(copy);
  edit(weights);
  return runFromWeights(run.spec, modelFromSpec, weights, { validation: run.validation });
}

/** Arrays whose name matches. */
function arrays(weights: ReadonlyMap<string, Weight>, name: RegExp): Float32Array[] {
  const matches = [...weights].flatMap(([key, { data }]) => (name.test(key) ? [data] : []));
  if (matches.length === 0) throw new Error(`no array ${name}`);
  return matches;
}

function fill(name: RegExp, value: number, from = 0, to?: number): Edit {
  return (weights) => {
    for (const data of arrays(weights, name)) data.fill(value, from, to);
  };
}

function times(name: RegExp, factor: number): Edit {
  return (weights) => {
    for (const data of arrays(weights, name)) data.set(data.map((value) => value * factor));
  };
}

/** The first part of arrays from before training. */
function restart(seed: number, name: RegExp, share = 1): Edit {
  return (weights) => {
    const { parameters, tables } = createWeights(planModel(baseModel(seed).spec), seed, null);
    for (const each of [...parameters, ...tables.values()])
      if (name.test(each.name)) weights.get(each.name)!.data.set(each.values.subarray(0, each.values.length * share));
  };
}

function table(feature: string): RegExp {
  return new RegExp(`embedding_bags\\.${feature}_emb\\.`);
}

const stopping = layer("stopping", {
  parameters: ({ width }) => ({ shift: { shape: [width] } }),
  apply: (x, { shift }) => tf.add(stopGradient(x), shift),
});
const blind = layer("blind", {
  apply(x, _, { fields, width }) {
    const { start, width: size } = fields.find(({ feature }) => feature === "mood")!;
    const mask = Array.from({ length: width }, (__, at) => (at >= start && at < start + size ? 0 : 1));
    return tf.mul(x, tf.tensor1d(mask));
  },
});
const idle = layer("idle", {
  parameters: ({ width }) => ({ weight: { shape: [width, width] } }),
  apply: (x, { weight }) => tf.add(x, tf.matMul(x, stopGradient(weight) as tf.Tensor2D)),
});

function weightOfCvr(model: AnyModel, weight: number): AnyModel {
  const towers = model.spec.towers.map((tower) => (tower.name === "cvr" ? { ...tower, weight } : tower));
  return modelFromSpec({ ...model.spec, towers });
}

/** A fault, and what the audit is to call it. */
interface Fault {
  readonly name: string;
  readonly check: AuditCheckName;
  readonly place: RegExp;
  /** Of a trained model's weights. */
  readonly edit?: (seed: number) => Edit;
  /** Of a model before it is trained. */
  readonly model?: (seed: number) => AnyModel;
  /** Of the rows; `null`: the row is left out. */
  readonly row?: (row: Row) => Row | null;
  /** Whether the rows that the audit sees have the fault as well. */
  readonly inTest?: boolean;
  /** Whether the training has it. Default: yes. */
  readonly inTraining?: boolean;
  /** Of all rows of the training. */
  readonly order?: (rows: readonly Row[]) => Row[];
}

const first = /_task_tower\.[012]\./;
const secondPpnet = (seed: number): number => (seed % 3 === 1 ? 1 : 2);

const faults: readonly Fault[] = [
  {
    name: "a user whose gate is detached",
    check: "no gradient",
    place: /^feature user$/,
    model: (seed) => baseModel(seed, { hasUser: false }).switches({ detachPriors: true }),
  },
  {
    name: "a layer that stops gradients",
    check: "no gradient",
    place: /^feature item$/,
    model: (seed) => baseModel(seed, { layers: [stopping] }),
  },
  {
    name: "a layer that ignores a field",
    check: "no gradient",
    place: /^feature mood$/,
    model: (seed) => baseModel(seed, { layers: [blind] }),
  },
  {
    name: "a parameter without a gradient",
    check: "no gradient",
    place: /^layer idle$/,
    model: (seed) => baseModel(seed, { layers: [idle] }),
  },
  {
    name: "a task without weight",
    check: "no gradient",
    place: /^tower cvr in/,
    model: (seed) => weightOfCvr(baseModel(seed), 0),
  },
  {
    name: "towers that ignore PPNet",
    check: "no gradient",
    place: /^PPNet ctr$/,
    edit: () => fill(/_task_tower\.[012]\.tower_mlp\.mlp\.0\.perceptron\.0\.weight/, 0),
  },
  {
    name: "a gate that ignores its input",
    check: "no gradient",
    place: /^EPNet$/,
    edit: () => fill(/epnet\.gate_nu\.dense_layers\.2\.weight/, 0),
  },
  {
    name: "dead units of PPNet",
    check: "dead units",
    place: /^PPNet cvr, layer 1$/,
    edit: (seed) => fill(new RegExp(`ppnet\\.linears\\.${secondPpnet(seed)}\\.bias`), -100),
  },
  {
    name: "dead units of a tower",
    check: "dead units",
    place: /^tower ctr in live, layer 2$/,
    edit: () => fill(/_task_tower\.1\.tower_mlp\.mlp\.1\.perceptron\.0\.bias/, -100),
  },
  {
    name: "mostly dead units of a tower",
    check: "dead units",
    place: /^tower cvr in search, layer 1$/,
    edit: () => fill(/_task_tower\.5\.tower_mlp\.mlp\.0\.perceptron\.0\.bias/, -100, 2),
  },
  {
    name: "dead units of a gate",
    check: "dead units",
    place: /^EPNet, gate$/,
    edit: () => fill(/epnet\.gate_nu\.dense_layers\.0\.bias/, -100),
  },
  {
    name: "a frozen EPNet",
    check: "never trained",
    place: /^EPNet$/,
    model: (seed) =>
      baseModel(seed).train({ partOptimizers: [{ pattern: "model\\.epnet\\..*", optimizer: adam(1e-12) }] }),
  },
  {
    name: "a PPNet that was not loaded",
    check: "never trained",
    place: /^PPNet ctr$/,
    edit: (seed) => restart(seed, /ppnet\.(linears|gate_nus)\.0\./),
  },
  {
    name: "a table that was not loaded",
    check: "never trained",
    place: /^feature item$/,
    edit: (seed) => restart(seed, table("item")),
  },
  {
    name: "users without training",
    check: "untouched rows",
    place: /^feature user$/,
    row: (row) => (Number(row["user"]) < 25 ? row : null),
  },
  {
    name: "rows that were not loaded",
    check: "untouched rows",
    place: /^feature user$/,
    edit: (seed) => restart(seed, table("user"), 0.5),
  },
  {
    name: "a domain without rows in training",
    check: "untrained towers",
    place: /^tower c.r in search$/,
    row: (row) => (row["scene"] === 2 ? null : row),
  },
  {
    name: "a domain without any rows",
    check: "untrained towers",
    place: /^tower c.r in live$/,
    row: (row) => (row["scene"] === 1 ? null : row),
    inTest: true,
  },
  {
    name: "a constant prediction in a domain",
    check: "constant predictions",
    place: /^ctr in search$/,
    edit: () => fill(/_task_tower\.2\.linear\.weight/, 0),
  },
  {
    name: "a prediction by domain alone",
    check: "constant predictions",
    place: /^cvr in feed$/,
    edit: () => fill(/_task_tower\.[345]\.linear\.weight/, 0),
  },
  {
    name: "a weight that is not a number",
    check: "not finite",
    place: /^weights$/,
    edit: () => fill(table("item"), Number.NaN, 0, 4),
  },
  {
    name: "large weights of a layer",
    check: "large weights",
    place: /^tower ctr in live, layer 1$/,
    edit: () => times(/_task_tower\.1\.tower_mlp\.mlp\.0\.perceptron\.0\.weight/, 100),
  },
  {
    name: "a large row of a table",
    check: "large weights",
    place: /^feature mood$/,
    edit: () => fill(table("mood"), 500, 0, 4),
  },
  {
    name: "large numbers",
    check: "large inputs",
    place: /^price$/,
    row: (row) => ({ ...row, price: 2000 + 1000 * Number(row["price"]) }),
    inTest: true,
  },
  {
    name: "large logits",
    check: "large logits",
    place: /^ctr$/,
    edit: () => times(new RegExp(`${first.source}linear\\.weight`), 60),
  },
  {
    name: "a task with large labels",
    check: "unequal losses",
    place: /^c.r$/,
    model: (seed) => baseModel(seed, { hasWatch: true }),
    row: (row) => ({ ...row, watch: 60 * Number(row["watch"]) }),
    inTest: true,
  },
  {
    name: "a task with a small weight",
    check: "unequal losses",
    place: /^cvr$/,
    model: (seed) => weightOfCvr(baseModel(seed), 0.002),
  },
  {
    name: "averages that lag behind",
    check: "late averages",
    place: /^averaged weights$/,
    model: (seed) => baseModel(seed).train({ emaDecay: 0.99 }),
  },
  {
    name: "an id that knows the label",
    check: "one id decides",
    place: /^item for ctr$/,
    model: (seed) => baseModel(seed).train({ epochs: 4 }),
    row: (row) => ({ ...row, item: 2 * (Number(row["item"]) % 25) + Number(row["clk"]) }),
    inTest: true,
  },
  {
    name: "a table of zeros",
    check: "equal rows",
    place: /^feature user$/,
    edit: () => fill(table("user"), 0),
  },
  {
    name: "a table of equal rows",
    check: "equal rows",
    place: /^feature item$/,
    edit: (seed) => (weights) => {
      const dim = seed % 2 === 0 ? 8 : 4;
      for (const data of arrays(weights, table("item"))) data.set(data.map((_, at) => data[at % dim]!));
    },
  },
  {
    name: "ids shifted by one",
    check: "shifted rows",
    place: /^feature user$/,
    edit: () => (weights) => {
      for (const data of arrays(weights, table("user"))) {
        const before = data.slice();
        data.set(before.map((_, at) => before[(at + 8) % data.length]!));
      }
    },
  },
  {
    name: "ids of another vocabulary",
    check: "unrelated ids",
    place: /^user for ctr$/,
    model: (seed) => baseModel(seed).train({ epochs: 6 }),
    row: (row) => ({ ...row, user: (37 * Number(row["user"])) % 60 }),
  },
  {
    name: "labels shuffled in training",
    check: "other labels",
    place: /^ctr$/,
    model: (seed) => baseModel(seed).train({ epochs: 4 }),
    order: (rows) => {
      const order = permutation(rows.length, random(7));
      return rows.map((row, at) => ({ ...row, clk: rows[order[at]!]!["clk"]! }));
    },
  },
  {
    name: "a column that is constant in the test",
    check: "constant column",
    place: /^feature item$/,
    row: (row) => ({ ...row, item: 3 }),
    inTest: true,
    inTraining: false,
  },
  {
    name: "towers of two domains exchanged",
    check: "exchanged towers",
    place: /^tower ctr in feed and search$/,
    edit: () => (weights) => {
      for (const [name, { data }] of weights) {
        const other = /_task_tower\.0\./.test(name) && weights.get(name.replace("_task_tower.0.", "_task_tower.2."));
        if (!other) continue;
        const own = data.slice();
        data.set(other.data);
        other.data.set(own);
      }
    },
  },
  {
    name: "open gates",
    check: "saturated gates",
    place: /^EPNet$/,
    edit: () => fill(/epnet\.gate_nu\.dense_layers\.2\.bias/, 12),
  },
  {
    name: "closed gates",
    check: "saturated gates",
    place: /^PPNet ctr, layer 1$/,
    edit: () => fill(/ppnet\.gate_nus\.0\.dense_layers\.2\.bias/, -12),
  },
  {
    name: "gates of 1",
    check: "still gates",
    place: /^PPNet ctr, layer 1$/,
    edit: () => times(/ppnet\.gate_nus\.0\.dense_layers\.2\./, 0.001),
  },
  {
    name: "constant gates",
    check: "constant gates",
    place: /^EPNet$/,
    edit: () => (weights) => {
      times(/epnet\.gate_nu\.dense_layers\.2\.weight/, 0.0001)(weights);
      fill(/epnet\.gate_nu\.dense_layers\.2\.bias/, 0.5)(weights);
    },
  },
];

async function faultyRun(
  base: Run,
  seed: number,
  { edit, model = baseModel, row, inTest = false, inTraining = true, order = (rows) => [...rows] }: Fault,
): Promise<Run> {
  if (edit !== undefined) return edited(base, edit(seed));
  const change = (rows: readonly Row[]): Row[] =>
    rows.map((each) => (row === undefined ? each : row(each))).filter((each) => each !== null);
  const { train, test } = baseWorld(seed);
  return trained({
    model: model(seed),
    train: order(inTraining ? change(train) : train),
    test: inTest ? change(test) : test,
  });
}

/** Faults that are missed or called otherwise. @param editsOnly without those that train a model */
export async function missedFaults(seed: number, editsOnly = false): Promise<{ missed: string[]; planted: number }> {
  const base = await trained(baseWorld(seed));
  const missed: string[] = [];
  const all = faults.filter(({ edit }) => !editsOnly || edit !== undefined);
  for (const fault of all) {
    const run = await faultyRun(base, seed, fault);
    const places = (await run.audit()).named(fault.check);
    if (!places.some((place) => fault.place.test(place)))
      missed.push(`${fault.name}, seed ${seed}: ${places.join(", ")}`);
    await run.dispose();
  }
  await base.dispose();
  return { missed, planted: all.length };
}

/** Alarms on sound models. */
export async function falseAlarms(seeds: readonly number[]): Promise<string[]> {
  const alarms: string[] = [];
  for (const seed of seeds) {
    const run = await trained(soundWorld(seed));
    const { findings } = await run.audit();
    alarms.push(...findings.map(({ judge, path, message }) => `seed ${seed}, ${judge}: ${path}: ${message}`));
    await run.dispose();
  }
  return alarms;
}
