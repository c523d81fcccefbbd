/** Typical uses of the package; each step's code runs in a separate process. */

/** Code before every step: a model, training rows, and the path of a saved run. */
const prelude = `
const folder = process.argv[2];
const dist = process.argv[1];
const path = require("node:path");
`;

const model = `
const { dataset, idFeature, loadRun, pepnet } = require(dist);
const model = pepnet()
  .features(idFeature("user").buckets(10).embedding(4), idFeature("scene").buckets(2).embedding(4))
  .labels("click")
  .group("domain", ["scene"])
  .group("uia", ["user"])
  .epnet({ gamma: 2 })
  .ppnet({ hidden: [8] })
  .domains("scene", ["feed", "search"])
  .tower("ctr", (t) => t.label("click").mlp(8).bce().auc());
const at = (count) => Int32Array.from({ length: 200 }, (_, row) => row % count);
const columns = { user: at(10), scene: at(2), click: at(3).map((value) => Math.min(value, 1)) };
`;

/** Writes the files that later steps read; not a step itself. */
export const preparation = `${prelude}${model}
(async () => {
  await (await model.fit(columns, { steps: 4 })).save(path.join(folder, "run"));
  await (await dataset(columns)).toParquet(path.join(folder, "rows.parquet"));
})();
`;

/** Steps by name; later ones load more of the package. */
export const steps: Readonly<Record<string, string>> = {
  require: `${prelude}require(dist);`,
  model: `${prelude}${model}`,
  config: `${prelude}${model}pepnet.fromConfig(model.toConfig()).epnet({ gamma: 1 }).toConfig();`,
  columns: `${prelude}${model}(async () => { await (await dataset(columns)).split({ train: 8, test: 2 }); })();`,
  charts: `${prelude}${model}(async () => {
  const run = await loadRun(path.join(folder, "run"));
  const { figure } = await run.evaluation.chart();
  await (await run.chart()).html();
})();`,
  parquet: `${prelude}${model}(async () => { await dataset(path.join(folder, "rows.parquet")); })();`,
  gates: `${prelude}${model}(async () => {
  await (await loadRun(path.join(folder, "run"))).gates(columns);
})();`,
};
