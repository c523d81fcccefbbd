/** The findings of a data check. */
import type { Finding, TableCheck } from "../../data/index.js";
import { count } from "../../util/text/format.js";
import { makeSheet, type Sheet } from "../sheet.js";
import { shareOfRows } from "./columns.js";

/** One row per finding, errors first. */
export function findingsSheet({ findings, rows, source }: TableCheck): Sheet {
  return makeSheet<Finding>(
    `${count(rows, "row")}, ${source}`,
    [
      { key: "severity", heading: "severity", kind: "text", value: ({ severity }) => severity },
      { key: "path", heading: "place", kind: "text", value: ({ path }) => path },
      { key: "message", heading: "message", kind: "text", value: ({ message }) => message },
      { key: "rows", heading: "rows", kind: "count", value: (finding) => finding.rows },
      { key: "share", heading: "share", kind: "share", digits: 1, value: (finding) => shareOfRows(finding.rows, rows) },
      { key: "example", heading: "example", kind: "text", value: ({ examples: [first] }) => first?.value },
      { key: "expected", heading: "expected", kind: "text", value: ({ expected }) => expected },
      { key: "fix", heading: "fix", kind: "text", value: ({ fix }) => fix },
    ],
    findings,
  );
}
