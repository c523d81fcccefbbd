/** How a data set and a model show themselves: tables as HTML and text. */
import type { ModelSpec } from "../../spec/index.js";
import { tableHtml, tableText } from "../../tables/index.js";
import { escapeHtml } from "../../util/escape.js";
import { count } from "../../util/format.js";
import type { DisplayBundle } from "../output/displayable.js";
import type { Dataset } from "./dataset.js";
import { columnsTable, modelNotes, modelTable, rowsTable } from "./tables.js";

/** Column statistics of a preview are over at most so many rows. */
const previewRows = 200_000;

/** The first rows, and each column at a glance. */
export async function previewBundle(data: Dataset): Promise<DisplayBundle> {
  const { describe } = await import("../../data/index.js");
  const part = data.rows > previewRows ? data.table.slice(0, previewRows) : data.table;
  const over = data.rows > previewRows ? ` (statistics of the first ${count(previewRows, "row")})` : "";
  const names = data.columns.map((column) => column.name);
  const caption = `${count(data.rows, "row")} × ${count(names.length, "column")}, ${data.table.source}${over}`;
  const columns = columnsTable(await describe(part), caption);
  const rows = rowsTable(await data.head(5), names, "First rows");
  const notes = data.notes.map((note) => `note: ${note}`);
  const noteHtml = notes.map((note) => `<p style="font-size:13px">${escapeHtml(note)}</p>`).join("");
  return {
    "text/html": `${noteHtml}${tableHtml(columns)}${tableHtml(rows)}`,
    "text/plain": [...notes, tableText(columns), tableText(rows)].join("\n\n"),
  };
}

/** A model's modules, parameters and FLOPs a row. */
export function modelBundle(spec: ModelSpec): DisplayBundle {
  const table = modelTable(spec);
  const notes = modelNotes(spec);
  const list = notes.map((note) => `<li>${escapeHtml(note)}</li>`).join("");
  return {
    "text/html": `${tableHtml(table)}<ul style="font-size:13px">${list}</ul>`,
    "text/plain": `${tableText(table)}\n\n${notes.join("\n")}`,
  };
}
