/** Calls with a misspelt name, for the compiler (test/types/names) and for the running program (test/api/names). */

/** A call that must not compile, and that throws where types cannot know: in JavaScript, and through `any`. */
export interface Typo {
  readonly call: string;
  /** What is misspelt in it. */
  readonly typo: string;
  /** Names that exist there. */
  readonly names: readonly string[];
}

const towers = ["ctr", "cvr"];
const domains = ["home", "live"];
const features = ["user", "item_id", "scene", "price"];
const columns = ["user_id", "item_id", "scene", "price", "tss", "clk", "buy", "p_clk"];
const metrics = ["auc", "logLoss"];
const changes = ["domain live", "EPNet off"];
const variants = ["the model", "wider", "epnet.gamma 4"];

const of = (names: readonly string[], calls: Readonly<Record<string, string>>): Typo[] =>
  Object.entries(calls).map(([call, typo]) => ({ call, typo, names }));

/** The names that the calls of {@link typos} and {@link correct} use, as a notebook defines them. */
export const notebook = `
const { train, test } = await data.split({ train: 3, test: 1 }, { by: { time: "tss" } });
const model = pepnet()
  .features(
    idFeature("user").expression("context:user_id").buckets(9).embedding(4),
    idFeature("item_id").buckets(9).embedding(4),
    idFeature("scene").buckets(2).embedding(4),
    rawFeature("price"),
  )
  .labels("clk", "buy")
  .group("domain", ["scene"])
  .epnet()
  .group("uia", ["user"])
  .ppnet({ hidden: [8] })
  .domains("scene", ["home", "live"])
  .tower("ctr", (t) => t.label("clk").mlp(8).bce().auc())
  .tower("cvr", (t) => t.label("buy").mlp(8).bce().auc())
  .train({ batchSize: 64, steps: 2 });
const quick = { quiet: true, seeds: 2, cache: false, validation: test };
const run = await model.fit(train, { validation: test, quiet: true });
const evaluation = await run.evaluate(test);
const grouped = await run.evaluate(test, { by: "price" });
const found = await run.compare(test, { with: run });
const what = await run.counterfactual(test, { changes: [swapDomain("live"), moduleOff("epnet")] });
const carried = await run.importance(test);
const study = await model.ablate(train, { ...quick, design: "one-at-a-time", variants: { "epnet.gamma": [1, 4, 8], wider: (m) => m.epnet({ gamma: 3 }) } });
const dial = await run.dial(test, { study });
const listed = await model.ablate(train, { ...quick, variants: [{ name: "soft", "epnet.gamma": 1 }, { name: "hard", change: (m) => m.epnet({ gamma: 3 }) }] });
const based = await model.ablate(train, { ...quick, variants: baselines(model) });
const map = await model.transfer(train, quick);
const worth = await run.worth(test, { quiet: true, seeds: 2, cache: false });
const plan = await model.plan(train, { ...quick, question: "wider?", folder: plans, variants: { wider: (m) => m.epnet({ gamma: 3 }) } });
const suggestion = await suggestDomain(data, { label: "clk" });
`;

/** Defined by {@link notebook}, for other cells. */
export const defined = [...notebook.matchAll(/^const (?:(\w+)|\{ (\w+), (\w+) \}) =/gm)].flatMap((found) =>
  found.slice(1).filter((name) => name !== undefined),
);

