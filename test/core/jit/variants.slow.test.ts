/**
 * The joined program of every kind of model has, for each variant, the bits that its lone program has: on rows and
 * domains of odd sizes, so that nothing begins where onnxruntime's vectors do, and with one row of a domain.
 */
import { expect, test } from "vitest";
import { star } from "../../../src/api/study/variants.js";
import { din, multiWindowDin, pooling, selfAttention, simpleAttention } from "../../../src/core/builder/sequences.js";
import type { EncodedData } from "../../../src/core/data/encoded/encoded.js";
import { compilePlan, groupKey } from "../../../src/core/engine/compiled/compile-plan.js";
import { createSession, isJoint } from "../../../src/core/engine/compiled/ort-session.js";
import { ModelHost } from "../../../src/core/engine/core/host.js";
import type { RunInputs } from "../../../src/core/engine/core/outputs.js";
import { createArrays } from "../../../src/core/engine/core/weight-store.js";
import { planModel } from "../../../src/core/nn/plan/plan.js";
import { crossNetwork } from "../../../src/core/spec/cross-network.js";
import { emptySpec, type ModelSpec, type TowerSpec } from "../../../src/core/spec/model.js";
import { activationNames } from "../../../src/core/spec/validate/mlp.js";
import { clicksData, clicksSpec } from "../engine/clicks.js";
import { toyData, toySpec, toyWith } from "../engine/toy.js";

type Outputs = ReadonlyMap<string, Float32Array>;

const query = ["item"] as const;
const toy = toyData(80);
const clicks = clicksData(80);
const towers = (change: (tower: TowerSpec) => Partial<TowerSpec>, spec = toySpec) => ({
  ...spec,
  towers: spec.towers.map((tower) => ({ ...tower, ...change(tower) })),
});
const mlp = (change: object) => towers((tower) => ({ mlp: { ...tower.mlp!, ...change } }));
const switches = (change: Partial<ModelSpec["switches"]>) => toyWith({ switches: { ...toySpec.switches, ...change } });
const loss = (...losses: TowerSpec["losses"]) => towers(() => ({ losses }));
const { training } = toySpec;

const kinds: Readonly<Record<string, ModelSpec>> = {
  "two tasks, three domains": toySpec,
  "no domains": toyWith({ domains: null }),
  "no PPNet": toyWith({ groups: toySpec.groups.filter(({ name }) => name !== "uia") }),
  "no EPNet": toyWith({ groups: toySpec.groups.filter(({ name }) => name !== "domain") }),
  "gates at inputs": switches({ gatePlacement: "input" }),
  "trained gammas": switches({ learnableGamma: true }),
  "gradients not stopped": switches({ stopGradient: false }),
  "shared towers": switches({ sharedTowers: true }),
  "cross network": toyWith({ layers: [crossNetwork({ rank: 3 })] }),
  "batch norm": mlp({ batchNorm: true }),
  "layer norm": mlp({ layerNorm: true }),
  "dropout in towers": mlp({ dropout: [0.3, 0.1] }),
  "no bias": mlp({ bias: false }),
  "wide layers": mlp({ hidden: [300, 150] }),
  "focal loss": loss({ kind: "binary_focal_loss", gamma: 2, alpha: 0.3 }),
  "label smoothing": loss({ kind: "binary_cross_entropy", labelSmoothing: 0.1 }),
  "squared errors": loss({ kind: "l2_loss" }),
  "two losses": loss({ kind: "l2_loss" }, { kind: "binary_cross_entropy", labelSmoothing: 0 }),
  classes: towers(() => ({
    numClass: 3,
    label: "scene",
    taskSpace: null,
    losses: [{ kind: "softmax_cross_entropy", labelSmoothing: 0.1 }],
  })),
  JRC: towers(() => ({ numClass: 2, losses: [{ kind: "jrc_loss", sessionName: "user", alpha: 0.5 }] })),
  "Pareto weights": toyWith({ training: { ...training, lossWeights: "pareto" } }),
  "train metrics": towers(() => ({ trainMetrics: [] }) as never),
  MMoE: { ...toySpec, baseline: { kind: "mmoe", experts: 3 } } as never,
  PLE: { ...toySpec, baseline: { kind: "ple", experts: 1, taskExperts: 2 } } as never,
  STAR: star({ auxiliary: 5 })({ spec: toySpec }).spec,
  DIN: clicksSpec([din("click", { query, hidden: [8, 4], layerNorm: true })]),
  "DIN with Dice": clicksSpec([din("click", { query, hidden: [8, 4], batchNorm: true, activation: "Dice" })]),
  windows: clicksSpec([multiWindowDin("click", { query, windows: [1, 3, 9], hidden: [4] })]),
  "simple attention": clicksSpec([simpleAttention("cart", { query })]),
  "self-attention": clicksSpec([selfAttention("click", { dim: 6, heads: 3, maxLength: 4 })]),
  "pooled sequences": clicksSpec([pooling("click"), pooling("cart", { pooling: "sum" })]),
  ...Object.fromEntries(activationNames.map((activation) => [activation, mlp({ activation, hidden: [7, 5] })])),
};

