import type { GatesReport } from "../../gates/types.js";
import { snakeCase } from "../../util/text.js";
import { chart, type PanelRow } from "../compose.js";
import { type Chart, col, type Sheet, sheetFrom, siteColumns } from "../view.js";
import { gateWorthRow, gateWorthTitle } from "./counterfactuals.js";
import { fieldGatesPanel, fieldGatesTitle, fieldsHeight } from "./fields.js";
import { gateStatisticsSheet, quantilesTitle } from "./statistics.js";

export function coldGatesSheet({ cold }: GatesReport): Sheet {
  const keys = ["coldMean", "warmMean", "coldStd", "warmStd"] as const;
  const rows = cold.map((gate) => ({ gate }));
  return sheetFrom("Gates of rows whose id training rarely saw, against the others", rows, [
    siteColumns,
    col.text("field", ({ gate }) => gate.field),
    col.count(["fewer_than", "cold below (training rows)"], ({ gate }) => gate.fewerThan),
    col.count(["cold_rows", "cold rows"], ({ gate }) => gate.coldRows),
    col.count(["warm_rows", "warm rows"], ({ gate }) => gate.warmRows),
    keys.map((key) => col.number([snakeCase(key), snakeCase(key).replace("_", " ")], ({ gate }) => gate[key], 4)),
  ]);
}

export function gateGapsSheet({ gaps }: GatesReport): Sheet {
  return sheetFrom("What this report cannot show", gaps, [
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
