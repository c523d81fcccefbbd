/**
 * Every chart on results of one, three and fifty domains, of none, of names that are hard to show, and with a domain
 * that has no rows: what `every-chart.test.ts` checks, the browser measures, and `npm run charts` draws. A kind of chart
 * has one golden; a line of `golden/summary.txt` holds each of its other looks.
 */

import { withGroupsApart } from "../../../src/core/metrics/intervals/apart.js";
import { modelStructure } from "../../../src/core/nn/plan/structure.js";
import type { Progress } from "../../../src/core/train/loop/recorder.js";
import { studyTransfer } from "../../../src/lab/ablation/transfer.js";
import { studyWorth, type WorthFacts } from "../../../src/lab/ablation/worth.js";
import * as charts from "../../../src/lab/views/index.js";
import type { IndexedRun } from "../../../src/lab/views/studies/saved-runs.js";
import type { Chart } from "../../../src/lab/views/view.js";
import { dayReport } from "./day-results.js";
import { coldUsers, drift, overTime } from "./drift-results.js";
import { fourTasks } from "./four-tasks.js";
import { launchReport } from "./launch-results.js";
import { models, structureFor } from "./models.js";
import {
  ageDomains,
  audit,
  calibration,
  comparison,
  conflicts,
  conflictsHistory,
  counterfactuals,
  domainScreen,
  evaluation,
  explainedRow,
  fiftyDomains,
  gatesHistory,
  gatesReport,
  history,
  importance,
  labelRates,
  priorsWorth,
  progress,
  references,
  scoredEvaluation,
  summary,
  withIntervals,
} from "./results.js";
import { study, studyOfGammas, studyOfWorth, withoutDomain } from "./study-results.js";
import { withoutRows } from "./without-rows.js";

/** Some differ in the middle of a word alone; the last is markup, to Plotly and to browsers. */
export const hardNames: readonly string[] = [
  "search results supermarkets of the north",
  "search results hypermarkets of the north",
  "search results minimarkets",
  "<b>live</b><script>alert(1)</script>&%{x}",
];

/** A chart of results for domains of these names. */
type ForDomains = (names: readonly string[], of: Facts) => Chart;
/** The results as they are, or of other tasks. */
type Facts = <Result>(result: Result) => Result;

/** Charts that show domains. */
export const byDomain: Readonly<Record<string, ForDomains>> = {
  run: (names, of) => charts.runChart(of(history(names)), of(references(names))),
  "auc-curves": (names, of) => charts.aucCurvesChart(of(history(names)), of(references(names))),
  "auc-by-domain": (names, of) => charts.aucByDomainChart(of(evaluation(names)), of(references(names))),
  "auc-by-domain-intervals": (names, of) => charts.aucByDomainChart(withIntervals(of(evaluation(names)))),
  differences: (names, of) => charts.differencesChart(of(comparison(names))),
  reliability: (names, of) => charts.reliabilityChart(of(calibration(names))),
  "drill-down": (names, of) =>
    charts.drillDownChart(withGroupsApart(withIntervals({ ...of(evaluation(names)), by: "city_level" }))),
  roc: (names, of) => charts.rocChart(of(scoredEvaluation(names))),
  precision: (names, of) => charts.precisionChart(of(scoredEvaluation(names))),
  scores: (names, of) => charts.scoresChart(of(scoredEvaluation(names))),
  gates: (names, of) => charts.gatesChart(of(gatesReport(names))),
  "field-gates": (names, of) => charts.fieldGatesChart(of(gatesReport(names))),
  "gate-quantiles": (names, of) => charts.gateQuantilesChart(of(gatesReport(names))),
  "gate-history": (names, of) => charts.gateHistoryChart(of(gatesHistory(names))),
  "gate-worth": (names, of) => charts.gateWorthChart(of(gatesReport(names))),
  counterfactuals: (names, of) => charts.counterfactualsChart(of(counterfactuals(names))),
  transfer: (names, of) => {
    const facts = of(study(names));
    const to = names.map((_, domain) => domain);
    const sources = facts.variants.slice(1).map(({ name }) => ({ name, parts: [], to }));
    return charts.transferChart(studyTransfer(facts, sources, []));
  },
  days: (names, of) => charts.daysChart(of(dayReport(names))),
  ageing: (names, of) => charts.ageingChart(of(dayReport(names))),
  launch: (names, of) => charts.launchChart(of(launchReport(names))),
  "launch-pays": (names, of) => charts.launchPaysChart(of(launchReport(names))),
  "domain-screen": (names, of) => charts.domainScreenChart(of(domainScreen(names))),
  "priors-worth": (names, of) => charts.priorsViews.worth.chart(of(priorsWorth(names))),
  "priors-coverage": (names, of) => charts.priorsViews.coverage.chart(of(priorsWorth(names))),
  "priors-rates": (names, of) => charts.priorsViews.rates.chart(of(priorsWorth(names))),
  conflicts: (names, of) => charts.conflictsChart(of(conflicts(names))),
  importance: (names, of) => charts.importanceChart(of(importance(names))),
  "label-rates": (names, of) => charts.labelRatesChart(of(labelRates(names)), names),
  "over-time": (names, of) => charts.groupsChart(of(overTime(names))),
  "cold-rows": (names, of) => charts.groupsChart(of(coldUsers(names))),
  "label-rates-against-training": (names, of) => charts.labelRatesChart(of(labelRates(names, true)), names),
  drift: (names, of) => charts.driftChart(of(drift(names)), names),
  "model-diagram": (names) => charts.modelDiagramChart(structureFor(names)),
  "study-forest": (names, of) => charts.studyForestChart(of(study(names))),
  "study-curves": (names, of) => charts.studyCurvesChart(of(study(names))),
  "study-domains": (names, of) => charts.studyDomainsChart(of(study(names))),
  "study-worth": (names, of) => charts.worthChart(worth(names, of)),
};

