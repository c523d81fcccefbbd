/**
 * The units of a bootstrap: rows, or users with all their rows; large cells are sampled.
 */
import { random } from "../../util/random.js";

/**
 * The maximum number of rows of all cells together per draw. Cells share it: a cell with fewer rows than its share
 * is used completely, the others are sampled down to the share.
 */
export const drawnRows = 4_000_000;

/** The units of some cells. */
export interface DrawUnits {
  readonly count: number;
  /** The unit of each row, by row number; negative if the row is in no cell's sample. */
  readonly of: Int32Array;
  /** By cell: its rows, or the rows of its sample. */
  readonly cells: readonly Int32Array[];
  /** The maximum number of rows of a sampled cell; `null`: no cell is sampled. */
  readonly sampledRows: number | null;
}

/**
 * @param rows of the data
 * @param users by row number; each negative row counts as a separate user; `null`: rows are drawn
 * @param cells row numbers of each
 */
export function drawUnits(
  rows: number,
  users: Int32Array | null,
  cells: readonly Int32Array[],
  seed: number,
  most: number = drawnRows,
): DrawUnits {
  const { of, count } = numberUnits(rows, users);
  const share = fairShare(
    cells.map((cell) => cell.length),
    most,
  );
  if (cells.every((cell) => cell.length <= share)) return { count, of, cells, sampledRows: null };
  const source = random(seed).fork("bootstrap sample");
  const chances = Float32Array.from({ length: count }, source.uniform);
  const sampledCells = cells.map((cell) =>
    cell.length <= share ? cell : cell.filter((row) => chances[of[row]!]! * cell.length < share),
  );
  return { ...renumbered(of, sampledCells), cells: sampledCells, sampledRows: share };
}

function numberUnits(rows: number, users: Int32Array | null): { of: Int32Array; count: number } {
  const of = new Int32Array(rows);
  let count = users === null ? 0 : users.reduce((most, user) => Math.max(most, user + 1), 0);
  for (let row = 0; row < rows; row++) {
    const user = users === null ? -1 : users[row]!;
    of[row] = user >= 0 ? user : count++;
  }
  return { of, count };
}

/** The largest share for which all cells together have at most `most` rows. */
function fairShare(sizes: readonly number[], most: number): number {
  const ascending = [...sizes].sort((a, b) => a - b);
  let left = most;
  for (const [place, size] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - place));
    if (size > share) return share;
    left -= size;
  }
  return Number.POSITIVE_INFINITY;
}

function renumbered(units: Int32Array, cells: readonly Int32Array[]): { of: Int32Array; count: number } {
  const numbers = new Map<number, number>();
  const of = new Int32Array(units.length).fill(-1);
  for (const cell of cells) {
    for (const row of cell) {
      const unit = units[row]!;
      const number = numbers.get(unit) ?? numbers.size;
      numbers.set(unit, number);
      of[row] = number;
    }
  }
  return { of, count: numbers.size };
}
