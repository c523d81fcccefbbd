/** The table of docs/benchmark.md: each model's AUC less PEPNet's, with its interval. */
import { readFileSync } from "node:fs";
import { compose, xAxis } from "../../src/lab/views/compose.js";
import { dotRowsHeight, dotRowsPanel } from "../../src/lab/views/dot-rows.js";
import { BETTER, markup, ONE_OF_MANY, WORSE } from "../../src/lab/views/theme.js";
import { projectFile } from "./files.js";
import { claim, type Picture } from "./picture.js";

export function benchmark(): Picture {
  const lines = readFileSync(projectFile("docs", "benchmark.md"), "utf8").split("\n");
  const rows = lines.flatMap((line) => {
    const cells = line.split("|").map((cell) => cell.trim());
    const ends = /^(\S+) \((\S+) to (\S+)\)$/.exec(cells[6] ?? "");
    if (ends === null) return [];
    const [value, low, high] = ends.slice(1).map((text) => Number(text.replace("−", "-"))) as [number, number, number];
    const color = low > 0 ? BETTER : high < 0 ? WORSE : ONE_OF_MANY;
    return [
      {
        name: cells[1]!,
        value,
        low,
        high,
        color,
        hollow: color === ONE_OF_MANY,
        printed: ends[1]!,
        hover: markup`${cells[1]!}`,
      },
    ];
  });
  claim(rows.length === 8, "the table has eight models beside PEPNet and the regression");
  const worse = rows.filter(({ high }) => high < 0).length;
  const title = `${worse} of ${rows.length} models are shown to be worse than PEPNet on MovieLens-100K, and none better`;
  claim(!rows.some(({ low }) => low > 0), "none is better");
  const axis = xAxis("AUC less PEPNet's, ten seeds; the intervals hold together", { tickformat: ".3~f" });
  const panel = dotRowsPanel({ title: "", rows, reference: 0, axis, letters: 30 });
  return {
    chart: { title, figure: compose({ title, rows: [{ height: dotRowsHeight(rows.length), panels: [panel] }] }) },
    says: {},
  };
}
