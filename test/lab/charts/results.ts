/** Small, fixed, plausible results to draw: evaluations, trainings, gates and counterfactuals of any domains. */

import type { PriorsWorth } from "../../../src/core/data/priors/worth.js";
import type { ColumnSummary, TableSummary } from "../../../src/core/data/summary/describe.js";
import { exactAuc } from "../../../src/core/metrics/auc.js";
import {
  type CalibrationCurve,
  type CalibrationReport,
  withRatios,
} from "../../../src/core/metrics/calibration-curve.js";
import type { ComparedCell, Comparison } from "../../../src/core/metrics/comparison-verdict.js";
import { wilson } from "../../../src/core/metrics/intervals/normal.js";
import { scoreCurve } from "../../../src/core/metrics/score-curve.js";
import type { Evaluation, TaskMetrics } from "../../../src/core/metrics/types.js";
import type { History, Progress } from "../../../src/core/train/loop/recorder.js";
import type { Recalibration } from "../../../src/core/train/recalibrate.js";
import { random } from "../../../src/core/util/random.js";
import type { DomainScreen, ScreenedCandidate } from "../../../src/lab/domains/screen.js";
import { type Audit, auditOf, gateFacts, measuredPlace } from "../../../src/lab/gates/audit-checks.js";
import type { CounterfactualReport } from "../../../src/lab/gates/counterfactual.js";
import type { Effect } from "../../../src/lab/gates/effects.js";
import type { ExplainedGate, RowExplanation } from "../../../src/lab/gates/explain.js";
import type { GroupImportance, Importance, ImportanceCell } from "../../../src/lab/gates/importance.js";
import type {
  Conflicts,
  GateReport,
  GateStatistics,
  GatesPoint,
  GatesReport,
  GradientConflict,
} from "../../../src/lab/gates/types.js";
import type { LabelRate, PositiveRows } from "../../../src/lab/views/data/label-rates.js";
import type { AucReference } from "../../../src/lab/views/view.js";
import { perNames } from "./per-names.js";

export const ageDomains = ["under 25", "25–34", "35 and over"];
export const fiftyDomains = Array.from({ length: 50 }, (_, d) => `country ${d + 1}`);
export const taobaoFields =
  "user_id cms_segid age_level pvalue_level shopping_level occupation new_user_class_level adgroup_id cate_id campaign_id customer brand pid tag_category_list tag_brand_list price".split(
    " ",
  );

function round(value: number, digits = 4): number {
  return Number(value.toFixed(digits));
}

export function metrics(auc: number | null, rows = 1000): TaskMetrics {
  const positives = auc === null ? 0 : Math.round(rows * 0.12);
  return {
    rows,
    positives,
    auc,
    logLoss: auc === null ? null : 0.31,
    normalizedEntropy: auc === null ? null : 0.85,
    calibration: auc === null ? null : 1.02,
    expectedCalibrationError: auc === null ? null : 0.012,
    accuracy: auc === null ? null : 0.89,
    meanAbsoluteError: auc === null ? null : 0.18,
    meanSquaredError: auc === null ? null : 0.09,
    rootMeanSquaredError: auc === null ? null : 0.3,
    configured: {},
  };
}

export function evaluation(names: readonly string[], progress = 1, seed = 1): Evaluation {
  const source = random(seed);
  const level = (base: number): number => round(0.5 + (base - 0.5) * progress + source.normal() * 0.012);
  const task = (tower: string, labelName: string, within: string | null, base: number): Evaluation["tasks"][number] => {
    const overall = metrics(level(base), 1000 * Math.max(1, names.length));
    return {
      tower,
      label: labelName,
      within,
      overall,
      domains: names.map(() => metrics(level(base))),
      allRows: overall,
    };
  };
  return {
    rows: 1000 * Math.max(1, names.length),
    domainNames: names,
    tasks: [task("ctr", "clk", null, 0.74), task("cvr", "buy", "clk", 0.67)],
  };
}