function worth(names: readonly string[], of: Facts): WorthFacts {
  return studyWorth(of(studyOfWorth(names)), "PEPNet", "a model a domain");
}

/** A dial that has moved EPNet's gamma of a model trained at 2. */
const dialPosition = (domain: number | null): charts.DialPosition => {
  const interval = { low: -0.0071, high: -0.0013 };
  return { tower: "ctr", domain, gammas: { epnet: 0.7, ppnet: 2 }, difference: -0.0042, interval };
};

/** AUCs of a dial over gammas of both modules. */
const dialCurves = (domainNames: readonly string[]): charts.DialCurves => {
  const gammas = [0.5, 1, 2, 3, 4];
  const aucs = gammas.map((gamma) =>
    [-1, ...domainNames.keys()].map((domain) => 0.7 + domain / 100 - (gamma - 2) ** 2 / 500),
  );
  const module = { gammas, trained: 2, aucs };
  return {
    tower: "ctr",
    domainNames,
    modules: [
      { ...module, name: "EPNet", now: 1 },
      { ...module, name: "PPNet", now: 2 },
    ],
  };
};

/** Rows of a dial, one per domain. */
const movedRows = (domains: readonly (string | null)[]): Parameters<typeof charts.movedRowsChart>[0] => {
  const rows = domains.map((domain, row) => ({
    row: row + 17,
    domain,
    trained: 0.21,
    scaled: 0.34 - row / 10,
    change: 0.66,
  }));
  return { tower: "ctr", domain: null, rows };
};

/** The same charts where the second of three domains has no rows. */
const withGap: Readonly<Record<string, () => Chart>> = {
  "auc-by-domain": () =>
    charts.aucByDomainChart(withoutRows.evaluation(evaluation(ageDomains), 1), references(ageDomains)),
  "drill-down": () =>
    charts.drillDownChart(withGroupsApart(withoutRows.evaluation(withIntervals(evaluation(ageDomains)), 1))),
  differences: () => charts.differencesChart(withoutRows.comparison(comparison(ageDomains), 1)),
  reliability: () => charts.reliabilityChart(withoutRows.calibration(calibration(ageDomains), 1)),
  gates: () => charts.gatesChart(withoutRows.gates(gatesReport(ageDomains), 1)),
  "gate-quantiles": () => charts.gateQuantilesChart(withoutRows.gates(gatesReport(ageDomains), 1)),
  "label-rates": () => charts.labelRatesChart(withoutRows.labelRates(labelRates(ageDomains), 1), ageDomains),
  counterfactuals: () => charts.counterfactualsChart(withoutRows.counterfactuals(counterfactuals(ageDomains), 1)),
  "study-domains": () => charts.studyDomainsChart(withoutDomain(study(ageDomains), 1)),
  "study-worth": () =>
    charts.worthChart(studyWorth(withoutDomain(studyOfWorth(ageDomains), 1), "PEPNet", "a model a domain")),
};

