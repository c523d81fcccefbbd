/** The rows of a dial whose logit changes most between two states. */
import type { MovedRow } from "../../../views/index.js";
import type { DialParts, DialState } from "./state.js";

/** Which rows. */
export interface MovedRowsQuestion {
  /** Number of the tower. */
  readonly place: number;
  /** Number of the domain; `null`: all. */
  readonly group: number | null;
  readonly count: number;
}

/** The rows, largest change first. */
export function movedRows(
  { data, numbers, subject }: Pick<DialParts<unknown>, "data" | "numbers" | "subject">,
  [before, now]: readonly [DialState, DialState],
  { place, group, count }: MovedRowsQuestion,
): readonly MovedRow[] {
  const [first, second] = [before.predictions[place]!, now.predictions[place]!];
  const classes = subject.spec.towers[place]!.numClass;
  const last = (values: Float32Array, row: number): number => values[(row + 1) * classes - 1]!;
  const all = Array.from(numbers, (row, at) => ({
    row,
    at,
    change: last(second.logits, at) - last(first.logits, at),
  })).filter(({ at }) => group === null || data.domains?.[at] === group);
  all.sort((a, b) => Math.abs(b.change) - Math.abs(a.change) || a.row - b.row);
  const { domainNames } = now.evaluation;
  return all.slice(0, count).map(({ row, at, change }) => ({
    row,
    domain: data.domains ? domainNames[data.domains[at]!]! : null,
    trained: last(first.probabilities, at),
    scaled: last(second.probabilities, at),
    change,
  }));
}