/** Rows of odd domains: one domain has one row in the second set and none in the third. */
function rowSets({ domains }: EncodedData): Int32Array[] {
  const rows = Array.from({ length: 80 }, (_, row) => row);
  const [first, ...others] = rows.filter((row) => domains?.[row] === 0);
  const without = rows.filter((row) => row !== first && !others.includes(row));
  return [rows.slice(0, 37), [first!, ...without].slice(0, 29), without.slice(0, 23)].map((each) =>
    Int32Array.from(each),
  );
}

async function differences(spec: ModelSpec): Promise<string[]> {
  const plan = planModel(spec);
  const data = spec.features.some(({ name }) => name === "price") ? toy : clicks;
  const [lone, joined] = [await compilePlan(plan, "train", "steady"), await compilePlan(plan, "train", "joined")];
  const [session, group] = [await createSession(lone, 1), await createSession(joined, 1)];
  const different: string[] = [];
  for (const rows of rowSets(data)) {
    const runs: { inputs: RunInputs; outputs: Outputs }[][] = [];
    for (const seed of [1, 2, 3]) {
      const gammas = { epnet: { ...spec.epnet, gamma: seed }, ppnet: { ...spec.ppnet, gamma: 3 / seed } };
      const variant = planModel({ ...spec, ...gammas });
      const own: (typeof runs)[number] = [];
      const runner = {
        async run(_: string, inputs: RunInputs) {
          const kept = structuredClone({
            feeds: new Map([...inputs.feeds].map(([name, { version: _, ...feed }]) => [name, feed])),
            sizes: inputs.sizes,
          });
          const outputs = await session.run(inputs);
          own.push({ inputs: kept, outputs: structuredClone(outputs) });
          return outputs;
        },
      };
      const arrays = createArrays(variant, seed, null);
      await new ModelHost(variant, runner, { seed, arrays }).step({ data, rows }, 0);
      runs.push(own);
    }
    for (const [at] of runs[0]!.entries()) {
      const beside = runs.map((own) => own[at]!);
      const inputs = beside.map((run) => run.inputs);
      expect(isJoint(inputs, joined)).toBe(true);
      const outputs = await group.runAll(inputs);
      for (const [variant, run] of beside.entries()) {
        expect([...outputs[variant]!.keys()].sort()).toEqual([...run.outputs.keys()].sort());
        for (const [name, values] of run.outputs) {
          const other = outputs[variant]!.get(name)!;
          const wrong = values.reduce((sum, value, i) => sum + (Object.is(value, other[i]) ? 0 : 1), 0);
          if (wrong > 0) different.push(`${name}: ${wrong} of ${values.length}`);
        }
      }
    }
  }
  await Promise.all([session.release(), group.release()]);
  return different;
}

test.each(Object.entries(kinds))("%s", async (name, spec) => {
  const own = { ...spec, training: { ...spec.training, batchSize: 37 } };
  if (apart.includes(name)) expect(await groupKey(planModel(own))).toBeNull();
  else expect(await differences(own)).toEqual([]);
});

/** What has sums over rows that are no products, or compares rows with each other. */
const apart: readonly string[] = [];

test("nothing but the listed operations trains alone", () => {
  expect(emptySpec.towers).toEqual([]);
});