export function history(names: readonly string[], logged = 24, evaluated = 6): History {
  const source = random(7);
  const step = (p: number): number => (p + 1) * 20;
  const fall = (p: number): number => Math.exp(-p / 8);
  return {
    points: Array.from({ length: logged }, (_, p) => {
      const ctr = round(0.36 + 0.33 * fall(p) + source.normal() * 0.006, 5);
      const cvr = round(0.12 + 0.5 * fall(p * 1.4) + source.normal() * 0.006, 5);
      return {
        step: step(p),
        epoch: round(step(p) / 480),
        rows: step(p) * 512,
        seconds: round((p + 1) * 0.4),
        rowsPerSecond: 25600,
        loss: round(ctr + cvr, 5),
        taskLosses: { binary_cross_entropy_ctr: ctr, binary_cross_entropy_cvr: cvr },
      };
    }),
    evaluations: Array.from({ length: evaluated }, (_, e) => ({
      step: (e + 1) * 80,
      epoch: round(((e + 1) * 80) / 480),
      evaluation: evaluation(names, 1 - Math.exp(-(e + 1) / 1.5), e + 1),
    })),
    bestStep: evaluated === 0 ? null : evaluated * 80 - (evaluated > 1 ? 80 : 0),
  };
}

export function references(names: readonly string[]): AucReference[] {
  return [
    { tower: "ctr", overall: 0.762, domains: names.map((_, d) => round(0.75 + 0.004 * (d % 7))) },
    { tower: "cvr", overall: 0.704, domains: names.map((_, d) => round(0.69 + 0.005 * (d % 5))) },
  ];
}

export function statistics(domain: number | null, center: number, width: number, rows = 4000): GateStatistics {
  const at = (z: number): number => round(Math.min(2, Math.max(0, center + z * width)));
  return {
    domain,
    rows,
    mean: round(center),
    std: round(width),
    quantiles: [at(-1.645), at(-0.674), at(0), at(0.674), at(1.645)],
    closed: round(Math.max(0, 0.06 - center * 0.03)),
    open: round(Math.max(0, (center - 0.9) * 0.2)),
    identity: round(0.16 / (1 + 10 * width)),
    deadUnits: round(width < 0.12 ? 0.05 : 0),
    notFinite: 0,
  };
}

function gateEffects(gates: readonly GateReport[], isWithinDomains: boolean): GatesReport["effects"] {
  const source = random(10);
  const cells = gates.flatMap(({ module, tower, layer }) =>
    (tower === null ? ["ctr", "cvr"] : [tower]).map((task, t) => {
      const value = round((module === "epnet" ? -0.012 : 0.002) * (1 - t) + 0.002 * source.normal());
      return { module, tower, layer, task, auc: { value, low: round(value - 0.004), high: round(value + 0.004) } };
    }),
  );
  return { user: null, isWithinDomains, cells };
}

export function gatesReport(names: readonly string[], fields: readonly string[] = taobaoFields): GatesReport {
  const source = random(11);
  const gate = (module: "epnet" | "ppnet", tower: string | null, layer: number, units: number): GateReport => {
    const width = 0.1 + source.uniform() * 0.2;
    return {
      module,
      tower,
      layer,
      units,
      gamma: 2,
      overall: statistics(null, 1.02, width, 4000 * Math.max(1, names.length)),
      domains: names.map((_, d) => statistics(d, 1 + source.normal() * 0.15, width)),
      domainVariance: names.length === 0 ? null : round(source.uniform() * 0.6),
    };
  };
  const gates = [
    gate("epnet", null, 0, 256),
    ...["ctr", "cvr"].flatMap((tower) => [0, 1].map((layer) => gate("ppnet", tower, layer, layer === 0 ? 512 : 256))),
  ];
  return {
    rows: 4000 * Math.max(1, names.length),
    domainNames: names,
    gates,
    untrained: gates.map((each) => ({ ...each, overall: statistics(null, 1, 0.06, 4000), domains: [] })),
    effects: gateEffects(gates, names.length > 1),
    fields: fields.map((field) => ({
      field,
      means: (names.length === 0 ? [0] : names).map(() => round(2 ** (source.normal() * 0.25))),
    })),
    gaps: [],
  };
}

