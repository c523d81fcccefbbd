/**
 * Every switch beyond TorchEasyRec against a slow reference in plain float64: what it predicts, and, by differences of
 * the loss, what it learns from. Where a gradient is stopped, the reference reads a copy that does not move.
 */
import { describe, expect, test } from "vitest";
import { specFromModelConfig } from "../../../parity/model-fragment.js";
import { type ParityCase, runParityCase } from "../../../parity/run-case.js";
import { denseParameters } from "../../../src/core/nn/plan/parameters.js";
import { planModel } from "../../../src/core/nn/plan/plan.js";
import type { ModelSpec, SwitchesSpec } from "../../../src/core/spec/model.js";
import { random } from "../../../src/core/util/random.js";

const config = `
feature_groups { group_name: "all" feature_names: "a" group_type: DEEP }
feature_groups { group_name: "domain" feature_names: "d" group_type: DEEP }
feature_groups { group_name: "uia" feature_names: "u" group_type: DEEP }
pepnet { domain_input_name: "d" task_domain_num: 2 epnet_hidden_unit: 4 epnet_gamma: 1.5 ppnet_gamma: 3
  ppnet_hidden_units: [4, 3] ppnet_activation: "nn.Tanh"
  task_towers { tower_name: "ctr" label_name: "clk" mlp { hidden_units: 3 activation: "nn.Tanh" } losses { binary_cross_entropy {} } }
  task_towers { tower_name: "cvr" label_name: "buy" losses { binary_cross_entropy {} } }
}`;
const dims = { all: 5, domain: 2, uia: 3 };
const rows = 4;
const tasks = ["ctr", "cvr"];
const hidden = [4, 3];
const labels = { clk: [1, 0, 1, 0], buy: [1, 0, 0, 1], d: [0, 1, 1, 0] };

type Matrix = number[][];
type Inputs = Record<"all" | "domain" | "uia", Matrix>;
type Numbers = Map<string, number[]>;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The model on one row after the other; `still` and `stillMain` are what stopped paths read. */
class Reference {
  readonly #switches: SwitchesSpec;
  readonly #weights: Numbers;

  constructor(switches: SwitchesSpec, weights: Numbers) {
    this.#switches = switches;
    this.#weights = weights;
  }

  /** Σ over tasks of the mean cross entropy. */
  loss(inputs: Inputs, still: Inputs, stillMain: Matrix): number {
    let total = 0;
    for (let row = 0; row < rows; row++) {
      this.logits(inputs, still, stillMain, row).forEach((logit, task) => {
        const label = (task === 0 ? labels.clk : labels.buy)[row] as number;
        total += (Math.log1p(Math.exp(logit)) - logit * label) / rows;
      });
    }
    return total;
  }

  /** A logit a task, of the row's own domain. */
  logits(inputs: Inputs, still: Inputs, stillMain: Matrix, row: number): number[] {
    const { detachPriors, stopGradient, gatePlacement, sharedTowers, ppnet } = this.#switches;
    const main = this.main(inputs, still, row);
    const prior = (detachPriors ? still : inputs).uia[row] as number[];
    const beside = stopGradient ? (stillMain[row] as number[]) : main;
    const gate = (index: number) => this.#gate(`ppnet.gate_nus.${index}`, [...prior, ...beside], 3);
    return tasks.map((_, task) => {
      let h = main;
      hidden.forEach((_, layer) => {
        const place = task * hidden.length + layer;
        if (ppnet && gatePlacement === "input") {
          const own = gate(layer).slice(task * h.length, (task + 1) * h.length);
          h = h.map((x, k) => x * (own[k] as number));
        }
        h = this.#linear(`ppnet.linears.${place}`, h).map(Math.tanh);
        if (ppnet && gatePlacement === "output") {
          const own = gate(place);
          h = h.map((x, k) => x * (own[k] as number));
        }
      });
      const tower = `_task_tower.${sharedTowers ? task : task * 2 + (labels.d[row] as number)}`;
      if (task === 0) h = this.#linear(`${tower}.tower_mlp.mlp.0.perceptron.0`, h).map(Math.tanh);
      return this.#linear(`${tower}.linear`, h)[0] as number;
    });
  }

