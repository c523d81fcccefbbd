/** Calibration curves: predicted and observed rates by task, domain and bin. */
import type {
  CalibrationBin,
  CalibrationCurve,
  CalibrationRatio,
  CalibrationReport,
  TaskCalibration,
} from "../../metrics/index.js";
import { percent } from "../../util/text/format.js";
import type { Column } from "../column.js";
import { namesByDomain } from "../names/index.js";
import { makeSheet, type Sheet } from "../sheet.js";
import { byTaskAndDomain, domainColumns, taskColumns } from "./task-domain.js";

interface Row {
  readonly task: TaskCalibration;
  readonly domain: number;
  readonly place: number;
  readonly curve: CalibrationCurve;
  readonly bin: CalibrationBin;
}

/** One row per bin. */
export function calibrationSheet({ tasks, level, domainNames }: CalibrationReport): Sheet {
  const rate = (key: Exclude<keyof CalibrationBin, "rows">): Column<Row> => {
    return { key, heading: key, kind: "number", digits: 4, value: ({ bin }) => bin[key] };
  };
  const ratio = (key: Exclude<keyof CalibrationRatio, "isBeyondNoise">, heading: string): Column<Row> => {
    return {
      key: `${heading.replace(" ", "_")}`,
      heading,
      kind: "number",
      digits: 3,
      value: ({ curve }) => curve.ratio?.[key],
    };
  };
  return makeSheet<Row>(
    `Predicted and observed rates by bin, with ${percent(level)} Wilson intervals; ratios of all rows of the line, with intervals that hold at once`,
    [
      ...taskColumns<Row>(),
      ...domainColumns<Row>(namesByDomain(domainNames, tasks)),
      ratio("value", "ratio"),
      ratio("low", "ratio low"),
      ratio("high", "ratio high"),
      { key: "bin", kind: "count", value: ({ place }) => place },
      { key: "rows", heading: "rows", kind: "count", value: ({ bin }) => bin.rows },
      ...(["from", "to", "predicted", "observed", "low", "high"] as const).map(rate),
    ],
    byTaskAndDomain(tasks).flatMap(({ task, domain, value }) =>
      value.bins.map((bin, place) => ({ task, domain, place, curve: value, bin })),
    ),
  );
}