export const labelRates = (names: readonly string[], withTraining = false): LabelRate[] => {
  const cell = (rows: number, positives: number, drift: number): PositiveRows => {
    const { low, high } = wilson(positives, rows, 1.96);
    const training = withTraining ? { rows: rows * 8, positives: Math.round(positives * 8 * drift) } : undefined;
    return { rows, positives, low: round(low), high: round(high), training };
  };
  return ["clk", "buy"].map((label, l) => ({
    label,
    ...cell(1000 * Math.max(3, names.length), [120, 14][l]! * Math.max(3, names.length), 1.1),
    domains: names.map((_, d) =>
      cell(800 + 200 * (d % 3), [120, 14][l]! + ((d * 37) % 23) - 10, 1 + 0.1 * Math.sin(d)),
    ),
  }));
};

const topWords = ["beauty", "<b>toys</b>", "food", "games", "books"].map((value, v) => ({ value, rows: 9000 >> v }));

/** Texts, numbers, and columns with something to look at. */
export const summary = (names: readonly string[] = taobaoFields, rows = 30_000): TableSummary => ({
  source: "train.parquet",
  rows,
  positiveRates: {},
  labels: [],
  user: null,
  domains: [],
  hashed: [],
  drift: null,
  columns: names.map((name, c): ColumnSummary => {
    const shared = { name, missing: c === 3 || c === 11 ? 1600 * c : 0, unseen: c === 6 ? 900 : null };
    const numbers = { min: 0, max: c === 4 ? 90_000 : 400, mean: 21, deviation: 9, quantiles: [3, 140, 310] as const };
    const noNumbers = { min: null, max: null, mean: null, deviation: null, quantiles: null, histogram: null };
    if (c === 9) return { ...shared, ...noNumbers, type: "text", distinct: rows, top: topWords.slice(0, 1) };
    if (c === 12) return { ...shared, ...noNumbers, type: "text", distinct: 0, top: [] };
    if (c % 3 === 0) return { ...shared, ...noNumbers, type: "text", distinct: 5 + c, top: topWords };
    const day = 86_400_000;
    const times = { ...numbers, min: 19_000 * day, max: 19_030 * day, quantiles: [19_001, 19_016, 19_029] as const };
    const dates = { ...times, quantiles: times.quantiles.map((each) => each * day) as [number, number, number] };
    const isTime = c === 7;
    return {
      ...shared,
      ...(isTime ? dates : numbers),
      type: isTime ? "timestamp" : "integer",
      distinct: 97 + c,
      top: [],
      histogram: bell(c),
    };
  }),
});

/** Rows in twenty bins, most of them near bin `c`. */
function bell(c: number): number[] {
  return Array.from({ length: 20 }, (_, bin) => Math.round(6000 * Math.exp(-(((bin - c) / 4) ** 2))));
}

export const progress = (names: readonly string[], logged: number, evaluated: number): Progress => {
  const so = history(names, logged, evaluated);
  const step = so.points.at(-1)?.step ?? 0;
  return {
    step,
    totalSteps: 480,
    epoch: round(step / 480),
    rowsPerSecond: 25600,
    secondsLeft: 9.6,
    history: so,
    done: step === 480,
  };
};

/** Gates that open as they are trained. */
export function gatesHistory(names: readonly string[], evaluations = 5): GatesPoint[] {
  const last = gatesReport(names);
  return Array.from({ length: evaluations }, (_, e) => {
    const share = (e + 1) / evaluations;
    const younger = (at: GateStatistics): GateStatistics =>
      at.rows === 0 ? at : statistics(at.domain, 1 + (at.mean - 1) * share, at.std * share, at.rows);
    return {
      step: (e + 1) * 80,
      epoch: share,
      gates: {
        ...last,
        gates: last.gates.map((gate) => ({
          ...gate,
          overall: younger(gate.overall),
          domains: gate.domains.map(younger),
        })),
      },
    };
  });
}

