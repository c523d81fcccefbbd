/** The curves of trained models over gamma, and on them a dial's position: one trained model with its gates scaled. */
import type { StudyReport, StudyResponse } from "../../ablation/index.js";
import { ALL_ROWS, bestText, metricName, planMark, studyResponsePointsSheet, taskName } from "../../tables/index.js";
import { signed } from "../../util/text/format.js";
import type { Chart, PlotlyTrace } from "../figure.js";
import { dots, rule } from "../marks/index.js";
import { chart, panelRows } from "../panels/index.js";
import { INK, inTitle, markup, rounded, sentence } from "../theme/index.js";
import { differencesRange, responsePanel } from "./responses.js";

/** Where a dial is. */
export interface DialPosition {
  readonly tower: string;
  /** Index of the domain; `null`: all rows. */
  readonly domain: number | null;
  readonly gammas: { readonly epnet: number | null; readonly ppnet: number | null };
  /** The scaled model's metric minus the trained model's; `null`: the dial does not compute the study's metric. */
  readonly difference: number | null;
}

/** The curves of one task and domain over the gammas, with the dial's position. */
export function dialResponsesChart(report: StudyReport, position: DialPosition): Chart {
  const { tower, domain, difference } = position;
  const curves = report.responses.filter((each) => {
    return gammaAt(each, position) !== null && each.tower === tower && each.domain === domain;
  });
  const task = report.tasks.find((each) => each.tower === tower)!;
  const [low, high] = differencesRange(curves);
  const range = [Math.min(low, difference ?? low), Math.max(high, difference ?? high)] as const;
  const panels = curves.map((response, at) => {
    const panel = responsePanel(report, response, range, at === 0);
    return { ...panel, marks: [...panel.marks, ...positionMarks(response, position, range, at === 0)] };
  });
  const part = `${taskName(task)}, ${domain === null ? ALL_ROWS : report.domainNames[domain]!}`;
  const change = difference === null ? null : `scaled gates change ${metricName(task)} by ${signed(difference, 4)}`;
  return chart({
    title:
      planMark(report) +
      sentence([
        `${inTitle(part)}: ${change ?? "the dial has no value of the study's metric"}`,
        ...curves.map(trainedText),
      ]),
    rows: panelRows(panels, { across: 2, height: 190, empty: `the study has no curve over gamma for ${part}` }),
    sheet: studyResponsePointsSheet({ ...report, responses: curves }),
  });
}

function trainedText(response: StudyResponse): string {
  return `trained over ${response.path}: ${bestText(response)}`;
}

function gammaAt({ path }: StudyResponse, { gammas }: DialPosition): number | null {
  if (path === "epnet.gamma") return gammas.epnet;
  return path === "ppnet.gamma" ? gammas.ppnet : null;
}

/** A line at the dial's gamma, and a cross at its difference. */
function positionMarks(
  response: StudyResponse,
  position: DialPosition,
  range: readonly [number, number],
  inLegend: boolean,
): PlotlyTrace[] {
  const gamma = gammaAt(response, position)!;
  const { difference } = position;
  const legend = { name: "dial: gates scaled", group: "dial", inLegend };
  return [
    rule({ from: [gamma, range[0]], to: [gamma, range[1]] }),
    dots({
      x: [gamma],
      y: [difference === null ? null : rounded(difference)],
      color: INK,
      symbol: "x-thin-open",
      size: 12,
      outline: { color: INK, width: 3 },
      legend,
      hover: markup`the trained model with its gates scaled<br>${response.path} ${String(gamma)}: ${difference === null ? "no value" : signed(difference, 4)}`,
    }),
  ];
}