/** Charts that show no domains, or those of one look. */
const single: Readonly<Record<string, () => Chart>> = {
  "study-responses": () => charts.studyResponsesChart(studyOfGammas(["home"])),
  "dial-responses": () => charts.dialResponsesChart(studyOfGammas(["home"]), dialPosition(0)),
  "study-curves-25-variants": () => charts.studyCurvesChart(studyOfGammas(["home"])),
  "dial-gammas": () => charts.dialGammasChart(dialCurves(ageDomains)),
  "moved-rows": () => charts.movedRowsChart(movedRows(["home", null]), (row) => `await dial.explain({ row: ${row} })`),
  "study-grid": () => charts.studyGridChart(studyOfGammas([])),
  "training-rates": () =>
    charts.trainingChart(withRates(progress(ageDomains, 12, 3), (step) => 0.001 * 0.8 ** (step / 20))),
  "saved-runs": () => charts.indexedRunsChart(savedRuns(3)),
  losses: () => charts.lossChart(history(ageDomains)),
  audit: () => charts.auditChart(audit(ageDomains)),
  "importance-of-domain": () => charts.importanceChart(importance([], "domain")),
  "conflicts-over-training": () => charts.conflictsHistoryChart(conflictsHistory(ageDomains)),
  "row-gates": () => charts.rowGatesChart(explainedRow(), { price: 28.8, user_id: "u_2434", brand: "<b>toys</b>" }),
  positions: () => charts.positionsChart(7, ["ctr", "cvr"], positionsOfClicks(8)),
  "column-cards": () => charts.columnCardsChart(summary()),
  "plot-bar": () => charts.plotChart(plotColumns("scene", "price", "user")),
  "plot-line": () => charts.plotChart(plotColumns("day", "sold", null)),
  "plot-dots": () => charts.plotChart({ ...plotColumns("price", "sold", "scene"), kind: "dots" }),
  "plot-histogram-colours": () => charts.plotChart(plotColumns("price", null, "scene")),
  "plot-histogram-log": () => charts.plotChart({ ...plotColumns("tail", null, null), log: "x" }),
  "plot-boxes": () => charts.plotChart({ ...plotColumns("scene", "tail", "user"), kind: "boxes", log: "y" }),
};