/** A row whose price opens its gate. */
export function explainedRow(fields: readonly string[] = taobaoFields): RowExplanation {
  const source = random(23);
  const gate = (field: string | null, tower: string | null, layer: number): ExplainedGate => {
    const size = field === "price" ? 0.31 : 0.03 * source.normal();
    return {
      module: field === null ? "ppnet" : "epnet",
      tower,
      layer,
      gamma: 2,
      field,
      value: round(1 + size),
      quantile: 0.8,
      domainMean: 1,
      atDomainMean: [round(-size), round(0.4 * size)],
      atOne: [round(-size), round(0.4 * size)],
    };
  };
  const task = { label: 1, logit: -1.2, probability: 0.23 };
  return {
    row: 7,
    domain: "home",
    rows: 4000,
    tasks: ["ctr", "cvr"].map((tower) => ({ ...task, tower })),
    gates: [
      ...fields.map((field) => gate(field, null, 0)),
      ...["ctr", "cvr"].flatMap((tower) => [0, 1].map((layer) => gate(null, tower, layer))),
    ],
    positions: [],
  };
}

/** Another domain costs much, EPNet a little, PPNet nothing that can be told from noise. */
export function counterfactuals(names: readonly string[]): CounterfactualReport {
  const source = random(5);
  const effect = (size: number, rows: number): Effect => {
    const value = round(size + source.normal() * 0.002);
    const half = 0.4 / Math.sqrt(rows);
    return { rows, auc: { value, low: round(value - half), high: round(value + half) }, logitChange: round(5 * -size) };
  };
  return {
    rows: 4000 * Math.max(1, names.length),
    domainNames: names,
    user: null,
    effects: [
      { name: "another domain", size: -0.031 },
      { name: "EPNet off", size: -0.012 },
      { name: "PPNet off", size: -0.001 },
    ].map(({ name, size }) => ({
      name,
      nested: null,
      tasks: ["ctr", "cvr"].map((tower) => ({
        tower,
        overall: effect(size, 4000 * Math.max(1, names.length)),
        domains: names.map((_, d) => effect(size * (1 + 0.3 * Math.sin(d)), 4000)),
        parts:
          names.length < 2 ? null : { within: effect(size * 0.8, 12_000).auc, between: effect(size * 0.2, 12_000).auc },
        mostChanged: [],
      })),
    })),
  };
}

/** The evaluation with an interval of each AUC. */
export function withIntervals(of: Evaluation): Evaluation {
  const add = (at: TaskMetrics): TaskMetrics => {
    const half = 0.5 / Math.sqrt(Math.max(1, at.rows));
    const [low, high] = at.auc === null ? [null, null] : [round(at.auc - half), round(at.auc + half)];
    return { ...at, intervals: { auc: { value: at.auc, low, high } } };
  };
  return {
    ...of,
    tasks: of.tasks.map((task) => ({ ...task, overall: add(task.overall), domains: task.domains.map(add) })),
    intervalMethod: { level: 0.95, draws: 300, seed: 1, user: null, sampledRows: null },
  };
}

/** The first model wins in some domains, loses in others, and in most nobody can say. */
export function comparison(names: readonly string[]): Comparison {
  const source = random(13);
  const cell = (size: number, rows: number): ComparedCell => {
    const value = round(size + source.normal() * 0.003);
    const half = 0.25 / Math.sqrt(rows);
    const verdict = Math.abs(value) < half ? "noise" : value > 0 ? "won" : "lost";
    const adjustedPValue = verdict === "noise" ? 0.4 : 0.01;
    const auc = {
      value,
      low: round(value - half),
      high: round(value + half),
      first: round(0.73 + value),
      second: 0.73,
    };
    const of = { ...auc, pValue: adjustedPValue / 4, adjustedPValue, verdict, gap: null } as const;
    return { rows, positives: Math.round(rows / 9), metrics: { auc: of } };
  };
  return {
    names: ["epnet gamma 2", "epnet gamma 1"],
    rows: 4000 * Math.max(1, names.length),
    domainNames: names,
    metrics: ["auc"],
    tasks: ["ctr", "cvr"].map((tower, t) => ({
      tower,
      label: ["clk", "buy"][t] as string,
      within: t === 1 ? "clk" : null,
      overall: cell(0.004, 4000 * Math.max(1, names.length)),
      domains: names.map((_, d) => cell(0.012 * Math.sin(d * 2 + t), 4000)),
    })),
    method: {
      level: 0.95,
      draws: 300,
      seed: 1,
      user: null,
      sampledRows: null,
      auc: "DeLong",
      trainings: [3, 3],
      significance: 0.05,
    },
    notes: [],
  };
}

