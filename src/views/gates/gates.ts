/** Gates of rows with ids that are rare in training, compared with the other rows. */

import type { ColdGates, GatesReport } from "../../gates/index.js";
import { groupNames } from "../names.js";
import { chart } from "../panels/chart.js";
import type { PanelRow } from "../panels/compose.js";
import { MAX_COLOURS } from "../theme.js";
import { type Chart, type Column, makeSheet, type Sheet } from "../view.js";
import { fieldGatesPanel, fieldGatesTitle, fieldsHeight } from "./fields.js";
import { gateQuantilesPanel, gateStatisticsSheet, quantilesTitle, siteColumns } from "./statistics.js";
import { domainVariancePanel } from "./variance-chart.js";

interface Row {
  readonly gate: ColdGates;
}

/** One row per gate and id feature. */
export function coldGatesSheet({ cold }: GatesReport): Sheet {
  const number = (key: string, heading: string, value: (gate: ColdGates) => number | null): Column<Row> => {
    return { key, heading, kind: "number", digits: 4, value: ({ gate }) => value(gate) };
  };
  return makeSheet<Row>(
    "Gates of rows whose id training rarely saw, against the others",
    [
      ...siteColumns<Row>(),
      { key: "field", heading: "field", kind: "text", value: ({ gate }) => gate.field },
      { key: "fewer_than", heading: "cold below (training rows)", kind: "count", value: ({ gate }) => gate.fewerThan },
      { key: "cold_rows", heading: "cold rows", kind: "count", value: ({ gate }) => gate.coldRows },
      { key: "warm_rows", heading: "warm rows", kind: "count", value: ({ gate }) => gate.warmRows },
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
  return makeSheet(
    "What this report cannot show",
    [
      { key: "what", heading: "what", kind: "text", value: ({ what }) => what },
      { key: "reason", heading: "reason", kind: "text", value: ({ reason }) => reason },
    ],
    gaps,
  );
}

/** One row per gate, tower and group of embeddings. Norms are small, so they have six digits. */
export function gradientsSheet({ gradients }: GatesReport): Sheet {
  return makeSheet(
    "Gradients of the loss: gates against what they gate",
    [
      { key: "module", heading: "module", kind: "text", value: ({ module }) => module },
      { key: "part", heading: "part", kind: "text", value: ({ kind }) => kind },
      { key: "task", heading: "task", kind: "text", value: ({ tower }) => tower ?? "all" },
      { key: "layer", heading: "layer", kind: "count", value: ({ layer }) => (layer === null ? null : layer + 1) },
      { key: "numbers", heading: "numbers", kind: "count", value: ({ size }) => size },
      { key: "norm", heading: "norm", kind: "number", digits: 6, value: ({ norm }) => norm },
      {
        key: "root_mean_square",
        heading: "root mean square",
        kind: "number",
        digits: 6,
        value: ({ norm, size }) => norm / Math.sqrt(size),
      },
    ],
    gradients?.parts ?? [],
  );
}

/** One row per module and input. */
export function gradientPathsSheet({ gradients }: GatesReport): Sheet {
  return makeSheet(
    "Gradients that flow back through the gates: exactly 0 where the model stops them",
    [
      { key: "module", heading: "module", kind: "text", value: ({ module }) => module },
      {
        key: "into",
        heading: "into",
        kind: "text",
        value: ({ input }) => (input === "main" ? "embeddings" : "the prior's embeddings"),
      },
      { key: "stopped", heading: "stopped", kind: "flag", value: ({ stopped }) => stopped },
      { key: "norm", heading: "norm", kind: "number", digits: 6, value: ({ norm }) => norm },
      { key: "exactly_zero", heading: "exactly 0", kind: "flag", value: ({ norm }) => norm === 0 },
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
