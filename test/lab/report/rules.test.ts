import { describe, expect, test } from "vitest";
import type { Interval } from "../../../src/core/metrics/intervals/bootstrap.js";
import type { Evaluation } from "../../../src/core/metrics/types.js";
import { auditOf, gateFacts } from "../../../src/lab/gates/audit-checks.js";
import type { EffectParts } from "../../../src/lab/gates/effects.js";
import { judgedRun, runJudges } from "../../../src/lab/report/judges/judges.js";
import { verdict } from "../../../src/lab/report/sections.js";
import type { ReportFacts } from "../../../src/lab/report/summary.js";
import { aucByDomainChart } from "../../../src/lab/views/evaluation/evaluation.js";
import { comparison, evaluation, fiftyDomains, references, withIntervals } from "../charts/results.js";
import { auc, factsOf, withMetrics } from "./facts.js";

const calm = factsOf();
const calmEvaluation = calm.evaluation as Evaluation;

/** The rule's words on these facts. */
function said(rule: string, facts: ReportFacts): string[] {
  const names = [...runJudges, ...(facts.audit?.checks ?? [])].map(({ name }) => name);
  expect(names).toContain(rule);
  return judgedRun(facts)
    .filter(({ judge }) => judge === rule)
    .map(({ path, message }) => `${path}: ${message}.`);
}

/** Metrics of ctr in the second domain. */
function inOneDomain(change: Parameters<typeof withMetrics>[1]): ReportFacts {
  const evaluation = withMetrics(calmEvaluation, (metrics, domain, tower) =>
    domain === 1 && tower === "ctr" ? change(metrics, domain, tower) : metrics,
  );
  return { ...calm, evaluation };
}

function withGates(change: Partial<NonNullable<ReportFacts["gates"]>["gates"][number]["overall"]>): ReportFacts {
  const gates = calm.gates as NonNullable<ReportFacts["gates"]>;
  const [first, ...others] = gates.gates;
  const changed = [{ ...first!, overall: { ...first!.overall, ...change } }, ...others];
  return { ...calm, audit: auditOf(1000, gateFacts(changed)) };
}

