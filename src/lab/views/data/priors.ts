/** The views of what priors are worth. */

import type { PriorsCoverage, PriorsGain, PriorsRate, PriorsWorth } from "../../../core/data/priors/worth.js";
import { count, ends, fixed, percent, signed } from "../../../core/util/text.js";
import { chart, type Panel, panelRows, xAxis, yAxis } from "../compose.js";
import { type DotRow, dotRowsHeight, dotRowsPanel } from "../dot-rows.js";
import { changeAxis } from "../gates/counterfactuals.js";
import { line, rule } from "../lines.js";
import { GRID, highest, INK, inTitle, largestOf, markup, ONE_OF_MANY, PLAIN, rounded } from "../theme.js";
import { ALL_ROWS, type Chart, col, independentUnits, type PlotlyTrace, type Sheet, sheetFrom } from "../view.js";

/** A table or chart of priors by name. */
export type PriorsViewName = "worth" | "coverage" | "rates";

const ALL_KEYS = "all keys";

export function priorsWorthSheet({ gains, over, testRows }: PriorsWorth): Sheet {
  const caption = `What was known before each row: changes of the AUC of a logistic regression on the newest ${count(testRows, "row")}, with 95% intervals (${independentUnits(over)}); p is corrected for all of them (Holm)`;
  return sheetFrom(caption, gains, [
    col.text("label", ({ label }) => label),
    col.text("key", ({ key }) => key ?? ALL_KEYS),
    col.text(["delay", "labels known after"], ({ delay }) => delay),
    col.number(["auc_without", "AUC without"], ({ without }) => without, 4),
    col.number(["delta_auc", "ΔAUC"], ({ gain }) => gain, 4),
    col.ends((gain) => gain, 4),
    col.number(["adjusted_p_value", "adjusted p"], ({ adjustedP }) => adjustedP, 4),
    col.text("says", gainText),
  ]);
}

function gainText({ says, gain }: PriorsGain): string {
  return gain === null ? "not measured" : says;
}

export function priorsCoverageSheet({ coverage, labels }: PriorsWorth): Sheet {
  const caption = `Rows with a history, and how long it is: earlier rows with a known "${labels[0]}"`;
  return sheetFrom(caption, coverage, [
    col.text("key", ({ key }) => key),
    col.text(["delay", "labels known after"], ({ delay }) => delay),
    col.text("domain", ({ domain }) => domain ?? ALL_ROWS),
    col.count("training_rows", ({ trainingRows }) => trainingRows),
    col.share(["training_known", "known, training"], ({ training }) => training),
    col.count(["training_history", "median history, training"], ({ trainingHistory }) => trainingHistory),
    col.count("test_rows", ({ testRows }) => testRows),
    col.share(["test_known", "known, test"], ({ test }) => test),
    col.count(["test_history", "median history, test"], ({ testHistory }) => testHistory),
  ]);
}

export function priorsRatesSheet({ rates, delays }: PriorsWorth): Sheet {
  const caption = `Prior rates and the labels of the same test rows, labels known after ${delays[0]}; 95% intervals, rows taken as independent`;
  return sheetFrom(caption, rates, [
    col.text("label", ({ label }) => label),
    col.text("key", ({ key }) => key),
    col.count("rows", ({ rows }) => rows),
    col.number(["prior_rate", "prior rate"], ({ prior }) => prior, 4),
    col.number(["observed_rate", "observed rate"], ({ observed }) => observed, 4),
    col.ends((rate) => rate, 4),
  ]);
}

const MOST_ROWS = 24;

/** One panel per label: a row for each key and delay. Hollow and grey: not beyond noise. */
function worthChart(facts: PriorsWorth): Chart {
  const axis = changeAxis(
    { user: facts.over },
    facts.gains.map(({ gain, low, high }) => ({ value: gain, low, high })),
  );
  const panels = facts.labels.map((label): Panel => {
    const ofLabel = facts.gains.filter((gain) => gain.label === label);
    const rows = largestOf(ofLabel, ({ gain }) => Math.abs(gain ?? 0), MOST_ROWS);
    return dotRowsPanel({
      title: label,
      rows: rows.map(gainRow),
      reference: 0,
      axis: { ...axis, nticks: 6 },
      letters: 32,
    });
  });
  const height = dotRowsHeight(Math.min(MOST_ROWS, facts.gains.length / facts.labels.length));
  return chart({
    title: worthTitle(facts),
    rows: panelRows(panels, { across: 1, height, empty: "no gain was measured" }),
    sheet: priorsWorthSheet(facts),
  });
}

function gainRow(gain: PriorsGain): DotRow {
  const isClear = gain.says !== "cannot be told";
  const name = `${gain.key ?? ALL_KEYS} · ${gain.delay}`;
  return {
    name,
    value: gain.gain,
    low: gain.low,
    high: gain.high,
    main: gain.key === null,
    color: isClear ? PLAIN : ONE_OF_MANY,
    hollow: !isClear,
    printed: gain.gain === null ? "" : signed(gain.gain, 4),
    hover: markup`${gain.label}: ${name}<br>${gainText(gain)}<br>AUC ${fixed(gain.without, 4)} ${signed(gain.gain, 4)}${ends(gain, (end) => signed(end, 4))}`,
  };
}

function worthTitle({ gains, keys, delays }: PriorsWorth): string {
  const helps = gains.filter(({ key, says }) => key !== null && says === "helps");
  const last = delays.filter((delay) => helps.some((gain) => gain.delay === delay)).at(-1);
  const [best] = [...helps.filter(({ delay }) => delay === last)].sort((a, b) => b.gain! - a.gain!);
  if (best === undefined) return "No prior helps beyond noise on these rows";
  return `${inTitle(best.key!, keys)} adds ${signed(best.gain, 3)} AUC when labels take ${best.delay}`;
}

