/** The response curves and surfaces of a study: how a metric changes over numeric settings, by task and domain. */
import type { ResponsePoint, StudyReport, StudyResponse, StudySurface, TrainedLevel } from "../../ablation/index.js";
import type { Column } from "../column.js";
import { domainColumns } from "../evaluation/index.js";
import { planMark } from "../names/index.js";
import { makeSheet, type Sheet } from "../sheet.js";

/** One row per setting, task and part of the rows: the best value, and how far the curve strays from the model. */
export function studyResponsesSheet(report: StudyReport): Sheet {
  type Row = Omit<StudyResponse, "domain"> & { readonly domain: number };
  return makeSheet<Row>(
    `${planMark(report)}Response to numeric settings: the best value within the trained range, with the values that may be the best`,
    [
      { key: "setting", heading: "setting", kind: "text", value: ({ path }) => path },
      { key: "task", heading: "task", kind: "text", value: ({ tower }) => tower },
      ...domainColumns<Row>(report.domainNames),
      { key: "seeds", heading: "seeds", kind: "count", value: ({ seeds }) => seeds },
      { key: "model_value", heading: "model", kind: "number", value: ({ modelValue }) => modelValue },
      { key: "best", heading: "best", kind: "number", digits: 2, value: ({ best }) => best?.value },
      { key: "best_low", heading: "best from", kind: "number", digits: 2, value: ({ best }) => best?.low },
      { key: "best_high", heading: "best to", kind: "number", digits: 2, value: ({ best }) => best?.high },
      { key: "flat", heading: "flat", kind: "flag", value: ({ flat }) => flat },
      { key: "bound", heading: "within ±", kind: "number", digits: 4, value: ({ bound }) => bound },
    ],
    report.responses.map((response) => ({ ...response, domain: response.domain ?? -1 })),
  );
}

interface Place {
  readonly response: StudyResponse;
  readonly domain: number;
  readonly point: ResponsePoint | null;
  readonly trained: TrainedLevel | null;
}

/** The curves themselves: one row per setting, task, part of the rows, and value, fitted or trained. */
export function studyResponsePointsSheet(report: StudyReport): Sheet {
  return makeSheet<Place>(
    "Curves over numeric settings: differences from the model with the curve's band, and the means of what was trained",
    [
      { key: "setting", heading: "setting", kind: "text", value: ({ response }) => response.path },
      { key: "task", heading: "task", kind: "text", value: ({ response }) => response.tower },
      ...domainColumns<Place>(report.domainNames),
      {
        key: "value",
        heading: "value",
        kind: "number",
        digits: 4,
        value: ({ point, trained }) => (point ?? trained)?.value,
      },
      { key: "trained", heading: "trained", kind: "number", digits: 5, value: ({ trained }) => trained?.mean },
      { key: "curve", heading: "curve", kind: "number", digits: 5, value: ({ point }) => point?.mean },
      { key: "low", heading: "low", kind: "number", digits: 5, value: ({ point }) => point?.low },
      { key: "high", heading: "high", kind: "number", digits: 5, value: ({ point }) => point?.high },
    ],
    report.responses.flatMap((response): Place[] => {
      const rows = { response, domain: response.domain ?? -1 };
      return [
        ...response.trained.map((trained) => ({ ...rows, trained, point: null })),
        ...response.points.map((point) => ({ ...rows, trained: null, point })),
      ];
    }),
  );
}

/** One row per pair of settings, task and part of the rows: the best values, and the box of those that may be the best. */
export function studySurfacesSheet(report: StudyReport): Sheet {
  type Row = Omit<StudySurface, "domain"> & { readonly domain: number };
  const axis = (at: 0 | 1): Column<Row>[] => {
    const [key, name] = (
      [
        ["first", "1st"],
        ["second", "2nd"],
      ] as const
    )[at];
    return [
      { key: `${key}_setting`, heading: `${name} setting`, kind: "text", value: ({ paths }) => paths[at] },
      { key: `${key}_model`, heading: "model", kind: "number", value: ({ modelValues }) => modelValues[at] },
      { key: `${key}_best`, heading: "best", kind: "number", digits: 2, value: ({ best }) => best?.values[at] },
      { key: `${key}_low`, heading: "best from", kind: "number", digits: 2, value: ({ best }) => best?.low[at] },
      { key: `${key}_high`, heading: "best to", kind: "number", digits: 2, value: ({ best }) => best?.high[at] },
    ];
  };
  return makeSheet<Row>(
    `${planMark(report)}Response to pairs of settings: the best values within the trained range, with the box of those that may be the best`,
    [
      { key: "task", heading: "task", kind: "text", value: ({ tower }) => tower },
      ...domainColumns<Row>(report.domainNames),
      { key: "seeds", heading: "seeds", kind: "count", value: ({ seeds }) => seeds },
      ...axis(0),
      ...axis(1),
      { key: "flat", heading: "flat", kind: "flag", value: ({ flat }) => flat },
      { key: "bound", heading: "within ±", kind: "number", digits: 4, value: ({ bound }) => bound },
    ],
    report.surfaces.map((surface) => ({ ...surface, domain: surface.domain ?? -1 })),
  );
}
