/** The summary of a model: parameters and FLOPs by module, and its parts in words. */
import { findingText } from "../../core/errors/finding.js";
import { modelSize } from "../../core/nn/plan/size.js";
import { listDomainNames, type ModelSpec } from "../../core/spec/model.js";
import { unsupportedProblems } from "../../core/spec/validate/unsupported.js";
import { specWarnings } from "../../core/spec/validate/warnings.js";
import { optionsWithoutEffect } from "../../core/spec/validate/without-effect.js";
import { escapeHtml } from "../../core/util/escape.js";
import { listNames } from "../../core/util/names.js";
import { count } from "../../core/util/text.js";
import type { Sheet } from "../../lab/views/view.js";
import { type DisplayBundle, tables } from "../result.js";

/** One row per module and one for the total, with parameters and FLOPs per row. */
export function modelSheet(spec: ModelSpec): Sheet {
  const { modules, embeddingParameters, denseParameters, flopsPerRow, trainingFlopsPerRow } = modelSize(spec);
  const parameters = embeddingParameters + denseParameters;
  const total = { module: "total", output: null, parameters, flopsPerRow, trainingFlopsPerRow };
  const { col, sheetFrom } = tables();
  const rows = [...modules, total];
  const { features, towers, domains } = spec;
  const parts = [count(features.length, "feature"), count(towers.length, "task")];
  if (domains !== null) parts.push(count(domains.count, "domain"));
  return sheetFrom(`PEPNet: ${parts.join(", ")}`, rows, [
    col.text("module", ({ module }) => module),
    col.count("output", ({ output }) => output),
    col.count("parameters", (row) => row.parameters),
    col.count(["flops", "FLOPs a row"], (row) => row.flopsPerRow),
    col.count(["training_flops", "FLOPs a row, training"], (row) => row.trainingFlopsPerRow),
  ]);
}

/** The parts of a model, as lines of text below its table. */
export function modelNotes(spec: ModelSpec): readonly string[] {
  const { groupDims } = modelSize(spec);
  const groups = Object.entries(groupDims).filter(([, dim]) => dim !== null);
  const lines = [`groups: ${groups.map(([name, dim]) => `${name} [rows, ${dim}]`).join(", ")}`];
  const { domains } = spec;
  if (domains !== null) {
    const names = listDomainNames(spec).join(", ");
    lines.push(`domains: ${domains.column} picks one of ${domains.count} towers per task (${names})`);
  }
  for (const { name, label, losses, taskSpace: space } of spec.towers) {
    const where =
      space === null ? "" : `, in the space of ${space.indicatorLabel} (${space.inWeight} in, ${space.outWeight} out)`;
    lines.push(`task ${name}: label ${label}, ${losses.map(({ kind }) => kind).join(" + ")}${where}`);
  }
  lines.push(...specWarnings(spec).map((warning) => `note: ${findingText(warning)}`));
  lines.push(...refusedLines(spec));
  const idle = optionsWithoutEffect(spec).map(({ path, reason }) => `${path} (${reason})`);
  if (idle.length > 0) lines.push(`kept, without effect here: ${idle.join(", ")}`);
  return lines;
}

/** The parts that training refuses: one line per reason, with the paths. */
function refusedLines(spec: ModelSpec): string[] {
  const paths = new Map<string, string[]>();
  for (const { path, message } of unsupportedProblems(spec)) paths.set(message, [...(paths.get(message) ?? []), path]);
  return [...paths].map(([message, places]) => `cannot be trained here: ${message} (${listNames(places)})`);
}

/** The parts and the notes of a model, as a terminal shows them. */
export function modelText(spec: ModelSpec): string {
  const { sheetTable, tableText } = tables();
  return `${tableText(sheetTable(modelSheet(spec)))}\n\n${modelNotes(spec).join("\n")}`;
}

export function modelBundle(spec: ModelSpec): DisplayBundle {
  const { sheetTable, tableHtml } = tables();
  const table = sheetTable(modelSheet(spec));
  const notes = modelNotes(spec);
  const list = notes.map((note) => `<li>${escapeHtml(note)}</li>`).join("");
  return {
    "text/html": `${tableHtml(table)}<ul style="font-size:13px">${list}</ul>`,
    "text/plain": modelText(spec),
  };
}
