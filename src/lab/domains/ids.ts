/** A score test of a table with a column of many values: do clusters within one cell agree more than by chance? */
import type { Work } from "../../core/util/turns.js";
import { type Cells, cellsOf, clusterCount, type Entries, entriesOf, prior, type Residuals, sumsBy } from "./cells.js";
import type { Clustering, GroupedField } from "./evidence.js";
import type { Field } from "./floor.js";
import type { Moments, QuadraticScore } from "./rao-scott.js";

/** Share of the variance that comes from pairs of clusters within one cell; with less, nothing can be told. */
const leastShared = 0.25;
/** A cluster's squared sums count at most this many times. */
const leastRest = 0.01;
/** The share of the expected score that approximations may leave out: with very many ids it would be beyond noise. */
const tolerance = 0.01;
const tiny = 1e-9;

/** The cells of a table, after removing the main effect of each id from the rows' contributions. */
interface IdCells extends Cells {
  readonly weights: Float64Array;
  /** Of each id. */
  readonly ofId: Float64Array;
  /** 1 / (weight + prior), by cell. */
  readonly metric: Float64Array;
  /** Of the id's weight, by cell. */
  readonly shares: Float64Array;
  /** Σ over the cells of an id of metric × share². */
  readonly spreads: Float64Array;
  /** The part of the cell's variance that remains after the main effect of its other value. */
  readonly left: Float64Array;
}

export function* idTest(
  few: Field,
  many: GroupedField,
  rows: Residuals,
  clusterings: readonly Clustering[],
): Work<QuadraticScore> {
  const cells = idCells(few, many, rows);
  const { metric, shares } = cells;
  const size = cells.few.length;
  yield;
  const sums = sumsBy(cells.of, rows.residuals, size);
  const ofId = sumsBy(cells.many, sums, many.levels);
  const effect = sums.map((sum, cell) => (sum - shares[cell]! * ofId[cells.many[cell]!]!) * metric[cell]!);
  const score = effect.reduce((total, each, cell) => total + each ** 2 / metric[cell]!, 0);
  // Around the effects of ids and cells: of the id without a penalty, so that what this took of a row is known.
  const residuals = rows.residuals.map((each, row) => {
    const cell = cells.of[row]!;
    const id = cells.many[cell]!;
    return each - rows.weights[row]! * (effect[cell]! + ofId[id]! / Math.max(cells.ofId[id]!, tiny));
  });
  const moments: Moments[] = [];
  for (const { groups } of clusterings) {
    yield;
    const entries = entriesOf(cells, { residuals, weights: rows.weights }, groups);
    restore(entries, cells);
    moments.push(yield* momentsOf(entries, cells));
  }
  return { score, moments };
}

function idCells(few: Field, many: GroupedField, rows: Residuals): IdCells {
  const cells = cellsOf(few, many);
  const weights = sumsBy(cells.of, rows.weights, cells.few.length);
  const [ofFew, ofId] = [cells.few, cells.many].map((codes, side) => sumsBy(codes, weights, cells.levels[side]!));
  const metric = weights.map((weight) => 1 / (weight + prior));
  const shares = weights.map((weight, cell) => weight / Math.max(ofId![cells.many[cell]!]!, tiny));
  const spreads = sumsBy(
    cells.many,
    shares.map((share, cell) => share ** 2 * metric[cell]!),
    many.levels,
  );
  const left = weights.map((weight, cell) => Math.max(0, 1 - weight / Math.max(ofFew![cells.few[cell]!]!, tiny)));
  return { ...cells, weights, ofId: ofId!, metric, shares, spreads, left };
}

/** The expected score contributed by one unit of score in a cell. */
function spreadOf({ metric, shares, spreads, left, many }: IdCells, cell: number): number {
  return (spreads[many[cell]!]! + (1 - 2 * shares[cell]!) * metric[cell]!) * left[cell]!;
}

/**
 * Divides the sums by the part that the effects of their cell and id, which they are in, have left of them. It is exact
 * where rows are independent, and where clusters of one size share effects; a cluster much larger than the others of its id
 * counts as if the effects had been estimated without it.
 */
function restore({ starts, cell, sums, weights, rows }: Entries, cells: IdCells): void {
  const { metric, many, ofId, weights: ofCell } = cells;
  const { inId, squares } = weightsInIds(starts, cell, weights, cells);
  for (let at = 0; at < cell.length; at++) {
    const [here, weight, whole] = [cell[at]!, weights[at]!, inId[at]!];
    const id = many[here]!;
    const byCell = metric[here]!;
    const byId = (prior * metric[here]!) / Math.max(ofId[id]!, tiny);
    const left = (1 - byCell * weight - byId * whole) ** 2;
    const otherSize = (squares[id]! - whole ** 2) / Math.max(ofId[id]! - whole, tiny);
    const size = Math.min(weight, Math.max(weight / rows[at]!, otherSize));
    const others = (ofCell[here]! - weight) * (byCell + byId) ** 2 + Math.max(0, ofId[id]! - ofCell[here]!) * byId ** 2;
    sums[at]! /= Math.sqrt(Math.max(left + size * others, leastRest));
  }
}

