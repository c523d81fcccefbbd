/** The explanation of one row by positions of its sequences: values, attention weights, and the logits without each. */
import type { ExplainedPosition } from "../../gates/index.js";
import type { Column } from "../column.js";
import type { Cell } from "../format/index.js";
import { makeSheet, type Sheet } from "../sheet.js";

/** A position with the row's values there. */
export interface PositionValues extends ExplainedPosition {
  /** By feature; a feature whose list is shorter has none. */
  readonly values: Readonly<Record<string, Cell>>;
}

/** One row per position, in the order of the sequences. @param towers names of the tasks' towers */
export function positionsSheet(row: number, towers: readonly string[], positions: readonly PositionValues[]): Sheet {
  const features = [...new Set(positions.flatMap((position) => position.features))];
  const encoders = [...new Set(positions.flatMap(({ weights }) => weights.map(({ encoder }) => encoder)))];
  return makeSheet<PositionValues>(
    `Positions of the sequences of row ${row}: their weights, and the change of a logit without the position`,
    [
      { key: "sequence", heading: "sequence", kind: "text", value: ({ sequence }) => sequence },
      { key: "position", heading: "position", kind: "count", value: ({ position }) => position },
      ...features.map(
        (name): Column<PositionValues> => ({
          key: name,
          heading: shortName(name, positions),
          kind: "any",
          value: ({ values }) => values[name],
        }),
      ),
      ...encoders.map(
        (name): Column<PositionValues> => ({
          key: `weight_${name}`,
          heading: `weight, ${name}`,
          kind: "number",
          digits: 3,
          value: ({ weights }) => weights.find(({ encoder }) => encoder === name)?.weight,
        }),
      ),
      ...towers.map(
        (tower, task): Column<PositionValues> => ({
          key: `delta_logit_${tower}_without`,
          heading: `Δ${tower} logit without it`,
          kind: "number",
          digits: 3,
          value: ({ without }) => without[task],
        }),
      ),
    ],
    positions,
  );
}

/** Without the name of the sequence, if all positions are of one. */
function shortName(feature: string, positions: readonly PositionValues[]): string {
  const sequences = new Set(positions.map(({ sequence }) => sequence));
  const [sequence] = sequences;
  const prefix = `${sequence}__`;
  return sequences.size === 1 && feature.startsWith(prefix) ? feature.slice(prefix.length) : feature;
}
