/** Pieces of a thread's share: fewer rows per run stay closer to the processor and take less memory. */
import type { Batch } from "../../../data/encoded/index.js";

/**
 * Maximum rows of a piece. Every run packs the weights again and returns gradients as large as the model, which is
 * worse for fewer rows: for 4,096 rows of bench's *tasks*, pieces of 1,024 take as long as a single piece, and
 * pieces of 2,048 take 10% less.
 */
export const pieceRows = 2048;

/** As few consecutive pieces as possible, each as large as possible; one empty piece without rows. */
export function splitPieces(share: Batch, most: number): Batch[] {
  const { data, rows } = share;
  const count = Math.ceil(rows.length / most);
  if (count <= 1) return [share];
  const bound = (piece: number) => Math.floor((rows.length * piece) / count);
  return Array.from({ length: count }, (_, piece) => ({ data, rows: rows.subarray(bound(piece), bound(piece + 1)) }));
}
