/** The verdicts on a model's worth: from studies whose truth is known, without training. */
import { describe, expect, it } from "vitest";
import { emptySpec } from "../../../src/core/spec/model.js";
import { type Random, random } from "../../../src/core/util/random.js";
import { studyReport } from "../../../src/lab/ablation/ablate.js";
import type { FinishedRun } from "../../../src/lab/ablation/budget.js";
import type { Variant } from "../../../src/lab/ablation/design.js";
import { studyWorth, type WorthFacts } from "../../../src/lab/ablation/worth.js";
import { worthConclusions } from "../../../src/lab/views/studies/worth.js";
import { expectRates, triedRates } from "../../rates.js";

const [floor, one, apart] = ["logistic regression", "one network", "a model a domain"];
const domains = ["feed", "search", "live"];

/** True differences from the model by simpler model and domain. */
type Truth = readonly (readonly number[])[];

/** Noise of a run in a domain: of the rows, shared by all models and by these two, of seeds with falls, and of one run's rows. */
function facts(truth: Truth, source: Random, seeds = 5, tasks = ["ctr"], names = domains): WorthFacts {
  const variants = ["the model", floor!, one!, apart!].map(
    (name): Variant => ({ name, settings: {}, spec: emptySpec }),
  );
  const metric = (v: number, shift: number, rowsPart: number, draws: readonly number[]) => {
    const isFixed = v === 1; // a regression has no seeds
    const fall = source.uniform() < 0.1 ? 0.003 : 0;
    const value = 0.7 + shift + rowsPart + (isFixed ? 0 : 0.002 * source.normal() - fall);
    return { auc: { value, draws: Float32Array.from(draws, (draw) => value + draw + 0.0003 * source.normal()) } };
  };
  // Heavy users move the rows of a domain, of each model a little differently.
  const rows = variants.map(() => [0, ...names].map(() => ({ here: 0.001 * source.normal(), draws: drawn(source) })));
  const runs = variants.flatMap((variant, v) =>
    Array.from({ length: seeds }, (_, seed): FinishedRun => {
      const at = (place: number) => {
        const shift = v === 0 ? 0 : place === 0 ? (truth[v - 1]![0] ?? 0) : truth[v - 1]![place - 1]!;
        const { here, draws } = rows[v]![place]!;
        return metric(v, shift, here, draws);
      };
      const drawnTasks = tasks.map((tower) => ({ tower, overall: at(0), domains: names.map((_, d) => at(d + 1)) }));
      const within = Object.fromEntries(tasks.map((tower) => [tower, null]));
      const result = { seed, user: "user", evaluationRows: 9000, domainNames: names, within, tasks: drawnTasks };
      const history = { points: [], evaluations: [], bestStep: null };
      return { variant, seed, kept: false, result: { ...result, history, rowsPerSecond: 1, seconds: 1 } };
    }),
  );
  const [model, ...others] = variants as [Variant, ...Variant[]];
  const options = { level: 0.95, domainShare: 0.9, interrupted: false, notes: [] };
  return studyWorth(studyReport({ model, variants: others, runs, ...options }), "PEPNet", apart!);
}

function drawn(source: Random): number[] {
  return Array.from({ length: 60 }, () => 0.001 * source.normal());
}

const same = [0, 0, 0];
const worse = [-0.05, -0.05, -0.05];

describe("a verdict", () => {
  it("is a gain where the model is better than every simpler one, and a loss where one is better", () => {
    const worth = facts([worse, worse, [-0.05, -0.05, 0.05]], random(1));
    const verdicts = worth.cells.map(({ domain, verdict }) => [domain, verdict]);
    expect(verdicts.slice(1)).toEqual([
      ["feed", "gains"],
      ["search", "gains"],
      ["live", "loses"],
    ]);
    expect(worth.headline).toBe("PEPNet gains in 2 of 3 domains; live does better alone");
    expect(worth.cells[3]!.says).toMatch(/^a model a domain is better: \+0\.\d+ \(\+0\.\d+ to \+0\.\d+\)$/);
    expect(worth.cells[1]!.says).toMatch(/^PEPNet is better than all others: \+0\.\d+/);
    expect(worthConclusions(worth)[0]).toBe("PEPNet gains in 2 of 3 domains; live does better alone.");
  });

  it("is none where one simpler model is as good, however bad the others are", () => {
    const worth = facts([worse, same, worse], random(2));
    expect(worth.cells.slice(1).map(({ verdict }) => verdict)).toEqual([
      "no difference",
      "no difference",
      "no difference",
    ]);
    expect(worth.cells[1]!.says).toMatch(/^no difference beyond noise from one network: /);
    expect(worth.headline).toBe("PEPNet shows no gain in 3 domains");
  });

  it("needs two seeds", () => {
    const worth = facts([worse, worse, worse], random(3), 1);
    expect(new Set(worth.cells.map(({ verdict, says }) => `${verdict} ${says}`))).toEqual(
      new Set(["null cannot be told from one seed"]),
    );
    expect(worth.headline).toBe("No verdict on PEPNet: too few seeds or rows");
  });
});

describe("a headline", () => {
  it("has at most twelve words, at any number of tasks and domains", () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => `the search results of country ${at}`);
    for (const names of [[], ["all"], many(3), many(12)]) {
      for (const tasks of [["ctr"], ["ctr", "cvr", "like", "follow"]]) {
        for (const effect of [-0.05, 0, 0.05]) {
          const truth = [worse, same, [effect, ...names.map((_, at) => (at === 0 ? effect : -0.05))]];
          const wide = truth.map((row) => [...row, ...names.map(() => row[0]!)].slice(0, Math.max(1, names.length)));
          const { headline } = facts(wide, random(4), 3, tasks, names);
          expect(headline.split(/\s+/).length, headline).toBeLessThanOrEqual(12);
        }
      }
    }
  });

  it("names the simpler model that is better", () => {
    expect(facts([worse, [-0.05, -0.05, 0.05], worse], random(5)).headline).toBe(
      "PEPNet gains in 2 of 3 domains; one network wins in live",
    );
  });
});

it("verdicts err in at most 5% of studies where nothing differs, or one simpler model is as good", async () => {
  const limits = { of: 300, atMost: 23 };
  const rates = await triedRates(
    [
      { name: "a gain or a loss where nothing differs", ...limits },
      { name: "a gain where one network is as good", ...limits },
    ],
    (seed) => {
      const [none, floorOnly] = [
        [same, same, same],
        [worse, same, worse],
      ].map((truth, at) => facts(truth, random(seed).fork(`truth ${at}`)));
      const clear = none!.cells.some(({ verdict }) => verdict === "gains" || verdict === "loses");
      return [clear, floorOnly!.cells.some(({ verdict }) => verdict === "gains")];
    },
  );
  expectRates(rates);
});
