/** One metric by task and domain as a heat map, with what all rows and all tasks come to. */
import type { MatrixCell, MetricMatrix } from "../metrics/matrix.js";
import type { Cell, Table } from "../tables/index.js";
import type { Json } from "../util/json.js";
import { compose } from "./compose.js";
import type { Chart } from "./figure.js";
import { heatPanel } from "./heat.js";
import { capital, metricText } from "./metric-names.js";
import { finite, tidy } from "./numbers.js";
import { hoverName } from "./tasks.js";
import { count, fixed, inTitle, plotText } from "./text.js";
import { SEQUENTIAL } from "./theme.js";

/** Pixels that the tasks' names and the colour bar leave to the axes. */
const AXES_WIDTH = 400;

/** Task × domain, the number in each cell while they fit. */
export function metricMatrixChart(matrix: MetricMatrix): Chart {
  const { tasks, domains, cells } = matrix;
  const { name } = metricText(matrix.metric);
  const values = tasks.map((_, t) => domains.map((_, d) => tidy(cells[t]?.[d]?.value)));
  const known = values.flat().flatMap((value) => value ?? []);
  const height = Math.max(90, tasks.length * 34);
  const panel = heatPanel(
    {
      title: `${capital(name)} by task and domain`,
      rows: tasks,
      columns: domains,
      values,
      range: [Math.min(...known, 1), Math.max(...known, 0)],
      colorscale: SEQUENTIAL as Json,
      colorbar: { title: { text: name.length > 8 ? "" : name, side: "top" }, nticks: 5 },
      cell: (t, d) => fixed(cells[t]?.[d]?.value),
      hover: (t, d) => `${hoverName(tasks[t] ?? "", domains[d] ?? "")}<br>${cellWords(name, cells[t]?.[d])}`,
      gap: "not defined",
    },
    { width: AXES_WIDTH, height },
  );
  const title = matrixTitle(matrix);
  return { title, figure: compose({ title, rows: [{ height, panels: [panel] }] }), table: matrixTable(matrix) };
}

function cellWords(name: string, cell: MatrixCell | undefined): string {
  if (cell === undefined) return "";
  if (cell.gap !== null) return plotText(cell.gap);
  const ends = cell.low === null || cell.high === null ? "" : ` (${fixed(cell.low, 4)} to ${fixed(cell.high, 4)})`;
  return `${name} ${fixed(cell.value, 4)}${ends}<br>${count(cell.rows, "row")}, ${count(cell.positives, "positive")}`;
}

function matrixTitle({ metric, tasks, domains, cells }: MetricMatrix): string {
  const name = capital(metricText(metric).name);
  const known = tasks.flatMap((task, t) =>
    domains.flatMap((domain, d) => {
      const value = finite(cells[t]?.[d]?.value);
      return value === null ? [] : [{ task, domain, value }];
    }),
  );
  const [first] = known;
  if (first === undefined) return `${name} by task and domain: not defined anywhere`;
  const [low, high] = [
    known.reduce((a, b) => (b.value < a.value ? b : a)),
    known.reduce((a, b) => (b.value > a.value ? b : a)),
  ];
  const at = ({ task, domain, value }: (typeof known)[number]): string =>
    `${fixed(value)} (${inTitle(task)}, ${inTitle(domain)})`;
  return `${name} by task and domain: from ${at(low)} to ${at(high)}`;
}

function matrixTable({ metric, tasks, domains, cells }: MetricMatrix): Table {
  const { name } = metricText(metric);
  return {
    caption: `${capital(name)} by task and domain`,
    columns: [
      { name: "task" },
      { name: "domain" },
      { name: "rows" },
      { name: "positives" },
      { name, digits: 4 },
      { name: "low", digits: 4 },
      { name: "high", digits: 4 },
      { name: "gap" },
    ],
    rows: tasks.flatMap((task, t) =>
      domains.map((domain, d): Cell[] => {
        const { rows = 0, positives = 0, value = null, low = null, high = null, gap = null } = cells[t]?.[d] ?? {};
        return [task, domain, rows, positives, value, low, high, gap];
      }),
    ),
  };
}
