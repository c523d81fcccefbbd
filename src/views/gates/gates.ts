/** Gates of rows with ids that are rare in training, compared with the other rows. */
import type { ColdGates, GateStatistics, GatesReport, GradientsReport } from "../../gates/types.js";
import { siteName } from "../../spec/site-name.js";
import { count, percent } from "../../util/text.js";
import { heatPanel } from "../axes.js";
import { chart, emptyPanel, type Panel, type PanelRow, panelChart } from "../compose.js";
import { groupNames } from "../names.js";
import { MAX_COLOURS, markup, SEQUENTIAL } from "../theme.js";
import { type Chart, type Column, col, makeSheet, type Sheet } from "../view.js";
import { fieldGatesPanel, fieldGatesTitle, fieldsHeight } from "./fields.js";
import { gateQuantilesPanel, gateStatisticsSheet, quantilesTitle, siteColumns } from "./statistics.js";
import { domainVariancePanel } from "./variance.js";

interface Row {
  readonly gate: ColdGates;
}

/** One row per gate and id feature. */
export function coldGatesSheet({ cold }: GatesReport): Sheet {
  const number = (key: string, heading: string, value: (gate: ColdGates) => number | null): Column<Row> => {
    return col.number([key, heading], ({ gate }) => value(gate), 4);
  };
  return makeSheet<Row>(
    "Gates of rows whose id training rarely saw, against the others",
    [
      ...siteColumns<Row>(),
      col.text("field", ({ gate }) => gate.field),
      col.count(["fewer_than", "cold below (training rows)"], ({ gate }) => gate.fewerThan),
      col.count(["cold_rows", "cold rows"], ({ gate }) => gate.coldRows),
      col.count(["warm_rows", "warm rows"], ({ gate }) => gate.warmRows),
      number("cold_mean", "cold mean", ({ coldMean }) => coldMean),
      number("warm_mean", "warm mean", ({ warmMean }) => warmMean),
      number("cold_std", "cold std", ({ coldStd }) => coldStd),
      number("warm_std", "warm std", ({ warmStd }) => warmStd),
    ],
    cold.map((gate) => ({ gate })),
  );
}

/** One row per gap, with its reason. */
export function gateGapsSheet({ gaps }: GatesReport): Sheet {
  return makeSheet<GatesReport["gaps"][number]>(
    "What this report cannot show",
    [col.text("what", ({ what }) => what), col.text("reason", ({ reason }) => reason)],
    gaps,
  );
}

/** One row per gate, tower and group of embeddings. Norms are small, so they have six digits. */
export function gradientsSheet({ gradients }: GatesReport): Sheet {
  return makeSheet<GradientsReport["parts"][number]>(
    "Gradients of the loss: gates against what they gate",
    [
      col.text("module", ({ module }) => module),
      col.text("part", ({ kind }) => kind),
      col.text("task", ({ tower }) => tower ?? "all"),
      col.count("layer", ({ layer }) => (layer === null ? null : layer + 1)),
      col.count("numbers", ({ size }) => size),
      col.number("norm", ({ norm }) => norm, 6),
      col.number(["root_mean_square", "root mean square"], ({ norm, size }) => norm / Math.sqrt(size), 6),
    ],
    gradients?.parts ?? [],
  );
}

/** One row per module and input. */
export function gradientPathsSheet({ gradients }: GatesReport): Sheet {
  return makeSheet<GradientsReport["paths"][number]>(
    "Gradients that flow back through the gates: exactly 0 where the model stops them",
    [
      col.text("module", ({ module }) => module),
      col.text("into", ({ input }) => (input === "main" ? "embeddings" : "the prior's embeddings")),
      col.flag("stopped", ({ stopped }) => stopped),
      col.number("norm", ({ norm }) => norm, 6),
      col.flag(["exactly_zero", "exactly 0"], ({ norm }) => norm === 0),
    ],
    gradients?.paths ?? [],
  );
}

/** The display of `await run.gates()`: one figure; each panel is also a chart. */
export function gatesChart(report: GatesReport): Chart {
  const many = groupNames(report).length > MAX_COLOURS;
  const gateHeight = report.gates.length * 24;
  const fields: PanelRow[] =
    report.fields.length === 0 ? [] : [{ height: fieldsHeight(report), panels: [fieldGatesPanel(report)] }];
  const quantiles: PanelRow = {
    height: many ? Math.max(160, gateHeight) : 240,
    panels: [gateQuantilesPanel(report)],
  };
  const variance: PanelRow[] = report.gates.every((gate) => gate.domainVariance === null)
    ? []
    : [{ height: Math.max(100, gateHeight), panels: [domainVariancePanel(report)] }];
  return chart({
    title: fields.length === 0 ? quantilesTitle(report) : fieldGatesTitle(report),
    rows: [...fields, quantiles, ...variance],
    legendRow: fields.length,
    sheet: gateStatisticsSheet(report),
  });
}

/** Pixels for the axes. */
const AXES_WIDTH = 480;
const ROW_HEIGHT = 26;

const KINDS: readonly {
  readonly name: string;
  readonly rule: string;
  readonly share: (at: GateStatistics) => number;
}[] = [
  { name: "closed", rule: "g < 0.05 γ", share: (at) => at.closed },
  { name: "open", rule: "g > 0.95 γ", share: (at) => at.open },
  { name: "near γ/2", rule: "± 0.02 γ", share: (at) => at.identity },
  { name: "dead units", rule: "std < 0.001", share: (at) => at.deadUnits },
];

/** Shares by gate, over all rows; by domain in the table. */
export function gateSaturationChart(report: GatesReport): Chart {
  const height = Math.max(60, report.gates.length * ROW_HEIGHT);
  return panelChart(saturationTitle(report), saturationPanel(report, height), height, gateStatisticsSheet(report));
}

function saturationPanel({ gates }: GatesReport, height: number): Panel {
  if (gates.length === 0) return emptyPanel("no gates");
  const shares = gates.map((gate) => KINDS.map(({ share }) => share(gate.overall)));
  const panel = heatPanel(
    {
      title: "Share of values, and of units that never vary",
      rows: gates.map(siteName),
      columns: KINDS.map(({ name }) => name),
      values: shares,
      range: [0, Math.max(0.01, ...shares.flat())],
      scale: SEQUENTIAL,
      bar: null,
      cell: (gate, kind) => percent(shares[gate]?.[kind], 1),
      hover: (gate, kind) => {
        const { name, rule } = KINDS[kind]!;
        return markup`${siteName(gates[gate]!)}<br>${name} (${rule}): ${percent(shares[gate]?.[kind], 1)}`;
      },
      gap: "not defined",
    },
    { width: AXES_WIDTH, height },
  );
  const rules = KINDS.map(({ name, rule }) => `${name}: ${rule}`).join(", ");
  return {
    ...panel,
    xaxis: { ...panel.xaxis, title: { text: rules, standoff: 12, font: { size: 11 } } },
    below: (panel.below ?? 36) + 22,
  };
}

function saturationTitle({ gates }: GatesReport): string {
  if (gates.length === 0) return "Saturated gates: this model has no gates";
  const saturated = gates.map((gate) => ({ gate, share: gate.overall.closed + gate.overall.open }));
  const most = saturated.reduce((best, each) => (each.share > best.share ? each : best));
  const dead = gates.filter((gate) => gate.overall.deadUnits > 0).length;
  return `Saturated gates: most in ${siteName(most.gate)} (${percent(most.share)} of values); dead units in ${dead} of ${count(gates.length, "gate")}`;
}