/** The weight that a cluster has in the id of an entry, by entry; and Σ of its squares over clusters, by id. */
function weightsInIds(starts: Int32Array, cell: Int32Array, weights: Float64Array, { many, ofId }: IdCells) {
  const inId = new Float64Array(cell.length);
  const squares = new Float64Array(ofId.length);
  const totals = new Float64Array(ofId.length);
  for (let group = 0; group + 1 < starts.length; group++) {
    const [start, end] = [starts[group]!, starts[group + 1]!];
    for (let at = start; at < end; at++) totals[many[cell[at]!]!]! += weights[at]!;
    for (let at = start; at < end; at++) {
      const id = many[cell[at]!]!;
      inId[at] = totals[id]!;
      // Σ over the cluster's cells of weight × whole = whole².
      squares[id]! += weights[at]! * totals[id]!;
    }
    for (let at = start; at < end; at++) totals[many[cell[at]!]!] = 0;
  }
  return { inId, squares };
}

function* momentsOf(entries: Entries, cells: IdCells): Work<Moments> {
  const { cell, sums } = entries;
  let mean = 0;
  for (let at = 0; at < cell.length; at++) mean += sums[at]! ** 2 * spreadOf(cells, cell[at]!);
  const squares = yield* sharedSquares(entries, cells);
  return { mean: mean * (1 + tolerance), squares, clusters: clusterCount(entries, cells.metric) };
}

/**
 * Σ over pairs of clusters of their products' squares. A cluster with itself is in the score and in what is expected of
 * it alike: it hardly varies. Where little else is there, no two clusters share a cell, and what is left is rounding: 0.
 */
function* sharedSquares(entries: Entries, cells: IdCells): Work<number> {
  const { starts, cell } = entries;
  const size = cells.few.length;
  const sums = entries.sums.map((sum, at) => sum * Math.sqrt(spreadOf(cells, cell[at]!)));
  const inCells = new Float64Array(size);
  const variances = new Float64Array(size);
  let fourth = 0;
  for (let at = 0; at < cell.length; at++) {
    inCells[cell[at]!]! += sums[at]! ** 2;
    variances[cell[at]!]! += entries.sums[at]! ** 2;
    fourth += sums[at]! ** 4;
  }
  const squares = inCells.reduce((sum, each) => sum + each ** 2, 0);
  if (1 - fourth / Math.max(squares, 1e-30) <= leastShared) return 0;
  const across = acrossCells(variances, cells) / (squares - fourth);
  const ofClusters: Sparse = { starts, index: cell, values: sums };
  const ofCells = transposed(ofClusters, size);
  // Σ over clusters g ≠ h of (g · h)², by its pairs of clusters or of cells, whichever are fewer.
  if (pairsOf(ofCells) < pairsOf(ofClusters)) return (1 + across) * (yield* offDiagonal(ofClusters, ofCells));
  let alone = 0;
  for (let group = 0; group + 1 < starts.length; group++) {
    let square = 0;
    for (let at = starts[group]!; at < starts[group + 1]!; at++) square += sums[at]! ** 2;
    alone += square ** 2;
  }
  return (1 + across) * Math.max(0, squares - alone + (yield* offDiagonal(ofCells, ofClusters)));
}

/** Two cells of one id vary together, since its main effect is taken out: Σ of their squared products. */
function acrossCells(variances: Float64Array, { many, metric, shares, spreads, left }: IdCells): number {
  let total = 0;
  for (let start = 0; start < many.length; ) {
    let end = start + 1;
    while (end < many.length && many[end] === many[start]) end++;
    for (let i = start; i < end; i++) {
      for (let j = start; j < end; j++) {
        if (i === j) continue;
        const product = spreads[many[i]!]! - shares[i]! * metric[i]! - shares[j]! * metric[j]!;
        total += product ** 2 * variances[i]! * left[i]! * variances[j]! * left[j]!;
      }
    }
    start = end;
  }
  return total;
}

/** A sparse matrix, line by line. */
interface Sparse {
  readonly starts: Int32Array;
  readonly index: Int32Array;
  readonly values: Float64Array;
}

function pairsOf({ starts }: Sparse): number {
  let total = 0;
  for (let at = 0; at + 1 < starts.length; at++) total += (starts[at + 1]! - starts[at]!) ** 2;
  return total;
}

function transposed({ starts: lines, index: columns, values }: Sparse, count: number): Sparse {
  const starts = new Int32Array(count + 1);
  for (const column of columns) starts[column + 1]! += 1;
  for (let column = 0; column < count; column++) starts[column + 1]! += starts[column]!;
  const next = starts.slice(0, count);
  const turned = { starts, index: new Int32Array(columns.length), values: new Float64Array(columns.length) };
  for (let line = 0; line + 1 < lines.length; line++) {
    for (let at = lines[line]!; at < lines[line + 1]!; at++) {
      const to = next[columns[at]!]!++;
      turned.index[to] = line;
      turned.values[to] = values[at]!;
    }
  }
  return turned;
}

const linesPerTurn = 256;

/** Σ over two lines of the square of their product. @param columns the transpose of `lines` */
function* offDiagonal(lines: Sparse, columns: Sparse): Work<number> {
  const products = new Float64Array(lines.starts.length - 1);
  let total = 0;
  for (let line = 0; line + 1 < lines.starts.length; line++) {
    if (line % linesPerTurn === 0) yield;
    const touched: number[] = [];
    for (let at = lines.starts[line]!; at < lines.starts[line + 1]!; at++) {
      const column = lines.index[at]!;
      for (let other = columns.starts[column]!; other < columns.starts[column + 1]!; other++) {
        const index = columns.index[other]!;
        if (index <= line) continue;
        if (products[index] === 0) touched.push(index);
        products[index]! += lines.values[at]! * columns.values[other]!;
      }
    }
    for (const index of touched) {
      total += products[index]! ** 2;
      products[index] = 0;
    }
  }
  return 2 * total;
}
