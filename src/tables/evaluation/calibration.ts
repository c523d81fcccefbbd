/** Calibration curves: predicted and observed rates by task, domain and bin. */
import type { CalibrationBin, CalibrationReport, TaskCalibration } from "../../metrics/index.js";
import { percent } from "../../util/text/format.js";
import type { Column } from "../column.js";
import { namesByDomain } from "../names/index.js";
import { makeSheet, type Sheet } from "../sheet.js";
import { byTaskAndDomain, domainColumns, taskColumns } from "./task-domain.js";

interface Row {
  readonly task: TaskCalibration;
  readonly domain: number;
  readonly place: number;
  readonly bin: CalibrationBin;
}

/** One row per bin. */
export function calibrationSheet({ tasks, level, domainNames }: CalibrationReport): Sheet {
  const rate = (key: Exclude<keyof CalibrationBin, "rows">): Column<Row> => {
    return { key, heading: key, kind: "number", digits: 4, value: ({ bin }) => bin[key] };
  };
  return makeSheet<Row>(
    `Predicted and observed rates by bin, with ${percent(level)} Wilson intervals`,
    [
      ...taskColumns<Row>(),
      ...domainColumns<Row>(namesByDomain(domainNames, tasks)),
      { key: "bin", kind: "count", value: ({ place }) => place },
      { key: "rows", heading: "rows", kind: "count", value: ({ bin }) => bin.rows },
      ...(["from", "to", "predicted", "observed", "low", "high"] as const).map(rate),
    ],
    byTaskAndDomain(tasks).flatMap(({ task, domain, value }) =>
      value.bins.map((bin, place) => ({ task, domain, place, bin })),
    ),
  );
}
