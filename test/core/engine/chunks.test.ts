/** Towers of many domains, computed in chunks of rows: the numbers of a product for each tower, whatever a batch holds. */
import { afterEach, describe, expect, test } from "vitest";
import { star } from "../../../src/api/study/variants.js";
import type { EncodedData } from "../../../src/core/data/encoded/encoded.js";
import { compiledPlan, fewestChunkTowers, groupKey } from "../../../src/core/engine/compiled/compile-plan.js";
import { EngineGroup } from "../../../src/core/engine/compiled/group.js";
import { chunkFeeds } from "../../../src/core/engine/core/chunks.js";
import { createEngine } from "../../../src/core/engine/create-engine.js";
import type { Engine, EngineOptions, Weights } from "../../../src/core/engine/engine.js";
import { denseParameters } from "../../../src/core/nn/plan/parameters.js";
import { planModel } from "../../../src/core/nn/plan/plan.js";
import type { ModelSpec, TowerSpec } from "../../../src/core/spec/model.js";
import { sharedInts } from "../../../src/core/util/called-thread.js";
import { random } from "../../../src/core/util/random.js";
import { toyData, toySpec } from "./toy.js";

const open: Engine[] = [];
afterEach(async () => {
  for (const engine of open.splice(0)) await engine.dispose();
});

async function engineOf(spec: ModelSpec, options: EngineOptions): Promise<Engine> {
  const engine = await createEngine(spec, options);
  open.push(engine);
  return engine;
}

const count = fewestChunkTowers + 8;

/** The toy model with many domains. */
function withDomains(count: number, rest: Partial<ModelSpec> = {}): ModelSpec {
  const features = toySpec.features.map((feature) =>
    feature.name === "scene" && feature.kind === "id"
      ? { ...feature, encoding: { kind: "buckets", count } as const }
      : feature,
  );
  return { ...toySpec, features, domains: { column: "scene", count, names: null }, ...rest };
}

const manySpec = withDomains(count);

function mlps(change: Partial<NonNullable<TowerSpec["mlp"]>>): Partial<ModelSpec> {
  return { towers: toySpec.towers.map((tower) => ({ ...tower, mlp: tower.mlp && { ...tower.mlp, ...change } })) };
}

/** Toy rows whose domains are `domainOf(row)`. */
function rowsOf(rows: number, domainOf: (row: number) => number): EncodedData {
  const data = toyData(rows);
  const scene = sharedInts(rows).map((_, row) => domainOf(row));
  return { ...data, domains: scene, features: new Map([...data.features, ["scene", { kind: "ids", ids: scene }]]) };
}

/** A few domains have most rows, domain 2 has one, domain 5 has none. */
const source = random(8);
const many = rowsOf(400, (row) => {
  if (row === 17) return 2;
  const domain = Math.floor(count ** source.uniform()) - 1;
  return domain === 2 || domain === 5 ? 0 : domain;
});

/** The same rows with the domains that a model has; none of domain 5 either. */
function fitting({ domains }: ModelSpec): EncodedData {
  const scene = sharedInts(400).map((_, row) => Math.min(many.domains![row]!, domains!.count - 1));
  return { ...many, domains: scene, features: new Map([...many.features, ["scene", { kind: "ids", ids: scene }]]) };
}

const batch = (step: number, size = 64) => ({
  data: many,
  rows: Int32Array.from({ length: size }, (_, at) => (at * 13 + step * 71) % 400),
});

describe("chunks of sorted rows", () => {
  test.each([
    ["one row", [1]],
    ["a full chunk, one row less and one more", [8, 7, 9]],
    ["domains without rows, also the first and the last", [0, 3, 0, 0, 17, 0]],
    ["one domain", [40]],
  ])("%s", (_, counts) => {
    const feeds = new Map(chunkFeeds(counts, 8));
    const [rows, domain, inside, places] = ["rows", "domain", "inside", "places"].map((name) => feeds.get(name)!.data);
    const domains = counts.flatMap((rows, domain) => Array<number>(rows).fill(domain));
    expect(domain).toHaveLength(counts.reduce((sum, rows) => sum + Math.ceil(rows / 8), 0));
    // Each row is at its place, in a chunk of its domain, and all rows of a chunk have its domain.
    expect(Array.from(places!, (place) => rows![place])).toEqual(domains.map((_, row) => row));
    expect(Array.from(places!, (place) => domain![Math.floor(place / 8)])).toEqual(domains);
    expect(Array.from(rows!, (row) => domains[row])).toEqual(
      Array.from(rows!, (_, place) => domain![Math.floor(place / 8)]),
    );
    expect(Array.from(inside!).flatMap((one, place) => (one === 1 ? [place] : []))).toEqual(Array.from(places!));
  });
});

