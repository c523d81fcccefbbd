/** Optimisers and learning rates become the spec of the side where they stand; nothing is dropped on the way. */
import { describe, expect, test } from "vitest";
import { pepnet } from "../../../src/api/model/model.js";
import {
  constant,
  cosine,
  cosineRestarts,
  exponentialDecay,
  manualSteps,
} from "../../../src/core/builder/learning-rates.js";
import {
  adadelta,
  adagrad,
  adam,
  adamw,
  type DenseOptimizer,
  partialRowwiseAdam,
  rmsprop,
  rowwiseAdagrad,
  type SparseOptimizer,
  sgd,
} from "../../../src/core/builder/optimizers.js";
import { SpecError } from "../../../src/core/errors/index.js";
import { emptySpec } from "../../../src/core/spec/model.js";

const training = (options: Parameters<ReturnType<typeof pepnet>["train"]>[0]) => pepnet().train(options).spec.training;

describe("optimisers", () => {
  test("one helper serves both sides", () => {
    const { dense, sparse } = training({ dense: adagrad(0.1, { initialAccumulator: 1 }), sparse: adagrad(0.05) });
    expect(dense).toEqual({ kind: "adagrad", lr: 0.1, weightDecay: 0, initialAccumulator: 1, eps: 1e-10 });
    expect(sparse).toEqual({ kind: "adagrad", lr: 0.05, initialAccumulator: 0, maxGradient: null });
  });

  test.each<[DenseOptimizer, object]>([
    [adam(0.001), { kind: "adam", beta1: 0.9, beta2: 0.999, eps: 1e-8, amsgrad: false, weightDecay: 0 }],
    [adamw(0.001, { weightDecay: 0.1 }), { kind: "adamw", weightDecay: 0.1 }],
    [sgd(0.1, { momentum: 0.9, nesterov: true }), { kind: "sgd", momentum: 0.9, nesterov: true, dampening: 0 }],
    [adadelta(1), { kind: "adadelta", rho: 0.95, eps: 1e-6 }],
    [rmsprop(0.01), { kind: "rmsprop", alpha: 0.99, eps: 1e-8 }],
  ])("dense %#", (dense, expected) => {
    expect(training({ dense }).dense).toMatchObject(expected);
  });

  test.each<[SparseOptimizer, object]>([
    [adam(0.001, { maxGradient: 1 }), { kind: "adam", beta1: 0.9, maxGradient: 1 }],
    [sgd(0.1), { kind: "sgd", lr: 0.1, maxGradient: null }],
    [rowwiseAdagrad(0.1), { kind: "rowwise_adagrad", weightDecayMode: "NONE", weightDecay: 0 }],
    [partialRowwiseAdam(0.1), { kind: "partial_rowwise_adam", beta2: 0.999 }],
  ])("sparse %#", (sparse, expected) => {
    expect(training({ sparse }).sparse).toMatchObject(expected);
  });

  test("a setting that a side lacks is refused, not dropped", () => {
    expect(() => training({ sparse: sgd(0.1, { momentum: 0.9 }) })).toThrow(
      /training\.sparse\.momentum: the sparse sgd/,
    );
    expect(() => training({ dense: adam(0.1, { maxGradient: 1 }) })).toThrow(/training\.dense\.maxGradient/);
    expect(() => training({ dense: rowwiseAdagrad(0.1) as unknown as DenseOptimizer })).toThrow(
      /not a dense optimiser/,
    );
    expect(() => training({ dense: adam(-1) })).toThrow(/training\.dense\.lr: number out of range/);
  });
});

describe("learning rates", () => {
  test.each([
    [constant(), { kind: "constant" }],
    [
      exponentialDecay({ every: 100, factor: 0.9, warmup: { size: 10, from: 1e-5 }, min: 1e-6 }),
      {
        kind: "exponential_decay",
        decaySize: 100,
        decayFactor: 0.9,
        staircase: true,
        warmupSize: 10,
        warmupLearningRate: 1e-5,
        minLearningRate: 1e-6,
        byEpoch: false,
      },
    ],
    [
      manualSteps({
        at: [
          [10, 0.1],
          [20, 0.01],
        ],
        byEpoch: true,
      }),
      { kind: "manual_step", scheduleSizes: [10, 20], learningRates: [0.1, 0.01], warmup: false, byEpoch: true },
    ],
    [
      cosine({ over: 50 }),
      {
        kind: "cosine_annealing",
        tMax: 50,
        minLearningRate: 0,
        warmupLearningRate: 0,
        warmupSize: 0,
        byEpoch: false,
      },
    ],
    [cosineRestarts({ first: 10, times: 2 }), { kind: "cosine_annealing_warm_restarts", t0: 10, tMult: 2 }],
  ])("%#", (rate, expected) => {
    expect(training({ denseLearningRate: rate, sparseLearningRate: rate })).toMatchObject({
      denseLearningRate: expected,
      sparseLearningRate: expected,
    });
  });
});

describe("train", () => {
  test("sets what it names and leaves the rest", () => {
    const first = pepnet().train({ batchSize: 64, seed: 3 });
    const second = first.train({ emaDecay: 0.9, gradClipping: { max: 5 }, batchSize: undefined as unknown as number });
    expect(second.spec.training).toEqual({
      ...emptySpec.training,
      batchSize: 64,
      seed: 3,
      emaDecay: 0.9,
      gradClipping: { type: "norm", maxGradient: 5, normType: 2, global: false },
    });
    expect(second.train({ gradClipping: null }).spec.training.gradClipping).toBeNull();
  });

  test("steps replace epochs, and epochs steps", () => {
    expect(training({ steps: 100 })).toMatchObject({ epochs: null, steps: 100 });
    expect(pepnet().train({ steps: 100 }).train({ epochs: 2 }).spec.training).toMatchObject({ epochs: 2, steps: null });
    expect(() => training({ epochs: 1, steps: 100 })).toThrow(/epochs and steps are both set/);
  });

  test("part optimisers keep their patterns", () => {
    const [part] = training({ partOptimizers: [{ pattern: "ppnet\\..*", optimizer: sgd(0.1) }] }).partOptimizers;
    expect(part).toMatchObject({
      pattern: "ppnet\\..*",
      optimizer: { kind: "sgd" },
      learningRate: { kind: "constant" },
    });
  });

  test("a value of another kind is refused at its place", () => {
    const strangers = [null, 1, "adam", true, [], {}, [null], { kind: 3 }, { kind: "manual_step" }, { toDense: 1 }];
    const places = ["dense", "sparse", "denseLearningRate", "sparseLearningRate", "partOptimizers", "gradClipping"];
    for (const place of places) {
      for (const value of strangers) {
        if (place === "gradClipping" && value === null) continue;
        if (place === "partOptimizers" && Array.isArray(value) && value.length === 0) continue;
        const set = () => training({ [place]: value } as object);
        expect(set, `${place}: ${JSON.stringify(value)}`).toThrow(SpecError);
        expect(set).toThrow(new RegExp(`^training\\.${place}`));
      }
    }
    for (const part of [null, 1, [], {}, { pattern: 1, optimizer: sgd(0.1) }, { pattern: "a" }]) {
      expect(() => training({ partOptimizers: [part] as never })).toThrow(/^training\.partOptimizers\[0\]/);
    }
  });

  test("an unknown setting is refused with the near one", () => {
    expect(() => training({ batch_size: 3 } as object)).toThrow(/did you mean "batchSize"\?/);
  });
});
