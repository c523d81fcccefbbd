/** The example model with each of its parts changed. */

import { withExperts, withStar } from "../../../src/core/builder/baselines.js";
import type { ModelSpec, SwitchesSpec } from "../../../src/core/spec/model.js";
import { exampleModel } from "../builder/example.js";

/** The example, valid. */
export const good: ModelSpec = exampleModel().spec;
/** The example with other switches. */
export const switched = (switches: Partial<SwitchesSpec>): ModelSpec => ({
  ...good,
  switches: { ...good.switches, ...switches },
});
const normed = (norm: { batchNorm?: boolean; layerNorm?: boolean; bias?: boolean }): ModelSpec => ({
  ...good,
  towers: good.towers.map((tower) => ({ ...tower, mlp: { ...tower.mlp!, ...norm } })),
});

const linearTowers = good.towers.map((tower) => ({ ...tower, mlp: null }));

/** Every switch and part that changes how many parameters there are. */
export const variants: readonly (readonly [string, ModelSpec])[] = [
  ["the default", good],
  ["an EPNet hidden unit", { ...good, epnet: { hidden: 9, gamma: 2 } }],
  ["no domain group", { ...good, groups: good.groups.filter((group) => group.name !== "domain") }],
  ["no uia group", { ...good, groups: good.groups.filter((group) => group.name !== "uia") }],
  ["no domains", { ...good, domains: null }],
  ["shared towers", switched({ sharedTowers: true })],
  ["the paper's gate placement", switched({ gatePlacement: "input" })],
  ["learnable gamma", switched({ learnableGamma: true })],
  ["learnable gamma in the paper's placement", switched({ learnableGamma: true, gatePlacement: "input" })],
  ["EPNet off", switched({ epnet: false })],
  ["PPNet's gates off", switched({ ppnet: false })],
  ["an MMoE of three experts", withExperts(good, { kind: "mmoe", experts: 3 })],
  ["an MMoE of one expert", withExperts(good, { kind: "mmoe", experts: 1 })],
  ["PLE", withExperts(good, { kind: "ple", experts: 1, taskExperts: 2 })],
  ["STAR", withStar(good, 7)],
  ["STAR of towers of one linear layer", withStar({ ...good, towers: linearTowers }, 1)],
  ["batch norm", normed({ batchNorm: true })],
  ["layer norm", normed({ layerNorm: true })],
  ["no bias", normed({ bias: false })],
  ["towers of one linear layer", { ...good, towers: linearTowers }],
];
