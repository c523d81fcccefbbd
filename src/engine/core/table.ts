/**
 * Embedding tables, outside the graph: rows are gathered into a group's matrix, and the gradient of that matrix comes
 * back and is summed by touched row. No work or memory of a step grows with the vocabulary.
 */

/** A table with the gradient of the rows that a step touched. */
export class EmbeddingTable {
  readonly name: string;
  readonly rows: number;
  readonly dim: number;
  /** [rows, dim] */
  readonly values: Float32Array;
  /** Rows that have a gradient, in the order in which they were first touched; valid up to `touchedCount`. */
  touched: Int32Array = new Int32Array(0);
  touchedCount = 0;
  /** [touchedCount, dim] */
  gradient: Float32Array = new Float32Array(0);
  /** For each row, its place in `touched` + 1, or 0. Allocated at the first step; only touched entries are reset. */
  #place: Int32Array | null = null;

  constructor(name: string, rows: number, dim: number, values: Float32Array) {
    this.name = name;
    this.rows = rows;
    this.dim = dim;
    this.values = values;
  }

  /** Adds scale · source[from … from + dim) to the gradient of a row. */
  accumulate(row: number, source: Float32Array, from: number, scale: number): void {
    this.#place ??= new Int32Array(this.rows);
    let place = this.#place[row] as number;
    if (place === 0) {
      if (this.touchedCount === this.touched.length) this.#grow();
      this.touched[this.touchedCount++] = row;
      place = this.touchedCount;
      this.#place[row] = place;
      this.gradient.fill(0, (place - 1) * this.dim, place * this.dim);
    }
    const { gradient, dim } = this;
    const base = (place - 1) * dim;
    if (scale === 1)
      for (let j = 0; j < dim; j++) gradient[base + j] = (gradient[base + j] as number) + (source[from + j] as number);
    else
      for (let j = 0; j < dim; j++)
        gradient[base + j] = (gradient[base + j] as number) + scale * (source[from + j] as number);
  }

  /** Multiplies the gradient. */
  scaleGradient(factor: number): void {
    const { gradient } = this;
    for (let i = 0; i < this.touchedCount * this.dim; i++) gradient[i] = (gradient[i] as number) * factor;
  }

  /** Forgets the gradient. */
  clear(): void {
    if (this.#place !== null) for (let i = 0; i < this.touchedCount; i++) this.#place[this.touched[i] as number] = 0;
    this.touchedCount = 0;
  }

  #grow(): void {
    const capacity = Math.max(1024, this.touched.length * 2);
    const touched = new Int32Array(capacity);
    touched.set(this.touched);
    const gradient = new Float32Array(capacity * this.dim);
    gradient.set(this.gradient);
    this.touched = touched;
    this.gradient = gradient;
  }
}