describe("what to try next", () => {
  test("is nothing where the numbers support nothing, and nothing where there are none", () => {
    expect(judgedRun(calm)).toEqual([]);
    const nothing = { evaluation: null, gates: null, counterfactuals: null, calibration: null, gatesHistory: [] };
    const history = { points: [], evaluations: [], bestStep: null };
    expect(judgedRun({ ...calm, ...nothing, history })).toEqual([]);
  });

  test("tells of an interrupted training, and of a loss that grew", () => {
    expect(said("interrupted", { ...calm, interrupted: true })).toEqual(["training: interrupted at step 480."]);
    const points = calm.history.points.map((point, p) => ({ ...point, loss: p + 1 }));
    expect(said("loss grew", { ...calm, history: { ...calm.history, points } })).toEqual([
      "training: the loss went from 1.500 (mean of the first 40 steps) to 23.500 (mean of the last 40 steps).",
    ]);
    const lost = points.map((point) => ({ ...point, loss: Number.NaN }));
    expect(said("loss grew", { ...calm, history: { ...calm.history, points: lost } })).toHaveLength(1);
  });

  test("compares training rows with evaluation rows", () => {
    const training = withMetrics(calmEvaluation, (metrics, _, tower) => ({
      ...metrics,
      auc: tower === "ctr" ? 0.81 : 0.72,
    }));
    expect(said("overfitting", { ...calm, training })).toEqual([
      "ctr: AUC 0.810 on training rows, 0.700 on evaluation rows (difference 0.110).",
    ]);
  });

  test("reads the AUC over training: past its best, or still rising", () => {
    const over = (...aucs: number[]): ReportFacts => ({
      ...calm,
      history: {
        ...calm.history,
        bestStep: null,
        evaluations: aucs.map((value, e) => ({
          step: 10 * (e + 1),
          epoch: e,
          evaluation: withMetrics(calmEvaluation, (metrics, _, tower) =>
            tower === "ctr" ? { ...metrics, auc: value } : metrics,
          ),
        })),
      },
    });
    expect(said("best was earlier", over(0.6, 0.8, 0.7))).toEqual([
      "ctr: AUC was best at step 20 (0.800) and 0.700 at the last evaluation, step 30.",
    ]);
    expect(said("still rising", over(0.6, 0.72, 0.7))).toEqual([]);
    expect(said("still rising", over(0.6, 0.65, 0.7))).toEqual([
      "ctr: AUC still rose by 0.050 from step 20 to the last evaluation, step 30.",
    ]);
    expect(said("best was earlier", over(0.6, 0.7, 0.699))).toEqual([]);
    const peaked = over(0.6, 0.8, 0.7);
    expect(said("best was earlier", { ...peaked, history: { ...peaked.history, bestStep: 20 } })).toEqual([]);
  });

  test("names domains that are weak, uncertain, at chance, or of one class, each with its rows and interval", () => {
    const weak = inOneDomain((metrics) => ({ ...metrics, auc: 0.65, ...auc(0.63, 0.67) }));
    expect(said("weak domain", weak)).toEqual([
      "ctr in 25–34: AUC 0.650 (0.630 to 0.670), mean within 3 domains 0.683.",
    ]);
    const wide = inOneDomain((metrics) => ({ ...metrics, rows: 90, positives: 9, ...auc(0.6, 0.8) }));
    expect(said("uncertain domain", wide)).toEqual([
      "ctr in 25–34: 90 rows (9 positive), and an interval of 0.600 to 0.800.",
    ]);
    const chance = inOneDomain((metrics) => ({ ...metrics, auc: 0.51, ...auc(0.48, 0.54) }));
    expect(said("no better than chance", chance)).toEqual([
      "ctr in 25–34: AUC 0.510 (0.480 to 0.540) on 1,000 rows, which covers 0.5.",
    ]);
    expect(said("uncertain domain", chance)).toEqual([]);
    const few = inOneDomain((metrics) => ({ ...metrics, rows: 90, positives: 9, auc: 0.62, ...auc(0.44, 0.8) }));
    expect(said("no better than chance", few)).toEqual([]);
    expect(said("uncertain domain", few)).toEqual([
      "ctr in 25–34: 90 rows (9 positive), and an interval of 0.440 to 0.800: whether it is better than chance cannot be told.",
    ]);
    const single = inOneDomain((metrics) => ({ ...metrics, auc: null, positives: 0, intervals: {} }));
    expect(said("no AUC", single)).toEqual(["ctr in 25–34: 0 of 1,000 rows are positive, so AUC is not defined."]);
  });

  test("counts a story of many domains instead of telling each", () => {
    const names = Array.from({ length: 50 }, (_, d) => `d${d}`);
    const many = factsOf(names);
    const evaluation = withMetrics(many.evaluation as Evaluation, (metrics, domain) =>
      domain === null || domain % 2 === 0 ? metrics : { ...metrics, auc: 0.65, ...auc(0.64, 0.66) },
    );
    const told = said("weak domain", { ...many, evaluation });
    expect(told).toHaveLength(3);
    expect(told[2]).toMatch(/The same holds for 47 more\.$/);
  });

  test("calls no domain weak for an AUC over all rows that counts pairs of two domains, nor for one of many by chance", () => {
    const rates = withMetrics(calmEvaluation, (metrics, domain) =>
      domain === null ? { ...metrics, auc: 0.85 } : metrics,
    );
    expect(said("weak domain", { ...calm, evaluation: rates })).toEqual([]);
    const many = factsOf(Array.from({ length: 40 }, (_, d) => `d${d}`));
    const chance = withMetrics(many.evaluation as Evaluation, (metrics, domain) =>
      domain === 7 ? { ...metrics, auc: 0.678, ...auc(0.658, 0.698) } : metrics,
    );
    expect(said("weak domain", { ...many, evaluation: chance })).toEqual([]);
  });

  test("compares domains by what can be achieved in each, where that is known", () => {
    const harder = inOneDomain((metrics) => ({ ...metrics, auc: 0.65, ...auc(0.64, 0.66) }));
    const best = (second: number): ReportFacts => ({
      ...harder,
      references: [{ tower: "ctr", overall: 0.75, domains: [0.71, second, 0.71] }],
    });
    expect(said("weak domain", best(0.66))).toEqual([]);
    expect(said("weak domain", best(0.71))).toEqual([
      "ctr in 25–34: AUC 0.650 (0.640 to 0.660), mean within 3 domains 0.683, 0.710 achievable there.",
    ]);
  });

  test("finds calibration that cancels over all rows", () => {
    const cancelled = withMetrics(calmEvaluation, (metrics, domain, tower) => {
      if (tower !== "ctr") return metrics;
      const calibration = domain === null ? 0.975 : [1.12, 0.88, 0.98][domain]!;
      return {
        ...metrics,
        calibration,
        intervals: { calibration: { value: calibration, low: calibration - 0.05, high: calibration + 0.05 } },
      };
    });
    const both = "ctr: predictions are 0.975 times the observed rate; by domain, 1.120 in under 25, 0.880 in 25–34.";
    expect(said("miscalibrated", { ...calm, calibration: null, evaluation: cancelled })).toEqual([both]);

    const withRatios = (...isBeyondNoise: boolean[]): ReportFacts => {
      const ratio = (beyond: boolean) => ({ value: 1, low: 0.8, high: 1.2, isBeyondNoise: beyond });
      const tasks = calm.calibration!.tasks.map((task) => ({
        ...task,
        overall: { ...task.overall, ratio: ratio(false) },
        domains: task.domains.map((curve, d) => ({ ...curve, ratio: ratio(isBeyondNoise[d]!) })),
      }));
      return { ...calm, calibration: { ...calm.calibration!, tasks }, evaluation: cancelled };
    };
    expect(said("miscalibrated", withRatios(true, true, true))).toEqual([both]);
    expect(said("miscalibrated", withRatios(false, true, false))).toEqual([
      "ctr: predictions are 0.975 times the observed rate; by domain, 0.880 in 25–34.",
    ]);
    expect(said("miscalibrated", withRatios(false, false, false))).toEqual([]);
  });

  test("asks for more positives, calibration, and what is left to the best achievable", () => {
    const all = (change: object): ReportFacts => ({
      ...calm,
      calibration: null,
      evaluation: withMetrics(calmEvaluation, (metrics, domain, tower) =>
        domain === null && tower === "cvr" ? { ...metrics, ...change } : metrics,
      ),
    });
    expect(said("few positives", all({ positives: 40 }))).toEqual([
      expect.stringMatching(/^cvr: only 40 positives in 3,000 rows: the AUC is between 0\.6\d\d and 0\.7\d\d/),
    ]);
    expect(said("miscalibrated", all({ calibration: 1.4 }))).toEqual([
      "cvr: predictions are 1.400 times the observed rate.",
    ]);
    const unsure = { calibration: 1.4, intervals: { calibration: { value: 1.4, low: 0.9, high: 1.9 } } };
    expect(said("miscalibrated", all(unsure))).toEqual([]);
    expect(said("room for improvement", { ...calm, references: references([]) })).toEqual([
      "ctr: AUC 0.700 of 0.762 achievable (gap 0.062).",
    ]);
  });

  test("has the findings of the audit, such as gates that are still, saturated or constant", () => {
    expect(said("still gates", withGates({ identity: 0.97 }))).toEqual([
      "EPNet: P(|g − γ/2| < 0.02 γ) = 0.970 with γ = 2.00.",
    ]);
    expect(said("saturated gates", withGates({ closed: 0.05, open: 0.9 }))).toEqual([
      "EPNet: 5.0% of the values are below 0.05 γ and 90% above 0.95 γ.",
    ]);
    expect(said("constant gates", withGates({ deadUnits: 0.5 }))).toEqual([
      "EPNet: 50% of 256 units vary less than 0.001 over rows.",
    ]);
    expect(said("constant gates", withGates({ deadUnits: 1, identity: 1 }))).toEqual([]);
  });

  test("believes a counterfactual that covers 0 for every task, and no other", () => {
    const report = calm.counterfactuals as NonNullable<ReportFacts["counterfactuals"]>;
    let between = { value: 0, low: -0.001, high: 0.001 };
    const parts = (within: Interval): EffectParts => ({ within, between });
    const noise = (name: string, ...towers: string[]): ReportFacts => ({
      ...calm,
      counterfactuals: {
        ...report,
        effects: report.effects.map((effect) => ({
          ...effect,
          tasks: effect.tasks.map((task) =>
            effect.name !== name || !towers.includes(task.tower)
              ? { ...task, parts: parts({ value: -0.02, low: -0.03, high: -0.01 }) }
              : { ...task, parts: parts({ value: 0.001, low: -0.002, high: 0.004 }) },
          ),
        })),
      },
    });
    expect(said("module without effect", noise("EPNet off", "ctr", "cvr"))).toEqual([
      "EPNet off: changes nothing beyond noise: ΔAUC ctr +0.001 (−0.002 to +0.004), cvr +0.001 (−0.002 to +0.004) on 12,000 rows.",
    ]);
    expect(said("module without effect", noise("EPNet off", "ctr"))).toEqual([]);
    expect(said("domains without effect", noise("another domain", "ctr", "cvr"))).toHaveLength(1);
    between = { value: -0.015, low: -0.02, high: -0.01 };
    expect(said("module without effect", noise("EPNet off", "ctr", "cvr"))[0]).toMatch(
      /on 12,000 rows\. Between domains AUC changes \(ctr −0\.015 \(−0\.020 to −0\.010\), cvr .+\): whole domains are scored higher or lower/,
    );
  });
});