/** Other looks of charts above: other sizes, and nothing to show. */
const looks: Readonly<Record<string, () => Chart>> = {
  "study-responses-50-domains": () => charts.studyResponsesChart(studyOfGammas(fiftyDomains)),
  "study-responses-none": () => charts.studyResponsesChart(study([])),
  "dial-responses-hard-names": () => charts.dialResponsesChart(studyOfGammas(hardNames), dialPosition(3)),
  "dial-responses-no-domains": () => charts.dialResponsesChart(studyOfGammas([]), dialPosition(null)),
  "dial-gammas-no-domains": () => charts.dialGammasChart(dialCurves([])),
  "dial-gammas-50-domains": () => charts.dialGammasChart(dialCurves(fiftyDomains)),
  "moved-rows-none": () => charts.movedRowsChart(movedRows([])),
  "study-grid-hard-names": () => charts.studyGridChart(studyOfGammas(hardNames)),
  "study-grid-none": () => charts.studyGridChart(study([])),
  "run-no-domains": () => charts.runChart(history([])),
  training: () => charts.trainingChart(progress(ageDomains, 12, 3)),
  "training-first-step": () => charts.trainingChart(progress(ageDomains, 1, 0)),
  "training-rates-linear": () =>
    charts.trainingChart(withRates(progress(["home"], 12, 3), (step) => 0.01 - step / 1e5)),
  "saved-runs-one": () => charts.indexedRunsChart(savedRuns(1)),
  "saved-runs-200": () => charts.indexedRunsChart(savedRuns(200)),
  "gate-history-not-followed": () => charts.gateHistoryChart([]),
  "audit-hard-names": () => charts.auditChart(audit(hardNames)),
  "audit-sound": () => charts.auditChart(audit([], true)),
  "audit-none": () => charts.auditChart({ rows: 0, checks: [], findings: [], gaps: [] }),
  "domain-screen-none": () => charts.domainScreenChart(domainScreen(["occupation"], "none")),
  "domain-screen-few-rows": () => charts.domainScreenChart(domainScreen(["occupation"], "cannot be told")),
  "conflicts-none": () =>
    charts.conflictsChart({ ...conflicts([]), pairs: [], gaps: [{ what: "tasks", reason: "the model has one" }] }),
  "conflicts-not-followed": () => charts.conflictsHistoryChart([]),
  "importance-none": () => charts.importanceChart({ ...importance([]), groups: [] }),
  "row-gates-hard-names": () => charts.rowGatesChart(explainedRow(hardNames), {}),
  "row-gates-none": () => charts.rowGatesChart({ ...explainedRow(), gates: [] }, {}),
  "positions-many": () => charts.positionsChart(7, ["ctr"], positionsOfClicks(60)),
  "positions-none": () => charts.positionsChart(7, ["ctr"], []),
  "gates-no-domains": () => charts.gatesChart(gatesReport([])),
  "counterfactuals-no-domains": () => charts.counterfactualsChart(counterfactuals([])),
  "drift-no-training": () => charts.driftChart(null),
  "drift-no-labels": () => charts.driftChart({ ...drift([]), labels: [] }),
  "drift-60-columns": () => {
    const many = Array.from({ length: 60 }, (_, c) => `statistics of the shop in week ${c}`);
    return charts.driftChart(drift(["home"], many), ["home"]);
  },
  "column-cards-one": () => charts.columnCardsChart(summary(["price"])),
  "column-cards-none": () => charts.columnCardsChart(summary([])),
  "column-cards-no-rows": () => charts.columnCardsChart(summary(["price"], 0)),
  "column-cards-60": () => charts.columnCardsChart(summary(Array.from({ length: 60 }, (_, c) => `price_in_week_${c}`))),
  "plot-counts": () => charts.plotChart(plotColumns("scene", null, null)),
  "plot-histogram": () => charts.plotChart(plotColumns("price", null, null)),
  "plot-histogram-tail": () => charts.plotChart(plotColumns("tail", null, null)),
  "plot-nothing": () => charts.plotChart({ ...plotColumns("price", null, null), x: { name: "price", values: [null] } }),
};

/** With a rate of towers that changes over the steps. */
function withRates(progress: Progress, rate: (step: number) => number): Progress {
  const points = progress.history.points.map((point) => {
    return { ...point, learningRates: { sparse: 0.01, dense: 0.01, ".*_task_tower.*": rate(point.step) } };
  });
  return { ...progress, history: { ...progress.history, points } };
}

/** Runs, the third of which cannot be read. */
function savedRuns(count: number): IndexedRun[] {
  return Array.from({ length: count }, (_, run) => {
    const trained = history([], 24, 6);
    const evaluations = trained.evaluations.map((point) => ({
      ...point,
      evaluation: evaluation(ageDomains, point.step / 480, run + 1),
    }));
    const isDamaged = run === 2;
    return {
      name: `runs/sweep of gamma/run-${run}`,
      saved: isDamaged ? null : "2026-11-27 20:00",
      history: isDamaged ? null : { ...trained, evaluations },
      evaluation: isDamaged ? null : evaluations.at(-1)!.evaluation,
      differences: run === 0 ? [] : [`model_config.pepnet.epnet_gamma: 2 → ${run}`],
      data: "0123456789ab",
      model: null,
      problem: isDamaged ? "history.json: the file is damaged" : null,
    };
  });
}

