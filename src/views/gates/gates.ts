import type { GatesReport } from "../../gates/types.js";
import { chart, type PanelRow } from "../compose.js";
import { type Chart, col, type Sheet, sheetFrom } from "../view.js";
import { gateWorthRow, gateWorthTitle } from "./counterfactuals.js";
import { fieldGatesPanel, fieldGatesTitle, fieldsHeight } from "./fields.js";
import { gateStatisticsSheet, quantilesTitle } from "./statistics.js";

export function gapsSheet({ gaps }: Pick<GatesReport, "gaps">): Sheet {
  return sheetFrom("What is missing", gaps, [
    col.text("what", ({ what }) => what),
    col.text("reason", ({ reason }) => reason),
  ]);
}

/** One row per gate, tower and group of embeddings. Norms are small, so they have six digits. */
export function gradientsSheet({ gradients }: GatesReport): Sheet {
  return sheetFrom("Gradients of the loss: gates against what they gate", gradients?.parts ?? [], [
    col.text("module", ({ module }) => module),
    col.text("part", ({ kind }) => kind),
    col.text("task", ({ tower }) => tower ?? "all"),
    col.count("layer", ({ layer }) => (layer === null ? null : layer + 1)),
    col.count("numbers", ({ size }) => size),
    col.number("norm", ({ norm }) => norm, 6),
    col.number(["root_mean_square", "root mean square"], ({ norm, size }) => norm / Math.sqrt(size), 6),
  ]);
}

export function gradientPathsSheet({ gradients }: GatesReport): Sheet {
  const caption = "Gradients that flow back through the gates: exactly 0 where the model stops them";
  return sheetFrom(caption, gradients?.paths ?? [], [
    col.text("module", ({ module }) => module),
    col.text("into", ({ input }) => (input === "main" ? "embeddings" : "the prior's embeddings")),
    col.flag("stopped", ({ stopped }) => stopped),
    col.number("norm", ({ norm }) => norm, 6),
    col.flag(["exactly_zero", "exactly 0"], ({ norm }) => norm === 0),
  ]);
}

/** The display of `await run.gates()`: one figure; each panel is also a chart. */
export function gatesChart(report: GatesReport): Chart {
  const fields: PanelRow[] =
    report.fields.length === 0 ? [] : [{ height: fieldsHeight(report), panels: [fieldGatesPanel(report)] }];
  return chart({
    title: titleOfAll(report),
    rows: [gateWorthRow(report), ...fields],
    legendBelow: true,
    sheet: gateStatisticsSheet(report),
  });
}

function titleOfAll(report: GatesReport): string {
  if (report.effects !== null) return gateWorthTitle(report);
  return report.fields.length === 0 ? quantilesTitle(report) : fieldGatesTitle(report);
}
