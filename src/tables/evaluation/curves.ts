/** Curves of scores: points, tenths of the rows, histograms and quantiles, by task and domain. */
import type { CurvePoint, Evaluation, ScoreBin, ScoreCurve, TaskCurves } from "../../metrics/index.js";
import type { Column } from "../column.js";
import { domainNames } from "../names/index.js";
import { makeSheet, type Sheet } from "../sheet.js";
import { byTaskAndDomain, domainColumns, type TaskDomain, taskColumns } from "./task-domain.js";

type Cell = TaskDomain<TaskCurves, ScoreCurve>;

interface PointRow extends Cell {
  readonly point: CurvePoint;
}

/** One row per point: ROC, and precision and recall. @param evaluation with curves */
export function curvePointsSheet(evaluation: Evaluation, kind: "roc" | "precision"): Sheet {
  const rows = curveCells(evaluation).flatMap((cell) => cell.value.points.map((point) => ({ ...cell, point })));
  const recall: Column<PointRow> = share("recall", "recall", ({ point, value }) => point.positives / value.positives);
  const roc = [
    ...aucColumns(evaluation),
    share<PointRow>("false_positive_rate", "false positive rate", ({ point, value }) => {
      return (point.rows - point.positives) / (value.rows - value.positives);
    }),
    recall,
  ];
  const precision = [
    number<PointRow>("average_precision", "average precision", ({ value }) => value.averagePrecision?.value),
    number<PointRow>("low", "low", ({ value }) => value.averagePrecision?.low),
    number<PointRow>("high", "high", ({ value }) => value.averagePrecision?.high),
    share<PointRow>("base_rate", "base rate", ({ value }) => value.positives / value.rows),
    recall,
    share<PointRow>("precision", "precision", ({ point }) => point.positives / point.rows),
  ];
  return makeSheet<PointRow>(
    kind === "roc" ? "ROC curves by task and domain" : "Precision and recall by task and domain",
    [
      ...taskColumns<PointRow>(),
      ...domainColumns<PointRow>(domainNames(evaluation), evaluation.by ?? "domain"),
      ...(kind === "roc" ? roc : precision),
      number("threshold", "score at least", ({ point }) => point.threshold, 6),
      { key: "rows", heading: "rows", kind: "count", value: ({ point }) => point.rows },
      { key: "positives", heading: "positives", kind: "count", value: ({ point }) => point.positives },
    ],
    rows,
  );
}

function aucColumns({ tasks }: Evaluation): Column<PointRow>[] {
  const metrics = ({ task, domain }: PointRow) => {
    const evaluated = tasks.find(({ tower }) => tower === task.tower);
    return domain < 0 ? evaluated?.overall : evaluated?.domains[domain];
  };
  return [
    number("auc", "AUC", (row) => metrics(row)?.auc),
    number("auc_low", "low", (row) => metrics(row)?.intervals?.auc?.low),
    number("auc_high", "high", (row) => metrics(row)?.intervals?.auc?.high),
  ];
}

interface DecileRow extends Cell {
  readonly place: number;
}

/** One row per tenth of the rows: its rate, its lift with the interval, and the positive rows up to it. */
export function liftSheet(evaluation: Evaluation): Sheet {
  const base = ({ value }: DecileRow): number => value.positives / value.rows;
  const upTo = ({ value, place }: DecileRow): number =>
    value.deciles.slice(0, place + 1).reduce((sum, { positives }) => sum + positives, 0) / value.positives;
  const rows = curveCells(evaluation).flatMap((cell) => cell.value.deciles.map((_, place) => ({ ...cell, place })));
  return makeSheet<DecileRow>(
    "Lift by tenth of the rows, highest scores first, with 95% Wilson intervals",
    [
      ...taskColumns<DecileRow>(),
      ...domainColumns<DecileRow>(domainNames(evaluation), evaluation.by ?? "domain"),
      { key: "tenth", heading: "tenth", kind: "count", value: ({ place }) => place + 1 },
      number("rows", "rows", ({ value, place }) => value.deciles[place]!.rows, 1),
      number("positives", "positives", ({ value, place }) => value.deciles[place]!.positives, 1),
      share("rate", "rate", ({ value, place }) => value.deciles[place]!.rate),
      number("lift", "lift", (row) => row.value.deciles[row.place]!.rate / base(row), 3),
      number("low", "low", (row) => row.value.deciles[row.place]!.low / base(row), 3),
      number("high", "high", (row) => row.value.deciles[row.place]!.high / base(row), 3),
      share("positives_up_to", "positives up to it", upTo),
    ],
    rows,
  );
}

interface BinRow extends Cell {
  readonly bin: ScoreBin;
}

/** One row per bin of a task's scores, with the rows of each class. */
export function scoreBinsSheet(evaluation: Evaluation): Sheet {
  const rows = curveCells(evaluation).flatMap((cell) => (cell.value.bins ?? []).map((bin) => ({ ...cell, bin })));
  return makeSheet<BinRow>(
    "Scores by class; the first and the last bin hold all rows beyond their edges",
    [
      ...taskColumns<BinRow>(),
      number("from", "from", ({ bin }) => probability(bin.from), 6),
      number("to", "to", ({ bin }) => probability(bin.to), 6),
      { key: "positives", heading: "positives", kind: "count", value: ({ bin }) => bin.positives },
      { key: "negatives", heading: "negatives", kind: "count", value: ({ bin }) => bin.negatives },
      share("positive_share", "of positives", ({ bin, value }) => ratio(bin.positives, value.positives)),
      share("negative_share", "of negatives", ({ bin, value }) => ratio(bin.negatives, value.rows - value.positives)),
    ],
    rows,
  );
}

interface ClassRow extends Cell {
  readonly positive: boolean;
}

/** One row per task, domain and class, with the quantiles of its scores. */
export function scoreQuantilesSheet(evaluation: Evaluation): Sheet {
  const classRows = ({ value, positive }: ClassRow): number =>
    positive ? value.positives : value.rows - value.positives;
  return makeSheet<ClassRow>(
    "Quantiles of scores by task, domain and class",
    [
      ...taskColumns<ClassRow>(),
      ...domainColumns<ClassRow>(domainNames(evaluation), evaluation.by ?? "domain"),
      { key: "class", heading: "class", kind: "text", value: ({ positive }) => (positive ? "positive" : "negative") },
      { key: "rows", heading: "rows", kind: "count", value: classRows },
      ...[5, 25, 50, 75, 95].map((percentile, place) =>
        number<ClassRow>(
          `q${percentile}`,
          `${percentile}%`,
          ({ value, positive }) => (positive ? value.positiveQuantiles : value.negativeQuantiles)?.[place],
          5,
        ),
      ),
    ],
    curveCells(evaluation).flatMap((cell) => [true, false].map((positive) => ({ ...cell, positive }))),
  );
}

/** The probability of log-odds. */
export function probability(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}

/** Each task's curves over all rows, then by domain; a single domain has all rows and is left out. */
function curveCells({ curves = [] }: Evaluation): Cell[] {
  return byTaskAndDomain(curves).filter(({ task, domain }) => domain < 0 || task.domains.length > 1);
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function number<Row>(
  key: string,
  heading: string,
  value: (row: Row) => number | null | undefined,
  digits = 4,
): Column<Row> {
  return { key, heading, kind: "number", digits, value };
}

function share<Row>(key: string, heading: string, value: (row: Row) => number | null): Column<Row> {
  return { key, heading, kind: "share", digits: 2, value };
}