export const typos: readonly Typo[] = [
  ...of(towers, {
    'evaluation.auc("ctrr")': "ctrr",
    'run.evaluation.auc("ctrr")': "ctrr",
    'run.evaluate(test, { references: { ctrr: "p_clk" } })': "ctrr",
    'run.compare(test, { with: run, tasks: ["ctrr"] })': "ctrr",
    'run.compare(test, { with: { ctrr: "p_clk" } })': "ctrr",
    'found.difference("ctrr")': "ctrr",
    'run.counterfactual(test, { changes: [freezeGate("ppnet", { tower: "ctrr" })] })': "ctrr",
    'run.counterfactual(test, { changes: [[swapDomain("home"), freezeGate("ppnet", { tower: "ctrr" })]] })': "ctrr",
    'what.effect("domain live", "ctrr")': "ctrr",
    'what.changedRows("domain live", "ctrr")': "ctrr",
    'what.pairs("ctrr")': "ctrr",
    'carried.named("ctrr")': "ctrr",
    'dial.movedRows({ tower: "ctrr" })': "ctrr",
    'dial.response({ tower: "ctrr" })': "ctrr",
    'study.difference("wider", "ctrr")': "ctrr",
    'study.response("epnet.gamma", "ctrr")': "ctrr",
    'study.power("wider", "ctrr", 0.002)': "ctrr",
    'study.detectable("wider", "ctrr")': "ctrr",
    'model.fit(train, { earlyStopping: { monitor: { tower: "ctrr" } } })': "ctrr",
    'model.ablate(train, { ...quick, variants: { "epnet.gamma": [1] }, tasks: ["ctrr"] })': "ctrr",
    'run.report(test, { path: page, baseline: { ctrr: "p_clk" } })': "ctrr",
  }),
  ...of(domains, {
    'evaluation.auc("ctr", "liv")': "liv",
    'found.difference("ctr", "auc", "liv")': "liv",
    'run.counterfactual(test, { changes: [swapDomain("liv")] })': "liv",
    'run.counterfactual(test, { changes: [freezeGate("epnet", { at: { domain: "liv" } })] })': "liv",
    'dial.counterfactual({ changes: [swapDomain("liv")] })': "liv",
    'what.effect("domain live", "ctr", "liv")': "liv",
    'dial.movedRows({ domain: "liv" })': "liv",
    'study.difference("wider", "ctr", "liv")': "liv",
    'study.response("epnet.gamma", "ctr", "liv")': "liv",
    'study.detectable("wider", "ctr", { domain: "liv" })': "liv",
    'model.fit(train, { earlyStopping: { monitor: { domain: "liv" } } })': "liv",
    'model.ablate(train, { ...quick, variants: { "epnet.gamma": [1] }, earlyStopping: { monitor: { domain: "liv" } } })':
      "liv",
    'model.transfer(train, { ...quick, together: [["liv"]] })': "liv",
  }),
  ...of(columns, {
    'data.split({ a: 1, b: 1 }, { by: { time: "ts" } })': "ts",
    'data.split({ a: 1, b: 1 }, { by: { user: "usr_id" } })': "usr_id",
    'data.split({ a: 1, b: 1 }, { stratify: "scne" })': "scne",
    'data.split({ a: 1, b: 1 }, { leaks: { user: "user_id", time: "ts" } })': "ts",
    'data.roles({ user: "usr_id" })': "usr_id",
    'data.roles({ user: "user_id", time: "ts" })': "ts",
    'dataset(rows, { user: "usr_id" })': "usr_id",
    'data.select("prize")': "prize",
    "data.where({ prize: 3 })": "prize",
    'data.sort({ desc: "prize" })': "prize",
    'data.groupBy("scne").summarise({ rows: "count(*)" })': "scne",
    'data.describe({ labels: ["clik"] })': "clik",
    'data.describe({ domain: "scne", model })': "scne",
    'data.describe({ training: train, user: "usr", model })': "usr",
    'data.check(model, { training: train, user: "usr" })': "usr",
    'data.check(model, { user: "usr" })': "usr",
    'plot(data, { x: "prize" })': "prize",
    'plot(data, { x: "price", color: "scne" })': "scne",
    'data.history("item", { by: "user_id", order: "tss" })': "item",
    'data.history("item_id", { by: "usr_id", order: "tss" })': "usr_id",
    'data.history("item_id", { by: "user_id", order: "ts" })': "ts",
    'data.history("item_id", { by: "user_id", order: "tss", positive: "clik" })': "clik",
    'data.negatives({ per: 1, user: "user_id", item: "item" })': "item",
    'data.negatives({ per: 1, user: "usr_id", item: "item_id" })': "usr_id",
    'data.join(data, { on: "item" })': "item",
    'run.evaluate(test, { by: "prize" })': "prize",
    'run.evaluate(test, { by: { column: "prize" } })': "prize",
    'run.evaluate(null, { by: "prize" })': "prize",
    'run.evaluate(test, { user: "usr" })': "usr",
    'run.calibration(test, { user: "usr" })': "usr",
    'run.recalibrate(test, { user: "usr" })': "usr",
    'run.gates(test, { user: "usr" })': "usr",
    'run.conflicts(test, { user: "usr" })': "usr",
    'run.importance(test, { user: "usr" })': "usr",
    'run.counterfactual(test, { user: "usr" })': "usr",
    'run.compare(test, { with: run, user: "usr" })': "usr",
    'run.dial(test, { user: "usr" })': "usr",
    'run.report(test, { path: page, user: "usr" })': "usr",
    'model.ablate(train, { ...quick, variants: { "epnet.gamma": [1] }, user: "usr" })': "usr",
    'model.transfer(train, { ...quick, user: "usr" })': "usr",
    'run.writePredictions(test, { path: `${page}.parquet`, reserve: ["usr_id"] })': "usr_id",
  }),
  ...of(features, {
    'run.counterfactual(test, { changes: [freezeGate("epnet", { field: "prize" })] })': "prize",
    'run.importance(test, { groups: [["prize"]] })': "prize",
    'model.keep(["scene", "user", "prize"])': "prize",
  }),
  ...of(["user", "item_id", "scene"], {
    'model.fit(train, { vectors: { item: { from: train, id: "item_id", vector: "price" } } })': "item",
  }),
  ...of(metrics, {
    'found.difference("ctr", "aucc")': "aucc",
    'found.verdict("aucc")': "aucc",
    'found.chart("aucc")': "aucc",
    'run.learningCurves("aucc")': "aucc",
    'model.fit(train, { earlyStopping: { monitor: { metric: "aucc" } } })': "aucc",
    'model.ablate(train, { ...quick, variants: { "epnet.gamma": [1] }, metric: "aucc" })': "aucc",
    'model.ablate(train, { ...quick, variants: { "epnet.gamma": [1] }, matters: { aucc: 0.1 } })': "aucc",
    'model.plan(train, { ...quick, question: "q", folder: `${plans}-2`, variants: { "epnet.gamma": [1] }, metric: "aucc" })':
      "aucc",
  }),
  ...of(["auc", "mine"], {
    'model.fit(train, { metrics: { mine: () => 1 }, earlyStopping: { monitor: { metric: "mien" } } })': "mien",
  }),
  ...of(changes, {
    'what.effect("domain liv", "ctr")': "domain liv",
    'what.effect("EPNet of", "ctr")': "EPNet of",
    'what.changedRows("domain liv", "ctr")': "domain liv",
  }),
  ...of(variants, {
    'study.difference("widr", "ctr")': "widr",
    'study.difference("epnet.gama 4", "ctr")': "epnet.gama 4",
    'study.power("widr", "ctr", 0.002)': "widr",
    'study.detectable("widr", "ctr")': "widr",
  }),
  ...of(["soft", "hard"], { 'listed.difference("sotf", "ctr")': "sotf" }),
  ...of(["shared bottom", "STAR"], { 'based.difference("shared botom", "ctr")': "shared botom" }),
  ...of(["the model", "all others"], { 'map.study.difference("hme", "ctr")': "hme" }),
  ...of(["wider"], { '(await plan.run()).difference("widr", "ctr")': "widr" }),
  ...of(["the model", "epnet.gamma"], {
    '(await plan.explore({ "epnet.gamma": [3] })).difference("wider", "ctr")': "wider",
  }),
  ...of(["epnet.gamma"], { 'study.response("epnet.gama", "ctr")': "epnet.gama" }),
  ...of(["scene", "item_id"], { 'suggestion.ablate(model, train, { ...quick, columns: ["scne"] })': "scne" }),
  ...of(["curves", "gates"], { 'run.chart("curvs")': "curvs" }),
  ...of(["auc", "roc"], { 'evaluation.chart("rco")': "rco" }),
  ...of(["variants", "runs"], { 'study.table("varants")': "varants" }),
  ...of(["forest", "curves"], { 'study.chart("forst")': "forst" }),
];

