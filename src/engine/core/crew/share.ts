export interface SharePiece {
  /** Rows of the data, in the batch's order. */
  readonly rows: Int32Array;
  /** For each arranged row, its index in the piece. */
  readonly order: Int32Array;
  /** By matrix (groups, queries, sequences): [rows, dim], rows as arranged. */
  readonly groups: ReadonlyMap<string, Float32Array>;
}

export interface Share {
  readonly pieces: readonly SharePiece[];
  /** A dense parameter's gradient; the member that trains the parameter may overwrite it. */
  dense(name: string): Float32Array | undefined;
  readonly losses: ArrayLike<number>;
}
