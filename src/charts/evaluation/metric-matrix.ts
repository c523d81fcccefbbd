/** One metric by task and domain as a heat map, with the totals over all rows and all tasks. */
import type { MatrixCell, MetricMatrix } from "../../metrics/index.js";
import { capital, matrixSheet, metricText } from "../../tables/index.js";
import { count, fixed } from "../../util/text/format.js";
import type { Chart } from "../figure.js";
import { heatPanel, panelChart } from "../panels/index.js";
import { finite, inTitle, type Markup, markup, SEQUENTIAL, tidy } from "../theme/index.js";

/** Pixels for the axes, after the tasks' names and the colour bar. */
const AXES_WIDTH = 400;

/** Task × domain, with numbers in the cells if they fit. */
export function metricMatrixChart(matrix: MetricMatrix): Chart {
  const { tasks, domains, cells } = matrix;
  const { name } = metricText(matrix.metric);
  const values = tasks.map((_, t) => domains.map((__, d) => tidy(cells[t]?.[d]?.value)));
  const numbers = values.flat().flatMap((value) => value ?? []);
  const height = Math.max(90, tasks.length * 34);
  const panel = heatPanel(
    {
      title: `${capital(name)} by task and domain`,
      rows: tasks,
      columns: domains,
      values,
      range: [Math.min(...numbers, 1), Math.max(...numbers, 0)],
      scale: SEQUENTIAL,
      bar: { title: { text: name.length > 8 ? "" : name, side: "top" }, nticks: 5 },
      cell: (t, d) => fixed(cells[t]?.[d]?.value),
      hover: (t, d) => markup`${tasks[t]!}, ${domains[d]!}<br>${cellText(name, cells[t]?.[d])}`,
      gap: "not defined",
    },
    { width: AXES_WIDTH, height },
  );
  return panelChart(matrixTitle(matrix), panel, height, matrixSheet(matrix));
}

function cellText(name: string, cell: MatrixCell | undefined): Markup {
  if (cell === undefined) return markup``;
  if (cell.gap !== null) return markup`${cell.gap}`;
  const ends = cell.low === null || cell.high === null ? "" : ` (${fixed(cell.low, 4)} to ${fixed(cell.high, 4)})`;
  const rows = `${count(cell.rows, "row")}, ${count(cell.positives, "positive")}`;
  return markup`${name} ${fixed(cell.value, 4)}${ends}<br>${rows}`;
}

function matrixTitle({ metric, tasks, domains, cells }: MetricMatrix): string {
  const name = capital(metricText(metric).name);
  const points = tasks.flatMap((task, t) =>
    domains.flatMap((domain, d) => {
      const value = finite(cells[t]?.[d]?.value);
      return value === null ? [] : [{ task, domain, value }];
    }),
  );
  const [first] = points;
  if (first === undefined) return `${name} by task and domain: not defined anywhere`;
  const low = points.reduce((a, b) => (b.value < a.value ? b : a), first);
  const high = points.reduce((a, b) => (b.value > a.value ? b : a), first);
  const at = ({ task, domain, value }: typeof first): string =>
    `${fixed(value)} (${inTitle(task)}, ${inTitle(domain)})`;
  return `${name} by task and domain: from ${at(low)} to ${at(high)}`;
}
