/**
 * A thread computes its share of a batch in pieces, one run of the program each, and sums their gradients: what the
 * program keeps of fewer rows stays nearer to the processor, and takes less memory.
 */
import type { Batch } from "../../../data/encoded/index.js";

/**
 * Most rows of a piece. Every run packs the weights anew and gives gradients as large as the model, which fewer rows
 * bear less well: of 4,096 rows of bench's *tasks*, pieces of 1,024 cost as much as one of all, pieces of 2,048 a tenth
 * less.
 */
export const pieceRows = 2048;

/** As few pieces as can be, one after the other, of as many rows each as can be; of no rows, one piece. */
export function piecesOf(share: Batch, most: number): Batch[] {
  const { data, rows } = share;
  const count = Math.ceil(rows.length / most);
  if (count <= 1) return [share];
  const bound = (piece: number) => Math.floor((rows.length * piece) / count);
  return Array.from({ length: count }, (_, piece) => ({ data, rows: rows.subarray(bound(piece), bound(piece + 1)) }));
}