describe("which models have them", () => {
  const rowsAt = (towers: number, batchSize: number | null, rest: Partial<ModelSpec> = {}) =>
    compiledPlan(withDomains(towers, { training: { ...toySpec.training, batchSize }, ...rest })).chunkRows;

  test("from some number of towers on, with as many rows as a domain has in a batch", () => {
    expect(rowsAt(fewestChunkTowers - 1, 1024)).toBeNull();
    expect(rowsAt(fewestChunkTowers, 1024)).toBe(64);
    expect(rowsAt(fewestChunkTowers, 8192)).toBe(64);
    expect(rowsAt(fewestChunkTowers, null)).toBe(64);
    expect(rowsAt(2 * fewestChunkTowers, 1024)).toBe(32);
    expect(rowsAt(100, 1024)).toBe(16);
    expect(rowsAt(1000, 8192)).toBe(8);
    expect(rowsAt(1000, 32)).toBe(8);
  });

  test("none if towers are shared, or see rows of other domains", () => {
    expect(rowsAt(count, 64, { switches: { ...toySpec.switches, sharedTowers: true } })).toBeNull();
    expect(rowsAt(count, 64, mlps({ batchNorm: true }))).toBeNull();
    expect(rowsAt(count, 64, mlps({ activation: "Dice" }))).toBeNull();
    const { spec } = star()({ spec: manySpec });
    expect(compiledPlan(spec).chunkRows).toBeNull();
    expect(planModel(manySpec, { savings: false, chunkRows: 8 }).chunkRows).toBeNull();
  });
});

describe("beside an eager engine with a product for each tower", () => {
  const sgd = { kind: "sgd", lr: 0.5, momentum: 0.9, dampening: 0, nesterov: false, weightDecay: 0 } as const;
  const training = { ...toySpec.training, dense: sgd, sparse: { kind: "sgd", lr: 0.5, maxGradient: null } as const };
  const rate = { kind: "constant" } as const;
  const variants: [string, ModelSpec][] = [
    ["as it is", withDomains(count, { training })],
    ["at the bound", withDomains(fewestChunkTowers, { training })],
    ["without PPNet's gates", withDomains(count, { training, switches: { ...toySpec.switches, ppnet: false } })],
    [
      "without EPNet, task spaces and hidden layers",
      {
        ...withDomains(count, { training, switches: { ...toySpec.switches, epnet: false } }),
        towers: toySpec.towers.map((tower) => ({ ...tower, taskSpace: null, mlp: null })),
      },
    ],
    [
      "dropout, layer norm and PReLU",
      withDomains(count, {
        training,
        ...mlps({ dropout: [0.3, 0.2], layerNorm: true, activation: "nn.PReLU" }),
      }),
    ],
    [
      "several classes, three tasks",
      {
        ...withDomains(count, { training }),
        towers: [
          ...toySpec.towers,
          {
            ...toySpec.towers[0]!,
            name: "more",
            numClass: 2,
            losses: [{ kind: "softmax_cross_entropy", labelSmoothing: 0 }],
          },
        ],
      },
    ],
    [
      "accumulated and clipped gradients, and averages",
      withDomains(count, {
        training: {
          ...training,
          gradientAccumulation: 2,
          emaDecay: 0.9,
          gradClipping: { type: "norm", maxGradient: 0.5, normType: 2, global: false },
        },
      }),
    ],
    [
      "an optimiser for a part of the domains",
      withDomains(count, {
        training: {
          ...training,
          partOptimizers: [
            { pattern: ".*_task_tower\\.1\\d\\..*", optimizer: { ...sgd, lr: 0.1 }, learningRate: rate },
          ],
        },
      }),
    ],
    ["weights of losses by their gradients", withDomains(count, { training: { ...training, lossWeights: "pareto" } })],
  ];

  /** The weights after four steps, one of them on a single row. */
  async function trained(spec: ModelSpec, options: EngineOptions) {
    const data = fitting(spec);
    const engine = await engineOf(spec, options);
    const steps = [64, 40, 1, 64].map((size, step) => ({ data, rows: batch(step, size).rows }));
    expect((await engine.train(steps, 0)).every(({ loss }) => Number.isFinite(loss))).toBe(true);
    return { engine, weights: await engine.weights() };
  }

  function farWeights(weights: Weights, expected: Weights): string[] {
    expect([...weights].map(([name, { shape }]) => [name, shape])).toEqual(
      [...expected].map(([name, { shape }]) => [name, shape]),
    );
    return [...weights].flatMap(([name, { data }]) =>
      data.some((value, i) => !(Math.abs(value - expected.get(name)!.data[i]!) <= 2e-4)) ? [name] : [],
    );
  }

  test.each(variants)("%s: the same weights after four steps", async (_, spec) => {
    expect(compiledPlan(spec).chunkRows).not.toBeNull();
    const [eager, compiled] = [await trained(spec, { engine: "cpu" }), await trained(spec, { threads: 1 })];
    expect(farWeights(compiled.weights, eager.weights)).toEqual([]);
    const start = await (await engineOf(spec, { engine: "cpu" })).weights();
    const hasMoved = (name: string) =>
      compiled.weights.get(name)!.data.some((value, i) => value !== start.get(name)!.data[i]);
    expect(hasMoved("model._task_tower.0.linear.bias")).toBe(true);
    expect(hasMoved("model._task_tower.5.linear.bias")).toBe(false); // a domain without rows
    const data = fitting(spec);
    const [some, expected] = await Promise.all(
      [compiled, eager].map(({ engine }) => engine.predict({ data, rows: batch(9, 50).rows })),
    );
    for (const [at, { logits }] of some!.entries())
      expect(logits.filter((logit, i) => !(Math.abs(logit - expected![at]!.logits[i]!) <= 2e-3))).toHaveLength(0);
  });

  test("with two threads, and pieces of a large batch", async () => {
    const spec = withDomains(count, { training, ppnet: { ...toySpec.ppnet, dropout: [0] } });
    const large = rowsOf(4500, (row) => (row * 7) % count);
    const [one, two, other] = await Promise.all(
      [{ threads: 1 }, { threads: 2 }, { engine: "cpu" } as const].map(async (options) => {
        const { engine } = await trained(spec, options);
        await engine.step({ data: large, rows: Int32Array.from({ length: 4500 }, (_, row) => row) }, 0);
        return engine.weights();
      }),
    );
    expect(farWeights(one!, other!)).toEqual([]);
    expect(farWeights(two!, other!)).toEqual([]);
  });

  test("names, shapes and order of parameters do not depend on the form", () => {
    const shapes = (plan: ReturnType<typeof planModel>) =>
      denseParameters(plan).map(({ name, shape }) => [name, shape]);
    expect(shapes(compiledPlan(manySpec))).toEqual(shapes(planModel(manySpec)));
  });

  test("gradients by parameter and by part of the model", async () => {
    const [compiled, eager] = [await engineOf(manySpec, {}), await engineOf(manySpec, { engine: "cpu" })];
    const [one, other] = [await compiled.gradients(batch(0)), await eager.gradients(batch(0))];
    expect(one.parts.map(({ norm: _, ...part }) => part)).toEqual(other.parts.map(({ norm: _, ...part }) => part));
    for (const [at, { norm }] of one.parts.entries()) expect(norm).toBeCloseTo(other.parts[at]!.norm, 5);
    for (const [name, values] of other.dense) {
      const far = values.filter((value, i) => Math.abs(value - one.dense.get(name)![i]!) > 1e-6);
      expect([name, far.length]).toEqual([name, 0]);
    }
  });
});