/** Calls with names that exist: they compile, and run. */
export const correct: readonly string[] = [
  'evaluation.auc("ctr")',
  'evaluation.auc("ctr", "live")',
  'evaluation.auc("cvr", 1)',
  'run.evaluation?.auc("ctr", "home")',
  "run.spec.towers.map(({ name }) => evaluation.auc(name))",
  'grouped.domainNames.map((name) => grouped.auc("ctr", name))',
  'run.evaluate(null, { by: "price", user: "user" })',
  'run.evaluate(test, { by: { column: "price", perDomain: true }, user: "user_id", references: { ctr: "p_clk" } })',
  'run.evaluate({ user_id: [1, 2], item_id: [1, 2], scene: [0, 1], price: [1, 2], clk: [0, 1], buy: [1, 0], shop: [1, 2] }, { by: "shop" })',
  'run.evaluate(test.table, { by: "tss" })',
  'data.split({ a: 1, b: 1 }, { by: { user: "user_id" }, leaks: { user: "user_id", time: "tss" } })',
  'data.split({ a: 1, b: 1 }, { stratify: "scene" })',
  'data.roles({ user: "user_id", item: "item_id", time: "tss" })',
  'data.roles({ user: "user_id", time: "tss" }).then((log) => log.split({ a: 1, b: 1 }, { by: "time" }))',
  'dataset(rows, { user: "user_id" })',
  'dataset([...rows], { user: "user_id", time: "tss" })',
  'data.describe({ labels: ["clk"], domain: "scene", model, user: "user" })',
  'data.check(model, { user: "user" })',
  'data.check(model, { user: "user_id", training: train })',
  'plot(data.groupBy("scene").summarise({ ctr: "avg(clk)" }), { x: "scene", y: "ctr" })',
  'plot([{ step: 1 }], { x: "step" })',
  'data.history("item_id", { by: "user_id", order: "tss", positive: "clk" })',
  'data.negatives({ per: 1, user: "user_id", item: "item_id", label: "clk" })',
  'data.join(data.select("item_id", "price"), { on: "item_id", prefix: "other_", many: true }).select("other_price")',
  'run.compare(test, { with: run, tasks: ["ctr"], user: "user" })',
  'run.compare(test, { with: { ctr: "p_clk" } })',
  'found.difference("ctr", "auc", "live")',
  'found.difference("ctr", "logLoss")',
  'run.counterfactual(test, { changes: [swapDomain("live"), swapDomain(), swapDomain(1), freezeGate("ppnet", { tower: "ctr", at: { domain: "home" } }), [swapDomain("home"), freezeGate("epnet", { field: "price" })]] })',
  'run.counterfactual(test, { changes: everyDomain(run.spec) }).then((all) => all.pairs("ctr"))',
  'what.effect("domain live", "ctr", "home")',
  'what.effect("EPNet off", "cvr", 1)',
  "what.effects.map((effect) => effect.tasks.map(({ tower }) => what.effect(effect.name, tower)))",
  'carried.named("ctr")',
  'model.keep([...carried.carriers(), "scene", "user"])',
  'run.importance(test, { groups: [["price", "item_id"]] })',
  'dial.movedRows({ tower: "cvr", domain: "live" })',
  'dial.evaluation.auc("ctr", "home")',
  "study.variants.map(({ name }) => study.tasks.map(({ tower }) => study.domainNames.map((domain) => study.difference(name, tower, domain))))",
  'study.difference("epnet.gamma 4", "ctr")',
  'study.difference("the model", "ctr")',
  'study.response("epnet.gamma", "ctr", "live")',
  'study.power("wider", "ctr", 0.002, { domain: "live" })',
  'listed.difference("hard", "ctr")',
  'based.difference("STAR", "cvr")',
  'map.study.difference("all others", "ctr", "live")',
  'model.fit(train, { quiet: true, steps: 2, validation: test, metrics: { mine: (scores, labels) => scores.length + labels.length }, earlyStopping: { monitor: { metric: "mine", tower: "ctr", domain: "live" } } })',
  'run.learningCurves("logLoss")',
  'model.ablate(train, { ...quick, variants: { "epnet.gamma": [1] }, metric: "logLoss", matters: { auc: 0.1 }, tasks: ["ctr"], user: "user_id" })',
];
