/**
 * Embedding tables, outside the graph: rows are gathered into a group's matrix, and the gradient of that matrix is
 * summed by touched row. The time and memory of a step do not grow with the vocabulary.
 */
import { preloadInts } from "../simd/preload.js";

/** A table with the gradients of the rows touched in a step. */
export class EmbeddingTable {
  readonly name: string;
  readonly rows: number;
  readonly dim: number;
  /** [rows, dim] */
  readonly values: Float32Array;
  /** Rows with a gradient, in the order of their first touch; valid up to `touchedCount`. */
  touched: Int32Array = new Int32Array(0);
  touchedCount = 0;
  /** [touchedCount, dim] */
  gradient: Float32Array = new Float32Array(0);
  /** For each row, its index in `touched` + 1, or 0. Allocated at the first step; only touched entries are reset. */
  #place: Int32Array | null = null;

  constructor(name: string, rows: number, dim: number, values: Float32Array) {
    this.name = name;
    this.rows = rows;
    this.dim = dim;
    this.values = values;
  }

  /** Makes room for the gradients of further rows; may replace the array `gradient`. */
  reserve(rows: number): void {
    while (this.touchedCount + rows > this.touched.length) this.#grow();
  }

  /** The index of a row's gradient in `gradient`; a new row starts with zeros. There must be room. */
  gradientPlace(row: number): number {
    this.#place ??= new Int32Array(this.rows);
    const entry = this.#place[row]!;
    if (entry !== 0) return entry - 1;
    const place = this.touchedCount++;
    this.touched[place] = row;
    this.#place[row] = place + 1;
    const { gradient, dim } = this;
    for (let at = place * dim; at < (place + 1) * dim; at++) gradient[at] = 0;
    return place;
  }

  /** Replaces rows by {@link gradientPlace}; negative ones remain. */
  gradientPlaces(rows: Int32Array, count: number): void {
    this.#place ??= new Int32Array(this.rows);
    preloadInts(this.#place, rows, count);
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (row >= 0) rows[i] = this.gradientPlace(row);
    }
  }

  /** Adds scale · values to the gradient of a row. */
  accumulate(row: number, values: Float32Array, scale: number): void {
    this.reserve(1);
    const base = this.gradientPlace(row) * this.dim;
    const { gradient, dim } = this;
    for (let j = 0; j < dim; j++) {
      gradient[base + j] = gradient[base + j]! + scale * values[j]!;
    }
  }

  /** Multiplies the gradient. */
  scaleGradient(factor: number): void {
    const { gradient } = this;
    for (let i = 0; i < this.touchedCount * this.dim; i++) gradient[i] = gradient[i]! * factor;
  }

  /** Clears the gradient. */
  clear(): void {
    if (this.#place !== null) for (let i = 0; i < this.touchedCount; i++) this.#place[this.touched[i]!] = 0;
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
