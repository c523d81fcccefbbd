/** Cases of Pareto weights: some steps of Adam on one batch, with the losses' gradients, weights and sums. */
import { arrangeRows } from "../../src/core/engine/core/arrange.js";
import { ModelInputs, taskInputs } from "../../src/core/engine/core/inference.js";
import { denseOptimizer } from "../../src/core/engine/core/optimizers.js";
import { readLosses, stepResult } from "../../src/core/engine/core/outputs.js";
import { paretoOutputs } from "../../src/core/engine/core/pareto.js";
import { longestPositions } from "../../src/core/engine/core/sequences.js";
import { createWeights } from "../../src/core/engine/core/weight-store.js";
import type { EngineName } from "../../src/core/engine/engine.js";
import { planModel } from "../../src/core/nn/plan/plan.js";
import { type Check, compare, compareNumber, type GoldenTensor, numbersOf } from "../check.js";
import { encodedFeatures, type FeatureCase, specOfCase } from "../features/feature-case.js";
import { type Columns, columnsOf, qualified, weightOf } from "../model-case.js";
import { batchOf, createRunner, tableGradients } from "../run-case.js";

/** A case in the file. */
export interface ParetoCase
  extends Pick<FeatureCase, "name" | "label_fields" | "feature_configs" | "model_config" | "params" | "inputs"> {
  readonly labels: Columns;
  readonly adam_lr: number;
  readonly steps: readonly {
    readonly gram: GoldenTensor;
    readonly weights: readonly number[];
    readonly losses: Readonly<Record<string, number>>;
    readonly total_loss: number;
    readonly grads?: Readonly<Record<string, GoldenTensor>>;
  }[];
  /** After all steps: the plain sum. */
  readonly evaluation_total_loss: number;
}

/** What float32 gradients leave of the weights, which later steps inherit. */
const solved = 5e-5;

/** Follows a case on an engine. Its model is not sharded, so its autograd reaches tables too. */
export async function checkParetoCase(golden: ParetoCase, engine: EngineName): Promise<Check[]> {
  const spec = specOfCase(golden);
  const plan = planModel(spec);
  const weights = new Map(Object.entries(golden.params).map(([name, tensor]) => [qualified(name), weightOf(tensor)]));
  const store = createWeights(plan, 0, weights);
  const runner = await createRunner(plan, true, engine);
  const adam = {
    kind: "adam",
    lr: golden.adam_lr,
    beta1: 0.9,
    beta2: 0.999,
    weightDecay: 0,
    eps: 1e-8,
    amsgrad: false,
  };
  const optimizers = new Map<string, ReturnType<typeof denseOptimizer>>();
  const batch = batchOf(
    {
      spec,
      mode: "train",
      weights,
      sampleWeights: {},
      learningRate: adam.lr,
      labels: columnsOf(golden.labels),
      inputs: await encodedFeatures(golden, spec),
    },
    null,
  );
  const arrangement = arrangeRows(batch, plan);
  const checks: Check[] = [];
  const forward = async () => {
    const tasks = taskInputs(batch, arrangement, plan);
    const inputs = new ModelInputs(plan, store, true).of(batch, arrangement, longestPositions(plan, batch), tasks);
    const gradients = (outputs: ReadonlyMap<string, Float32Array>) => [
      ...store.parameters.map(({ name, values }) => {
        return { name, values, gradient: outputs.get(`grad:${name}`) ?? new Float32Array(values.length) };
      }),
      ...tableGradients(plan, store, batch, arrangement, outputs),
    ];
    const measured: Float32Array[][] = [];
    const joined = await paretoOutputs(
      plan,
      inputs,
      (each) => runner.run("train", each),
      (outputs) => {
        measured.push(gradients(outputs).map(({ gradient }) => gradient));
        return measured.at(-1)!;
      },
    );
    const gram = measured.flatMap((one) => measured.map((other) => product(one, other)));
    return { ...joined, gram, gradients: gradients(joined.outputs), losses: readLosses(plan, joined.outputs) };
  };
  try {
    for (const [at, step] of golden.steps.entries()) {
      const found = await forward();
      const name = (text: string) => `step ${at}: ${text}`;
      const { taskLosses } = stepResult(plan, { losses: found.losses, weights: found.weights, gradientNorm: null });
      const gram = numbersOf(step.gram);
      const largest = Math.max(...gram);
      gram.forEach((value, place) => {
        checks.push(
          compareNumber(name(`gram[${place}]`), found.gram[place], value, (at === 0 ? 1e-5 : solved) * largest),
        );
      });
      step.weights.forEach((weight, place) => {
        checks.push(compareNumber(name(`weights[${place}]`), found.weights[place], weight, solved));
      });
      for (const [loss, value] of Object.entries(step.losses)) {
        checks.push(compareNumber(name(loss), taskLosses[loss], value, at === 0 ? 1e-5 : 1e-4));
      }
      const total = found.losses.reduce((sum, loss, place) => sum + loss * found.weights[place]!, 0);
      checks.push(compareNumber(name("total"), total, step.total_loss, solved));
      for (const { name: parameter, values, gradient } of found.gradients) {
        if (step.grads !== undefined) {
          const expected = step.grads[parameter.replace(/^model\./, "")]!;
          const most = Math.max(...numbersOf(expected, gradient.length).map(Math.abs), 1e-3);
          const check = compare(name(parameter), gradient, expected);
          checks.push({ ...check, share: check.difference / (2 * solved * most) });
        }
        const optimizer = optimizers.get(parameter) ?? denseOptimizer(adam as never, values.length);
        optimizers.set(parameter, optimizer);
        optimizer.update(values, gradient, adam.lr, at + 1);
      }
    }
    const { losses } = await forward();
    const sum = losses.reduce((total, loss) => total + loss, 0);
    return [...checks, compareNumber("evaluation", sum, golden.evaluation_total_loss, 2e-4)];
  } finally {
    await runner.dispose();
  }
}

function product(one: readonly Float32Array[], other: readonly Float32Array[]): number {
  return one.reduce((sum, values, at) => values.reduce((total, value, i) => total + value * other[at]![i]!, sum), 0);
}