/** Positions of a row's clicks, one of which matters. */
function positionsOfClicks(count: number): Parameters<typeof charts.positionsChart>[2] {
  return Array.from({ length: count }, (_, position) => ({
    sequence: "clicks",
    features: ["clicks__item", "clicks__price"],
    position,
    weights: [{ encoder: "clicks: din", weight: 1 / count }],
    without: [position === 2 ? -0.8 : 0.05 * ((position % 5) - 2), 0.02 * ((position % 3) - 1)],
    values: { clicks__item: `item ${(position * 7) % 50}`, clicks__price: position / 2 },
  }));
}

/** Columns of sixty rows of a shop. */
function plotColumns(x: string, y: string | null, color: string | null): charts.PlotColumns {
  const rows = Array.from({ length: 60 }, (_, row) => row);
  const values: Readonly<Record<string, readonly charts.PlotValue[]>> = {
    scene: rows.map((row) => ["home", "search results of the second tab", "<b>live</b>"][row % 3]!),
    user: rows.map((row) => row % 2 === 0),
    price: rows.map((row) => (row === 7 ? null : ((row * 37) % 23) / 2)),
    tail: rows.map((row) => Number((10 ** (((row * 37) % 60) / 15)).toPrecision(4))),
    sold: rows.map((row) => ((row * 37) % 23) + (row % 5)),
    day: rows.map((row) => new Date(Date.UTC(2024, 0, 1 + row))),
  };
  const column = (name: string) => ({ name, values: values[name]! });
  const [ys, colours] = [y, color].map((name) => (name === null ? null : column(name)));
  return { x: column(x), y: ys!, color: colours!, kind: null };
}

const variants: Readonly<Record<string, readonly string[]>> = {
  "": ageDomains,
  "-1-domain": ["everyone"],
  "-12-domains": fiftyDomains.slice(0, 12),
  "-50-domains": fiftyDomains,
  "-hard-names": hardNames,
};

/** Models of other tasks are among `models`. */
const withoutTasks = ["model-diagram", "domain-screen", "priors-worth", "priors-coverage", "priors-rates", "drift"];

/** Every one by name, `gates`, `gates-1-domain` …; each is drawn once a process. */
export const samples: Readonly<Record<string, () => Chart>> = once({
  ...Object.fromEntries(
    Object.entries(byDomain).flatMap(([name, make]) =>
      Object.entries(variants).map(([suffix, names]) => [name + suffix, () => make(names, (same) => same)] as const),
    ),
  ),
  ...Object.fromEntries(
    Object.entries(byDomain)
      .filter(([name]) => !withoutTasks.includes(name))
      .map(([name, make]) => [`${name}-four-tasks`, () => make(ageDomains, fourTasks)] as const),
  ),
  ...Object.fromEntries(Object.entries(withGap).map(([name, make]) => [`${name}-gap`, make])),
  ...single,
  ...looks,
  ...Object.fromEntries(
    Object.entries(models).map(([name, make]) => [
      `model-diagram-${name}`,
      () => charts.modelDiagramChart(modelStructure(make())),
    ]),
  ),
});

/** Charts of panels that are in goldens of other charts as well: of 1,266 planted faults theirs alone found one. */
const composed = ["auc-by-domain-intervals", "gates", "label-rates", "study-curves"];

/** Of each kind the look that has a golden: the one with a gap where there is one, since it has all other marks too. */
export const goldens: readonly string[] = [
  ...Object.keys(byDomain)
    .filter((name) => !composed.includes(name))
    .map((name) => (name in withGap ? `${name}-gap` : name)),
  ...Object.keys(single),
  "model-diagram-six-tasks",
];

function once(makers: Readonly<Record<string, () => Chart>>): Readonly<Record<string, () => Chart>> {
  const made = new Map<string, Chart>();
  const chart = (name: string, make: () => Chart): Chart => {
    const now = made.get(name) ?? make();
    made.set(name, now);
    return now;
  };
  return Object.fromEntries(Object.entries(makers).map(([name, make]) => [name, () => chart(name, make)]));
}