/** Predictions that run a little high. */
/** Domains that were off, more so the second, and agree with their rates now. */
export function recalibration(names: readonly string[]): Recalibration {
  const after = calibration(names);
  const scaled = (curve: CalibrationCurve, by: number): CalibrationCurve => ({
    ...curve,
    bins: curve.bins.map((bin) => ({ ...bin, predicted: round(bin.predicted * by) })),
  });
  const before = after.tasks.map((task) => ({
    ...task,
    overall: scaled(task.overall, 1.2),
    domains: task.domains.map((curve, d) => scaled(curve, 1.1 + 0.1 * (d % 3))),
  }));
  const cell = (at: number) => ({
    rows: 1000,
    line: { slope: round(0.9 + 0.05 * at), shift: -0.2 },
    logLoss: { value: -0.002, low: -0.004, high: at === 1 ? 0.0004 : -0.0003 },
  });
  return {
    by: "domain",
    rows: 3000,
    user: null,
    domainNames: names,
    gaps: [],
    tasks: after.tasks.map(({ tower, label, within }) => ({
      tower,
      label,
      within,
      overall: cell(0),
      domains: names.map((_, d) => cell(d % 4)),
    })),
    before: { ...after, tasks: withRatios(before, 0.95) },
    after,
  };
}

export function calibration(names: readonly string[]): CalibrationReport {
  const source = random(17);
  const curve = (rate: number, rows: number): CalibrationCurve => ({
    rows,
    gap: null,
    bins: Array.from({ length: 10 }, (_, b) => {
      const predicted = round(rate * (0.25 + 0.2 * b) * 1.08);
      const observed = round(Math.max(0, rate * (0.25 + 0.2 * b) + source.normal() * 0.012));
      const half = Math.sqrt((predicted * (1 - predicted)) / (rows / 10)) * 2;
      return {
        rows: rows / 10,
        from: round(predicted * 0.93),
        to: round(predicted * 1.07),
        predicted,
        observed,
        low: round(Math.max(0, observed - half)),
        high: round(observed + half),
      };
    }),
  });
  return {
    rows: 4000 * Math.max(1, names.length),
    domainNames: names,
    level: 0.95,
    user: null,
    tasks: withRatios(
      ["ctr", "cvr"].map((tower, t) => ({
        tower,
        label: ["clk", "buy"][t] as string,
        within: t === 1 ? "clk" : null,
        overall: curve(0.12 - 0.04 * t, 4000 * Math.max(1, names.length)),
        domains: names.map((_, d) => curve((0.12 - 0.04 * t) * (1 + 0.3 * Math.sin(d)), 4000)),
      })),
      0.95,
    ),
  };
}