describe("bits", () => {
  test("of a domain's predictions do not depend on the other domains in a batch", async () => {
    const engine = await engineOf(manySpec, { threads: 1 });
    await engine.train([batch(0), batch(1)], 0);
    const rows = Int32Array.from({ length: 400 }, (_, row) => row);
    for (const domain of [0, 1, 2, 9]) {
      const own = rows.filter((row) => many.domains![row] === domain);
      expect(own.length).toBeGreaterThan(0);
      const beside = (parity: number) => rows.filter((row) => many.domains![row] !== domain && row % 2 === parity);
      const [one, other] = await Promise.all(
        [0, 1].map((parity) =>
          engine.predict({ data: many, rows: Int32Array.from([...own, ...beside(parity).subarray(0, 90)]) }),
        ),
      );
      for (const [task, { logits }] of one!.entries())
        expect(logits.subarray(0, own.length)).toEqual(other![task]!.logits.subarray(0, own.length));
    }
  });

  test("are the same from run to run, also with two threads and after a state", async () => {
    for (const threads of [1, 2]) {
      const [whole, again] = [await engineOf(manySpec, { threads }), await engineOf(manySpec, { threads })];
      await whole.train(
        [0, 1, 2, 3].map((step) => batch(step)),
        0,
      );
      await again.train([batch(0), batch(1)], 0);
      const resumed = await engineOf(manySpec, { threads, seed: toySpec.training.seed });
      await resumed.restore(await again.state());
      await resumed.train([batch(2), batch(3)], 0);
      expect(await resumed.state()).toEqual(await whole.state());
    }
  });

  test("of variants that train in one program are those of each alone", async () => {
    const training = { ...toySpec.training, batchSize: 64, emaDecay: 0.9 };
    const specs = [0.5, 1, 2, 5].map((gamma) => ({ ...manySpec, training, epnet: { ...manySpec.epnet, gamma } }));
    expect(await groupKey(compiledPlan(specs[0]!))).not.toBeNull();
    const steps = [0, 1, 2].map((step) => batch(step, 60 - step));
    const { places } = new EngineGroup(specs.length);
    const together = await Promise.all(
      specs.map(async (spec, at) => {
        const engine = await createEngine(spec, { place: places[at] });
        for (let left = steps; left.length > 0; ) left = left.slice((await engine.train(left, 0)).length);
        const state = await engine.state();
        await engine.dispose();
        return state;
      }),
    );
    for (const [at, spec] of specs.entries()) {
      const engine = await engineOf(spec, { threads: 1 });
      await engine.train(steps, 0);
      expect(together[at]).toEqual(await engine.state());
    }
  });
});
