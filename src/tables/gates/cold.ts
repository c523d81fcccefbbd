/** Gates of rows with ids that are rare in training, compared with the other rows. */
import type { ColdGates, GatesReport } from "../../gates/index.js";
import type { Column } from "../column.js";
import { makeSheet, type Sheet } from "../sheet.js";
import { siteColumns } from "./statistics.js";

interface Row {
  readonly gate: ColdGates;
}

/** One row per gate and id feature. */
export function coldGatesSheet({ cold }: GatesReport): Sheet {
  const number = (key: string, heading: string, value: (gate: ColdGates) => number | null): Column<Row> => {
    return { key, heading, kind: "number", digits: 4, value: ({ gate }) => value(gate) };
  };
  return makeSheet<Row>(
    "Gates of rows whose id training rarely saw, against the others",
    [
      ...siteColumns<Row>(),
      { key: "field", heading: "field", kind: "text", value: ({ gate }) => gate.field },
      { key: "fewer_than", heading: "cold below (training rows)", kind: "count", value: ({ gate }) => gate.fewerThan },
      { key: "cold_rows", heading: "cold rows", kind: "count", value: ({ gate }) => gate.coldRows },
      { key: "warm_rows", heading: "warm rows", kind: "count", value: ({ gate }) => gate.warmRows },
      number("cold_mean", "cold mean", ({ coldMean }) => coldMean),
      number("warm_mean", "warm mean", ({ warmMean }) => warmMean),
      number("cold_std", "cold std", ({ coldStd }) => coldStd),
      number("warm_std", "warm std", ({ warmStd }) => warmStd),
    ],
    cold.map((gate) => ({ gate })),
  );
}