  /** What EPNet makes of a row. */
  main(inputs: Inputs, still: Inputs, row: number): number[] {
    const all = inputs.all[row] as number[];
    if (!this.#switches.epnet) return all;
    const prior = (this.#switches.detachPriors ? still : inputs).domain[row] as number[];
    const beside = (this.#switches.stopGradient ? still : inputs).all[row] as number[];
    const gate = this.#gate("epnet.gate_nu", [...prior, ...beside], 1.5);
    return all.map((x, k) => x * (gate[k] as number));
  }

  #gate(name: string, input: number[], gamma: number): number[] {
    const trained = this.#weights.get(`model.${name}.gamma`)?.[0];
    const inner = this.#linear(`${name}.dense_layers.0`, input).map((x) => Math.max(0, x));
    return this.#linear(`${name}.dense_layers.2`, inner).map((x) => (trained ?? gamma) * sigmoid(x));
  }

  #linear(name: string, input: number[]): number[] {
    const bias = this.#weights.get(`model.${name}.bias`) as number[];
    const weight = this.#weights.get(`model.${name}.weight`) as number[];
    return bias.map((b, i) => input.reduce((sum, x, j) => sum + x * (weight[i * input.length + j] as number), b));
  }
}

const spec = specFromModelConfig(config, { groupDims: dims });
const off: SwitchesSpec = spec.switches;
const variants: [string, Partial<SwitchesSpec>][] = [
  ["TorchEasyRec's own", {}],
  ["the paper's placement", { gatePlacement: "input" }],
  ["no stop-gradient", { stopGradient: false }],
  ["detached priors", { detachPriors: true }],
  ["detached priors, no stop-gradient", { detachPriors: true, stopGradient: false }],
  ["a trained gamma", { learnableGamma: true }],
  [
    "the paper's placement, a trained gamma, no stop-gradient",
    { gatePlacement: "input", learnableGamma: true, stopGradient: false },
  ],
  ["shared towers", { sharedTowers: true }],
  ["EPNet off", { epnet: false }],
  ["PPNet's gates off", { ppnet: false }],
];

function exampleOf(model: ModelSpec) {
  const source = random(11);
  const draw = (count: number) => Array.from({ length: count }, () => Math.fround(source.normal() * 0.7));
  const parameters = denseParameters(planModel(model, { dims }));
  const weights: Numbers = new Map(parameters.map(({ name, shape }) => [name, draw(shape.reduce((a, b) => a * b, 1))]));
  const matrix = (dim: number): Matrix => Array.from({ length: rows }, () => draw(dim));
  const inputs: Inputs = { all: matrix(dims.all), domain: matrix(dims.domain), uia: matrix(dims.uia) };
  const floats = (values: number[], shape: readonly number[]) => ({ shape, data: Float32Array.from(values) });
  const parity: ParityCase = {
    spec: model,
    mode: "eval",
    weights: new Map(parameters.map(({ name, shape }) => [name, floats(weights.get(name) as number[], shape)])),
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, values]) => [name, floats(values.flat(), [rows, values[0]?.length ?? 0])]),
    ),
    labels,
    sampleWeights: {},
    learningRate: 0.01,
  };
  return { weights, inputs, parity };
}

describe.each(variants)("%s", (_, switches) => {
  const model: ModelSpec = { ...spec, switches: { ...off, ...switches } };
  const { weights, inputs, parity } = exampleOf(model);
  const reference = new Reference(model.switches, weights);
  const still = structuredClone(inputs);
  const stillMain = still.all.map((_, row) => reference.main(still, still, row));

  /** The loss's slope along a number of the model or of its inputs. */
  const slope = (values: number[], at: number): number => {
    const value = values[at] as number;
    const lossAt = (moved: number) => {
      values[at] = moved;
      return reference.loss(inputs, still, stillMain);
    };
    const rise = lossAt(value + 1e-4) - lossAt(value - 1e-4);
    values[at] = value;
    return rise / 2e-4;
  };

  test.each(["compiled", "cpu"] as const)("predictions and gradients are the reference's, on %s", async (engine) => {
    const result = await runParityCase(parity, { engine });
    for (let row = 0; row < rows; row++) {
      reference.logits(inputs, still, stillMain, row).forEach((logit, task) => {
        const name = `logits_${tasks[task]}_${labels.d[row]}`;
        expect(result.predictions[name]?.[row]).toBeCloseTo(logit, 5);
      });
    }
    for (const [group, matrix] of Object.entries(inputs)) {
      matrix.forEach((values, row) => {
        for (const at of values.keys()) {
          const name = `${group}[${row}][${at}]`;
          const own = result.inputGradients[group]?.[row * values.length + at] as number;
          expect(`${name} ${Math.abs(own - slope(values, at)) < 2e-6}`).toBe(`${name} true`);
        }
      });
    }
    for (const [name, values] of weights) {
      for (const at of values.keys()) {
        const own = result.parameterGradients[name]?.[at] as number;
        expect(`${name}[${at}] ${Math.abs(own - slope(values, at)) < 2e-6}`).toBe(`${name}[${at}] true`);
      }
    }
  });
});