test("says where a gate hurts in this training, if the corrected interval is above 0", () => {
  const off = (low: number): ReportFacts => {
    const { counterfactuals } = calm;
    const auc = { value: 0.0048, low, high: 0.008 };
    const effects = counterfactuals!.effects.map((effect) => ({
      ...effect,
      tasks: effect.tasks.map((task) => ({
        ...task,
        parts: task.parts && { ...task.parts, within: auc },
        overall: { ...task.overall, auc },
      })),
    }));
    return {
      ...calm,
      counterfactuals: { ...counterfactuals!, effects: effects.filter(({ name }) => name === "EPNet off") },
    };
  };
  expect(said("module that hurts", off(0.002))).toEqual([
    "EPNet off: AUC is higher without it in this training: ctr +0.005 (+0.002 to +0.008), cvr +0.005 (+0.002 to +0.008).",
  ]);
  expect(said("module that hurts", off(-0.002))).toEqual([]);
});

describe("advice", () => {
  const aucs = (tower: string, values: readonly number[]): ReportFacts["history"]["evaluations"] =>
    values.map((value, e) => ({
      step: 10 * (e + 1),
      epoch: e,
      evaluation: withMetrics(calmEvaluation, (metrics, _, name) => ({
        ...metrics,
        auc: name === tower ? value : 0.7,
      })),
    }));
  const next = (facts: ReportFacts): Record<string, string | undefined> =>
    Object.fromEntries(judgedRun(facts).map(({ judge, fix }) => [judge, fix]));

  test("never asks for more of a setting after it asked for less", () => {
    const peaked = { ...calm.history, bestStep: null, evaluations: aucs("ctr", [0.6, 0.8, 0.7]) };
    const both: ReportFacts = {
      ...calm,
      history: peaked,
      references: references([]),
      audit: withGates({ identity: 0.97, closed: 0.8, open: 0.1 }).audit,
    };
    const advice = next(both);
    expect(advice["best was earlier"]).toMatch(/^train for fewer epochs/);
    expect(advice["room for improvement"]).toBe(
      "train on more rows, or enlarge embeddings, or compare learning rates in a study (model.ablate)",
    );
    expect(advice["saturated gates"]).toMatch(/^lower the learning rate/);
    expect(advice["still gates"]).toBe("switch the module off");
  });

  test("where every advice of a finding is contradicted, the first finding has priority", () => {
    const grown = calm.history.points.map((point, p) => ({ ...point, loss: p + 1 }));
    const evaluations = aucs("ctr", [0.6, 0.8, 0.7]).map((point, e) => ({
      ...point,
      evaluation: withMetrics(point.evaluation, (metrics, _, name) =>
        name === "cvr" ? { ...metrics, auc: 0.5 + e / 10 } : metrics,
      ),
    }));
    const facts = { ...calm, history: { ...calm.history, points: grown, bestStep: null, evaluations } };
    expect(next(facts)["still rising"]).toMatch(/^a finding above asks for the opposite/);
  });

  test("never recommends what the run did: dropout, weight decay, early stopping, clipping, a variant of the study", () => {
    const training = withMetrics(calmEvaluation, (metrics) => ({ ...metrics, auc: 0.81 }));
    const plain = { ...calm, study: null, training, history: { ...calm.history, bestStep: null } };
    expect(next(plain)["overfitting"]).toMatch(/add dropout, or add weight decay, or .*earlyStopping: true/);
    const { spec } = calm;
    const careful: ReportFacts = {
      ...plain,
      spec: {
        ...spec,
        ppnet: { ...spec.ppnet!, dropout: [0.1] },
        training: { ...spec.training, dense: { ...spec.training.dense, weightDecay: 1e-4 } as never },
      },
      history: { ...calm.history, bestStep: 40 },
    };
    expect(next(careful)["overfitting"]).toBe("use smaller embeddings, or train on more rows");
  });

  test("the worst findings come first", () => {
    const order = ["serious", "moderate", "minor"];
    const grown = calm.history.points.map((point, p) => ({ ...point, loss: p + 1 }));
    const facts = { ...withGates({ identity: 0.97, open: 0.9 }), history: { ...calm.history, points: grown } };
    const severities = judgedRun(facts).map(({ severity }) => order.indexOf(severity));
    expect(severities).toEqual([...severities].sort());
    expect(new Set(severities)).toEqual(new Set([0, 1, 2]));
  });

  test("of one severity, the one that costs more AUC comes first, whichever rule it is of", () => {
    const training = (auc: number) => withMetrics(calmEvaluation, (metrics) => ({ ...metrics, auc }));
    const weak = inOneDomain((metrics) => ({ ...metrics, auc: 0.55, ...auc(0.53, 0.57) }));
    const order = (trained: number) => judgedRun({ ...weak, training: training(trained) }).map(({ judge }) => judge);
    expect(order(0.9).slice(0, 3)).toEqual(["overfitting", "overfitting", "weak domain"]);
    expect(order(0.74)[0]).toBe("weak domain");
  });
});

