/** Rows are gathered outside the graph, so that a step's time and memory do not grow with the vocabulary. */
import { preloadInts } from "../simd/preload.js";

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

  /** Replaces rows by the indices of their gradients; negative ones remain. May replace the array `gradient`. */
  gradientPlaces(rows: Int32Array, count: number): void {
    while (this.touchedCount + count > this.touched.length) this.#grow();
    this.#place ??= new Int32Array(this.rows);
    const places = this.#place;
    preloadInts(places, rows, count);
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (row >= 0) rows[i] = this.#gradientPlace(row, places);
    }
  }

  #gradientPlace(row: number, places: Int32Array): number {
    const entry = places[row]!;
    if (entry !== 0) return entry - 1;
    const place = this.touchedCount++;
    this.touched[place] = row;
    places[row] = place + 1;
    const { gradient, dim } = this;
    for (let at = place * dim; at < (place + 1) * dim; at++) gradient[at] = 0;
    return place;
  }

  scaleGradient(factor: number): void {
    const { gradient } = this;
    for (let i = 0; i < this.touchedCount * this.dim; i++) gradient[i] = gradient[i]! * factor;
  }

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
