/** One metric by task and domain, with the totals over both. */

import type { MatrixCell, MetricMatrix } from "../../metrics/index.js";
import { snakeCase } from "../../util/text/snake-case.js";
import { capital, metricText } from "../names/index.js";
import { makeSheet, type Sheet } from "../sheet.js";

interface Row extends Partial<MatrixCell> {
  readonly task: string;
  readonly domain: string;
}

/** One row per cell of the matrix. */
export function matrixSheet({ metric, tasks, domains, cells }: MetricMatrix): Sheet {
  const { name } = metricText(metric);
  return makeSheet<Row>(
    `${capital(name)} by task and domain`,
    [
      { key: "task", heading: "task", kind: "text", value: ({ task }) => task },
      { key: "domain", heading: "domain", kind: "text", value: ({ domain }) => domain },
      { key: "rows", heading: "rows", kind: "count", value: ({ rows }) => rows ?? 0 },
      { key: "positives", heading: "positives", kind: "count", value: ({ positives }) => positives ?? 0 },
      { key: snakeCase(metric), heading: name, kind: "number", digits: 4, value: ({ value }) => value },
      { key: "low", heading: "low", kind: "number", digits: 4, value: ({ low }) => low },
      { key: "high", heading: "high", kind: "number", digits: 4, value: ({ high }) => high },
      { key: "gap", heading: "gap", kind: "text", value: ({ gap }) => gap },
    ],
    tasks.flatMap((task, t) => domains.map((domain, d) => ({ ...cells[t]?.[d], task, domain }))),
  );
}