describe("the verdict", () => {
  const sentence = (facts: ReportFacts): string => verdict(facts, judgedRun(facts));
  const aucText = "ctr AUC 0.700 (0.680 to 0.720); cvr (within clk) AUC 0.700 (0.680 to 0.720)";

  test("is one sentence with the number that decides", () => {
    expect(sentence(calm)).toBe(`No rule objects to this run: ${aucText}.`);
    expect(sentence({ ...calm, interrupted: true })).toBe("Not ready: training was interrupted at step 480.");
    expect(sentence({ ...calm, evaluation: null })).toMatch(/^Not evaluated: /);
    const weak = inOneDomain((metrics) => ({ ...metrics, auc: 0.65, ...auc(0.63, 0.67) }));
    expect(sentence(weak)).toMatch(/^Usable, with 1 finding that costs quality: ctr AUC/);
    const chance = inOneDomain((metrics) => ({ ...metrics, auc: 0.51, ...auc(0.48, 0.54) }));
    expect(sentence(chance)).toMatch(/^Not ready: 1 serious finding; ctr AUC/);
  });

  test("of a model that a logistic regression beats is that it is not ready; one within its interval is a remark", () => {
    const beside = (overall: number) => ({
      ...calm,
      evaluation: {
        ...calmEvaluation,
        tasks: calmEvaluation.tasks.map((task) => ({
          ...task,
          overall: { ...task.overall, ...auc(task.overall.auc! - 0.008, task.overall.auc! + 0.008) },
          floor: { overall, domains: [] },
        })),
      },
    });
    expect(said("no better than logistic regression", beside(0.702))).toEqual([]);
    expect(said("not shown to beat logistic regression", beside(0.702))[0]).toBe(
      "ctr: AUC 0.700, of a logistic regression on the same features 0.702.",
    );
    expect(sentence(beside(0.702))).toMatch(/^No rule objects to this run: /);
    const facts = beside(0.71);
    expect(said("no better than logistic regression", facts)[0]).toBe(
      "ctr: AUC 0.700, of a logistic regression on the same features 0.710.",
    );
    expect(sentence(facts)).toMatch(/^Not ready: \d serious findings?; .*logistic regression 0\.710/);
  });

  test("with a baseline says where the run is better and worse", () => {
    const compared = comparison(["under 25", "25–34", "35 and over"]);
    const facts = { ...calm, comparison: compared };
    expect(sentence(facts)).toMatch(
      /^Not ready: \d serious findings?; A seesaw: epnet gamma 2 is better in .*, worse in .* \(AUC\); ctr AUC/,
    );
    expect(sentence(facts).match(/\.(?: |$)/g)).toHaveLength(1);
    const worse = said("worse than the baseline", facts);
    const lost = compared.tasks.filter(({ overall, domains }) =>
      [overall, ...domains].some((cell) => cell.metrics.auc?.verdict === "lost"),
    );
    expect(worse.map((text) => text.slice(0, 3)).sort()).toEqual(lost.map(({ tower }) => tower));
    expect(worse[0]).toMatch(/AUC is below that of epnet gamma 1: in .* against 0\.730 \(−0\.\d+, /);
  });

  test("with one training of each speaks of the trainings, recommends neither, and is not hidden by them", () => {
    const text = JSON.stringify(comparison(["under 25", "25–34", "35 and over"]));
    const trainings = text.replaceAll('"won"', '"ahead"').replaceAll('"lost"', '"behind"').replace("[3,3]", "[1,1]");
    const facts = { ...calm, comparison: JSON.parse(trainings) };
    expect(sentence(facts)).toMatch(
      /^A seesaw: epnet gamma 2 is better in .* for these two trainings \(AUC\): ctr AUC/,
    );
    expect(said("worse than the baseline", facts)).toEqual([]);
    expect(said("this training is below the baseline", facts)[0]).toMatch(
      /below that of epnet gamma 1 in this training: /,
    );
    const advice = judgedRun(facts).find(({ judge }) => judge === "this training is below the baseline")!;
    expect(advice.fix).toMatch(/^train with several seeds before you choose/);
    expect(JSON.stringify(judgedRun(facts))).not.toContain("keep");
    const weak = {
      ...calmEvaluation,
      tasks: calmEvaluation.tasks.map((task) => ({
        ...task,
        overall: { ...task.overall, ...auc(0.69, 0.705) },
        floor: { overall: 0.71, domains: [] },
      })),
    };
    expect(sentence({ ...facts, evaluation: weak })).toMatch(/^Not ready: .*for these two trainings/);
  });
});

test("a model whose probabilities are worse than the rates is not usable, and is not asked to train longer once it fell", () => {
  const worse = withMetrics(calmEvaluation, (metrics, _, tower) =>
    tower === "ctr"
      ? {
          ...metrics,
          logLoss: 0.9,
          intervals: { ...metrics.intervals, logLoss: { value: 0.9, low: 0.85, high: 0.95 } },
        }
      : metrics,
  );
  const facts = { ...calm, evaluation: worse };
  expect(said("no better than the rates", facts)).toEqual([
    expect.stringMatching(
      /^ctr: the model is no better than each domain's label rate \(log loss 0\.900, the rates have/,
    ),
  ]);
  expect(verdict(facts, judgedRun(facts))).toMatch(/^Not ready/);
  // Within noise of the rates, its probabilities may be of use, but nothing shows it.
  const [{ overall, domains }] = calmEvaluation.tasks as unknown as [Evaluation["tasks"][number]];
  const entropy = domains.reduce((sum, { rows, positives }) => {
    const rate = positives / rows;
    return sum - positives * Math.log(rate) - (rows - positives) * Math.log(1 - rate);
  }, 0);
  const rates = entropy / domains.reduce((sum, { rows }) => sum + rows, 0);
  const near = withMetrics(calmEvaluation, (metrics, domain, tower) =>
    tower === "ctr" && domain === null
      ? {
          ...metrics,
          logLoss: rates + 0.001,
          intervals: { logLoss: { value: rates + 0.001, low: rates - 0.01, high: rates + 0.012 } },
        }
      : metrics,
  );
  expect(overall.logLoss).not.toBeNull();
  const within = judgedRun({ ...calm, evaluation: near });
  expect(within.map(({ judge, severity }) => [judge, severity])).toEqual([["no better than the rates", "moderate"]]);
  expect(verdict({ ...calm, evaluation: near }, within)).toMatch(/^Usable, with 1 finding that costs quality: /);
  const better = withMetrics(near, (metrics, domain, tower) =>
    tower === "ctr" && domain === null ? { ...metrics, logLoss: rates * 0.998 } : metrics,
  );
  expect(said("no better than the rates", { ...calm, evaluation: better })).toEqual([]);
});

test("more epochs are not advised where training rows are ranked far better", () => {
  const below = withMetrics(calmEvaluation, (metrics, _, tower) =>
    tower === "ctr" ? { ...metrics, auc: 0.52 } : metrics,
  );
  const tasks = below.tasks.map((task) => ({ ...task, floor: { overall: 0.7, domains: task.domains.map(() => 0.7) } }));
  const facts = { ...calm, evaluation: { ...below, tasks } };
  const next = (training: Evaluation | null): string =>
    judgedRun({ ...facts, training }).find(({ judge }) => judge!.endsWith("logistic regression"))!.fix!;
  expect(next(null)).toContain("train for more epochs");
  expect(next(withMetrics(calmEvaluation, (metrics) => ({ ...metrics, auc: 0.93 })))).not.toContain("more epochs");
});

test("the title of AUC by domain names a weak domain where the judge does", () => {
  const base = withIntervals(evaluation(fiftyDomains));
  // The lowest overlaps others, and is still below the mean.
  const tasks = base.tasks.map((task) => ({
    ...task,
    domains: task.domains.map((cell, d) => {
      const value = d < 4 ? 0.66 + 0.002 * d : 0.735;
      return { ...cell, auc: value, intervals: { auc: { value, low: value - 0.01, high: value + 0.01 } } };
    }),
  }));
  const facts = { ...factsOf(fiftyDomains), references: [], evaluation: { ...base, tasks } };
  const named = said("weak domain", facts);
  expect(named.map((finding) => /in (country \d+)/.exec(finding)![1])).toContain("country 1");
  expect(aucByDomainChart(facts.evaluation).title).toMatch(/weak in country 1 \(0\.660\) and 3 more$/);
});