/** Users and items carry most, the hour little; the last domain has one class, and ids are often of one domain. */
export function importance(names: readonly string[], of: Importance["of"] = "predictions"): Importance {
  const cell = (value: number | null, half: number, rows: number): ImportanceCell => ({
    rows,
    auc: {
      value,
      low: value && round(value - half),
      high: value && round(value + half),
      adjustedPValue: value && 0.04,
    },
    logLoss: {
      value: value && round(-value / 2, 6),
      low: value && round((half - value) / 2, 6),
      high: value && round((half + value) / 2, 6),
    },
  });
  const tasks = (value: number, half: number): GroupImportance["tasks"] =>
    ["ctr", "cvr"].map((tower, t) => ({
      tower,
      label: ["clk", "buy"][t]!,
      within: [null, "clk"][t]!,
      overall: cell(round(value / (1 + t)), half * (1 + 2 * t), 10_000 / (1 + 4 * t)),
      domains: names.map((_, d) =>
        cell(t > 0 && d === names.length - 1 ? null : round((value * (1 + d)) / 2 / (1 + t)), 1.5 * half, 3000),
      ),
    }));
  const group = (name: string, value: number, half: number, more: Partial<GroupImportance> = {}): GroupImportance => ({
    name,
    fields: [name],
    held: [],
    nested: null,
    tasks: tasks(value, half),
    carries: ["ctr", "cvr"].slice(0, value + half >= 0 ? 0 : value / 2 + 3 * half < 0 ? 2 : 1),
    ...more,
  });
  const isSwap = of === "domain";
  return {
    of,
    rows: 10_000,
    user: "user_id",
    permutations: isSwap ? 1 : 5,
    matters: 0.002,
    domainNames: names,
    groups: [
      group("adgroup_id + 4", -0.0712, 0.008, { fields: ["adgroup_id", "cate_id", "campaign_id", "brand", "price"] }),
      group("user_id + 7", -0.0335, 0.007, { fields: ["user_id", ...taobaoFields.slice(0, 7)], held: ["cate_id"] }),
      group("<b>hour</b>", -0.0061, 0.0028),
      group("pid", -0.0012, 0.0021, isSwap ? { nested: "pid", carries: [] } : {}),
      group("weekday_of_the_first_visit_to_the_shop", -0.0004, 0.0011),
      group("coupon", 0.0003, 0.0049),
    ],
    whole: isSwap ? tasks(-0.11, 0.01) : [],
    gaps: ["cvr in live: no AUC, 0 of 812 rows are positive"],
    others: ["scene"],
  };
}

/** Two tasks, and each two domains: a pair that pulls apart, one as one, some within noise. */
export function conflicts(names: readonly string[]): Conflicts {
  const cell = (
    of: "tasks" | "domains",
    first: string,
    second: string,
    part: string,
    value: number,
  ): GradientConflict => {
    const isTold = Math.abs(value) > 0.01;
    const half = 0.07;
    return {
      of,
      first,
      second,
      part,
      norms: isTold ? [0.0123, 0.0045] : [0.0123, null],
      cosine: isTold
        ? {
            value,
            low: Math.max(-1, round(value - half)),
            high: Math.min(1, round(value + half)),
            adjustedPValue: 0.01,
          }
        : { value: null, low: null, high: null, adjustedPValue: null },
    };
  };
  const parts = ["EPNet, gate", "embeddings", "PPNet ctr, layer 1", "PPNet ctr, layer 1, gate"];
  const domains = names.flatMap((first, a) =>
    names
      .slice(a + 1)
      .flatMap((second, b) =>
        parts.map((part, p) => cell("domains", first, second, part, round(Math.cos(3 * a + b + p)))),
      ),
  );
  const tasks = parts.slice(0, 2).map((part, p) => cell("tasks", "ctr", "cvr", part, [-0.31, 0.004][p]!));
  return { rows: 16_384, user: "user_id", pairs: [...tasks, ...domains], gaps: [] };
}

/** The pairs of three domains at five evaluations; the embeddings of all come to pull apart. */
export function conflictsHistory(names: readonly string[]): GatesPoint[] {
  return gatesHistory(names).map((point, at) => {
    const facts = conflicts(names);
    const moved = facts.pairs.map((pair) =>
      pair.part === "embeddings" ? { ...pair, cosine: { ...pair.cosine, value: round(0.4 - 0.2 * at) } } : pair,
    );
    return { ...point, conflicts: { ...facts, pairs: moved } };
  });
}

