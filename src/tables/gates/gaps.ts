/** What a gates report cannot show. */
import type { GatesReport } from "../../gates/index.js";
import { makeSheet, type Sheet } from "../sheet.js";

/** One row per gap, with its reason. */
export function gateGapsSheet({ gaps }: GatesReport): Sheet {
  return makeSheet(
    "What this report cannot show",
    [
      { key: "what", heading: "what", kind: "text", value: ({ what }) => what },
      { key: "reason", heading: "reason", kind: "text", value: ({ reason }) => reason },
    ],
    gaps,
  );
}