/** One panel per key at the first delay: the share of rows with a history, in training and test rows. */
function coverageChart(facts: PriorsWorth): Chart {
  const panels = facts.keys.map((key, k): Panel => {
    const all = facts.coverage.filter((each) => each.key === key && each.delay === facts.delays[0]);
    const rows = largestOf(
      all,
      ({ domain, testRows }) => (domain === null ? Number.POSITIVE_INFINITY : testRows),
      MOST_ROWS,
    );
    return dotRowsPanel({
      title: key,
      rows: rows.map(coverageRow),
      levels: [
        {
          legend: { name: "training rows", group: "training", inLegend: k === 0 },
          values: rows.map(({ training }) => training),
          symbol: "line-ns",
          color: INK,
          hover: rows.map(({ training }) => markup`training rows: ${share(training)}`),
        },
      ],
      axis: xAxis("rows with a history", { range: [0, 1.02], tickformat: ".0%" }),
      letters: 24,
    });
  });
  const perKey = facts.coverage.length / Math.max(1, facts.keys.length * facts.delays.length);
  return chart({
    title: coverageTitle(facts),
    rows: panelRows(panels, {
      across: 2,
      height: dotRowsHeight(Math.min(MOST_ROWS, perKey)),
      empty: "no history was counted",
    }),
    legendBelow: true,
    sheet: priorsCoverageSheet(facts),
  });
}

function coverageRow(cell: PriorsCoverage): DotRow {
  const name = cell.domain ?? ALL_ROWS;
  return {
    name,
    value: cell.test,
    main: cell.domain === null,
    color: PLAIN,
    printed: share(cell.test),
    hover: markup`${name}: ${share(cell.test)} of ${count(cell.testRows, "test row")}<br>median history ${cell.testHistory ?? 0}, of training rows ${cell.trainingHistory ?? 0}`,
  };
}

function share(value: number | null): string {
  return value === null ? "–" : percent(value);
}

function coverageTitle({ coverage, keys, delays }: PriorsWorth): string {
  const cells = coverage.filter(({ domain, delay, test }) => domain === null && delay === delays[0] && test !== null);
  const [rarest] = [...cells].sort((a, b) => a.test! - b.test!);
  return rarest === undefined
    ? "No history was counted"
    : `${share(rarest.test)} of test rows have a known ${inTitle(rarest.key, keys)}`;
}

/** A panel for each label and key: prior rates against observed ones. */
function ratesChart(facts: PriorsWorth): Chart {
  const pairs = facts.labels.flatMap((label) => facts.keys.map((key) => ({ label, key })));
  const panels = pairs.map(({ label, key }, at): Panel => {
    const rates = facts.rates.filter((rate) => rate.label === label && rate.key === key);
    const ofLabel = facts.rates.filter((rate) => rate.label === label);
    const end = rounded(Math.min(1, 1.06 * Math.max(0.01, ...ofLabel.flatMap(({ prior, high }) => [prior, high]))));
    const axis = { range: [0, end], tickformat: ".2~p", nticks: 5 };
    return {
      title: `${label} by ${key}`,
      marks: [rule({ from: [0, 0], to: [end, end], color: GRID, width: 2, dash: "solid" }), rateLine(rates)],
      xaxis: xAxis("prior rate", axis),
      yaxis: yAxis(at % 2 === 0 ? "observed rate" : "", axis),
    };
  });
  return chart({
    title: ratesTitle(facts),
    rows: panelRows(panels, { across: 2, height: 200, empty: "fewer than 50 rows with a history" }),
    sheet: priorsRatesSheet(facts),
  });
}

function rateLine(rates: readonly PriorsRate[]): PlotlyTrace {
  return line({
    x: rates.map(({ prior }) => rounded(prior)),
    y: rates.map(({ observed }) => rounded(observed)),
    color: PLAIN,
    width: 1.5,
    dots: 6,
    whiskers: { low: rates.map(({ low }) => low), high: rates.map(({ high }) => high), color: PLAIN, thickness: 1 },
    hover: rates.map(
      ({ prior, observed, rows }) =>
        markup`prior ${fixed(prior, 4)}, observed ${fixed(observed, 4)}<br>${count(rows, "row")}`,
    ),
  });
}

/** The key whose bins differ most. */
function ratesTitle({ rates, labels, keys }: PriorsWorth): string {
  const spans = labels.flatMap((label) =>
    keys.map((key) => {
      const observed = rates.flatMap((rate) => (rate.label === label && rate.key === key ? [rate.observed] : []));
      return { label, key, low: Math.min(...observed), high: Math.max(...observed) };
    }),
  );
  const widest = highest(
    spans.filter(({ low, high }) => high >= low),
    ({ low, high }) => high - low,
  );
  if (widest === undefined) return "No key has 50 test rows with a history";
  const { label, key, low, high } = widest;
  return `${inTitle(key, keys)} parts "${label}" rates from ${percent(low)} to ${percent(high)}`;
}

type PriorsView = { readonly sheet: (facts: PriorsWorth) => Sheet; readonly chart: (facts: PriorsWorth) => Chart };

export const priorsViews: Readonly<Record<PriorsViewName, PriorsView>> = {
  worth: { sheet: priorsWorthSheet, chart: worthChart },
  coverage: { sheet: priorsCoverageSheet, chart: coverageChart },
  rates: { sheet: priorsRatesSheet, chart: ratesChart },
};