/** A gate that is detached, a tower of the last domain without training, and rows that training never changed. */
export function audit(names: readonly string[], isSound = false): Audit {
  const last = names.at(-1) === undefined ? "" : ` in ${names.at(-1)}`;
  const half = "52% of 10,000 look-ups meet rows that training never changed, 214 of 402 rows.";
  const facts = [
    measuredPlace("not finite", "weights", 0, "0 of 44 arrays have a value that is not finite"),
    measuredPlace("no gradient", "feature user_id", 1, "no column of it gets a gradient on 10,000 rows"),
    measuredPlace("no gradient", "EPNet", 0, "0 of 2 layers get a gradient of exactly 0 on 10,000 rows"),
    measuredPlace("untrained towers", `tower ctr${last}`, 1, "3 of 3 layers equal those before training"),
    measuredPlace("untrained towers", "tower ctr", 0, "0 of 3 layers equal those before training"),
    measuredPlace(
      "constant predictions",
      `ctr${last}`,
      0.0009,
      "the logits of 3,000 rows have a standard deviation of 1.1",
    ),
    measuredPlace("large weights", "PPNet ctr, layer 1", 2.1, "their root mean square is 0.211, at the start 0.100"),
    measuredPlace("large inputs", "<b>price</b>", 23_000, "the root mean square of its numbers is 23,000.0"),
    measuredPlace("large logits", "ctr", 4.2, "1% of the logits are beyond ±4.2, the largest is 7.9"),
    measuredPlace(
      "dead units",
      "PPNet ctr, layer 2",
      0.31,
      "22% of 32 units are 0 on all rows that reach them, of 10,000 rows",
    ),
    measuredPlace("untouched rows", "feature adgroup_id", 0.52, half),
    measuredPlace("one id decides", "cate_id for ctr", 0.41, "41% of the variance of the logits disappears"),
    ...gateFacts(gatesReport(names).gates),
  ];
  const gap = { what: "the loss of cvr", reason: "cannot be told: its labels are of one class" };
  return auditOf(10_000, isSound ? facts.filter(({ size }) => size < 1) : [...facts, gap]);
}

/** A candidate per name: the first changes together with items, the second cannot be told from it, and the last is a month. */
export function domainScreen(names: readonly string[], all?: "none" | "cannot be told"): DomainScreen {
  const gap = { value: null, low: null, high: null };
  const columns = [...names, "month"];
  const candidates = columns.map((name, at): ScreenedCandidate => {
    const value = round(0.012 / (1 + at) ** 1.5, 5);
    const says =
      all ??
      (name === "month" ? "cannot be told" : at > 4 ? "none" : at === 0 ? "named" : at === 1 ? "tied" : "smaller");
    const isClear = says === "named" || says === "tied" || says === "smaller";
    return {
      name,
      values: 2 + ((at * 7) % 49),
      fewestRows: 12_000 - 200 * at,
      unit: at === 2 ? "stretch" : "user",
      says,
      pValue: isClear ? 1e-12 * 100 ** at : says === "none" ? 0.2 + 0.8 / (1 + at) : 1,
      fields:
        says === "cannot be told"
          ? []
          : [
              { field: "item_id", kind: "ids", pValue: 1e-14 },
              ...(at === 0 ? [{ field: "price", kind: "slope", pValue: 1e-7 } as const] : []),
            ],
      gain: isClear ? { value, low: round(value - 0.001, 5), high: round(value + 0.001, 5) } : gap,
    };
  });
  return {
    label: "click",
    rows: 60_000,
    units: ["user_id", "item_id"],
    over: "user_id",
    days: 27.9,
    isSmall: all === "cannot be told",
    tests: all === "cannot be told" ? 0 : 80,
    candidates,
    leftOut: [],
    untested: [{ candidate: "month", field: "item_id", reason: "does not recur" }],
    passing: ["month"],
    heavy: null,
    parameters: new Map(names.map((name) => [name, 1200])),
  };
}

