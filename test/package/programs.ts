/** Programs of users: trained and served from CommonJS and from modules, compiled by TypeScript, run in a notebook. */

/** What a CommonJS program and a module do alike, once each has its imports. */
const training = `
const rows = 200;
const at = (count) => Int32Array.from({ length: rows }, (_, row) => row % count);
const columns = { user: at(10), scene: at(2), click: at(3).map((value) => Math.min(value, 1)) };
const model = pepnet()
  .features(idFeature("user").buckets(10).embedding(4), idFeature("scene").buckets(2).embedding(4))
  .labels("click")
  .group("domain", ["scene"])
  .group("uia", ["user"])
  .epnet({ gamma: 2 })
  .ppnet({ hidden: [8] })
  .domains("scene", ["feed", "search"])
  .tower("ctr", (t) => t.label("click").mlp(8).bce().auc());
async function main() {
  const run = await model.fit(columns, { steps: 4 });
  for (const note of run.notes) console.error(note);
  const predicted = await run.predict(columns);
  await run.export("served");
  const served = await (await loadModel("served")).predict(columns);
  console.log(JSON.stringify({ run: predicted.rows, served: served.rows }));
}
`;

const names = "{ idFeature, loadModel, pepnet }";
export const commonjsProgram: string = `const ${names} = require("pepnet");\n${training}main();\n`;
export const moduleProgram: string = `import ${names} from "pepnet";\n${training}await main();\n`;

/** Prints as a module sees it: names that are missing, the default import, and what the parts of the package give. */
export const moduleNames = `
import { createRequire } from "node:module";
import * as all from "pepnet";
import whole, { pepnet } from "pepnet";
import { layer, stopGradient, tf } from "pepnet/nn";
import { exactAuc } from "pepnet/metrics";
import { slider } from "pepnet/widgets";
import "pepnet/types";
if (typeof exactAuc !== "function" || typeof slider !== "function") throw new Error("parts");
const required = createRequire(import.meta.url)("pepnet");
const missing = Object.keys(required).filter((name) => all[name] !== required[name]);
const sum = tf.tensor1d([1, 2]).add(1).arraySync();
console.log(JSON.stringify({ missing, whole: whole.pepnet === pepnet, nn: [typeof layer, typeof stopGradient], sum }));
`;

/** The root alone: what a wrong name must be, and what TypeScript must know. */
export const typedProgram = `
import * as all from "pepnet";
import { type Columns, dataset, type EvaluationResult, idFeature, loadRun, pepnet, type Run } from "pepnet";

const model = pepnet()
  .features(idFeature("user").buckets(10).embedding(4), idFeature("scene").buckets(2).embedding(4))
  .labels("click")
  .group("domain", ["scene"])
  .group("uia", ["user"])
  .tower("ctr", (t) => t.label("click").mlp(8).bce().auc());
// @ts-expect-error there is no such feature
model.group("uia", ["usr"]);
// @ts-expect-error there is no such label
model.tower("cvr", (t) => t.label("buy").mlp(8).bce());
// @ts-expect-error nor such a value
all.nothing;
export async function used(columns: Columns): Promise<readonly string[]> {
  const run: Run = await model.fit(await dataset(columns), { steps: 2 });
  const loaded = await loadRun("run");
  const result: EvaluationResult = await loaded.evaluate(columns);
  return [(await run.chart()).title, (await result.chart()).title, model.toConfig()];
}
`;

/** A layer of one's own. */
export const typedLayer = `
import { layer, tf } from "pepnet/nn";
export const cross = layer("cross", {
  parameters: ({ width }) => ({ weight: { shape: [width, width] } }),
  apply: (x, { weight }) => tf.add(x, x.matMul(weight as tf.Tensor2D)),
});
// @ts-expect-error it learns no such parameter
layer("wrong", { parameters: () => ({ weight: { shape: [1] } }), apply: (x, { bias }) => tf.add(x, bias) });
`;

/** A cell that trains, with its types checked by the kernel. */
export const cellProgram = `
import { idFeature, pepnet } from "pepnet";
const run = await pepnet()
  .features(idFeature("user").buckets(10).embedding(4))
  .labels("click")
  .group("uia", ["user"])
  .ppnet({ hidden: [8] })
  .tower("ctr", (t) => t.label("click").mlp(8).bce())
  .fit({ user: Int32Array.from([1, 2, 3, 4]), click: Int32Array.from([0, 1, 0, 1]) }, { steps: 2, validation: null });
run.history.points.length
`;