/** Keys at three delays, of which later ones leave less; the second helps nowhere. */
export function priorsWorth(names: readonly string[]): PriorsWorth {
  const keys = ["user_id", "item_id", "item_id_scene"];
  const [labels, delays] = [
    ["click", "buy"],
    ["0s", "1h", "1d"],
  ];
  const gains = delays.flatMap((delay, d) =>
    [...keys, null].flatMap((key, k) =>
      labels.map((label, l) => {
        const gain = k === 1 ? -0.001 : round((0.03 - 0.012 * d) / (1 + l), 5);
        const says = k === 1 || (d === 2 && l === 1) ? ("cannot be told" as const) : ("helps" as const);
        return { label, key, delay, without: 0.69, gain, low: gain - 0.008, high: gain + 0.008, adjustedP: 0.01, says };
      }),
    ),
  );
  const coverage = delays.flatMap((delay, d) =>
    keys.flatMap((key, k) =>
      [null, ...(names.length > 1 ? names : [])].map((domain, at) => ({
        key,
        delay,
        domain,
        trainingRows: 40_000 >> Math.min(8, at),
        testRows: 10_000 >> Math.min(8, at),
        training: round(0.9 - 0.1 * d - 0.1 * k, 3),
        test: round(0.95 - 0.1 * d - 0.2 * k - 0.01 * at, 3),
        trainingHistory: 12,
        testHistory: 20 - 5 * d,
      })),
    ),
  );
  const rates = labels.flatMap((label, l) =>
    keys.flatMap((key, k) =>
      [0.05, 0.1, 0.2, 0.4].map((at) => {
        const observed = (at + 0.01 * k) / (1 + l);
        return { label, key, rows: 2500, prior: at / (1 + l), observed, low: observed * 0.9, high: observed * 1.1 };
      }),
    ),
  );
  const keyColumns = keys.map((key) => (key === "item_id_scene" ? ["item_id", "scene"] : [key]));
  return {
    trainingRows: 40_000,
    testRows: 10_000,
    labels,
    keys,
    keyColumns,
    delays,
    over: "user_id",
    gains,
    coverage,
    rates,
  };
}

/** Scores and labels of a task in a domain: its positives are rarer, or harder to find, than elsewhere. */
function scored(
  seed: string,
  rows: number,
  level: number,
  spread: number,
): { scores: Float32Array; labels: Float32Array } {
  const source = random(11).fork(seed);
  const odds = Array.from({ length: rows }, () => level + spread * source.normal());
  const scores = Float32Array.from(odds, (each) => 1 / (1 + Math.exp(-each)));
  return { scores, labels: Float32Array.from(scores, (score) => (source.uniform() < score ? 1 : 0)) };
}

/** An evaluation with curves of its scores. */
export const scoredEvaluation = perNames((names): Evaluation => {
  const base = evaluation(names);
  const cells = base.tasks.map(({ tower }, t) =>
    (names.length === 0 ? [""] : names).map((name, d) =>
      scored(`${tower} ${name}`, 900 + 300 * (d % 3), [-2.2, -3.2][t]! + 0.4 * Math.sin(d * 3), 0.7 + 0.35 * (d % 3)),
    ),
  );
  const join = (parts: readonly Float32Array[]): Float32Array => Float32Array.from(parts.flatMap((part) => [...part]));
  const tasks = base.tasks.map((task, t) => {
    const measured = (scores: Float32Array, labels: Float32Array): TaskMetrics => ({
      ...metrics(0.7, scores.length),
      positives: labels.reduce((sum, each) => sum + each, 0),
      auc: round(exactAuc(scores, labels)!, 5),
    });
    const all = measured(join(cells[t]!.map(({ scores }) => scores)), join(cells[t]!.map(({ labels }) => labels)));
    const domains = names.map((_, d) => measured(cells[t]![d]!.scores, cells[t]![d]!.labels));
    return { ...task, overall: all, domains, allRows: all };
  });
  const curves = base.tasks.map(({ tower, label, within }, t) => {
    const [scores, labels] = (["scores", "labels"] as const).map((key) => join(cells[t]!.map((cell) => cell[key])));
    return {
      tower,
      label,
      within,
      overall: scoreCurve(scores!, labels!, { bins: true, points: 24 }),
      domains: names.map((_, d) => scoreCurve(cells[t]![d]!.scores, cells[t]![d]!.labels, { points: 12 })),
    };
  });
  return { ...withIntervals({ ...base, tasks }), curves };
});
