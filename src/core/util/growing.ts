/** Collections that grow, and arrays of numbers that are joined and picked. */

export function getOrMake<Key, Value>(
  map: { get(key: Key): Value | undefined; set(key: Key, value: Value): unknown },
  key: Key,
  make: () => Value,
): Value {
  const before = map.get(key);
  if (before !== undefined) return before;
  const value = make();
  map.set(key, value);
  return value;
}

/** Numbers distinct values from 0 in the order of their first occurrence. */
export class Numbering<Value> {
  readonly values: Value[] = [];
  readonly #numbers = new Map<Value, number>();

  of(value: Value): number {
    const before = this.#numbers.get(value);
    if (before !== undefined) return before;
    this.#numbers.set(value, this.values.length);
    return this.values.push(value) - 1;
  }
}

/** Concatenates arrays. @param make creates the result */
export function joinArrays<Values extends Numbers>(
  parts: readonly ArrayLike<number>[],
  make: (length: number) => Values,
): Values {
  const whole = make(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function joinFloats(parts: readonly ArrayLike<number>[]): Float32Array {
  return joinArrays(parts, (length) => new Float32Array(length));
}

export type Numbers = Uint8Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/** The values of some rows, `width` each. @param into an array of that length; default: a new one */
export function pickRows<Values extends Numbers>(
  values: Values,
  rows: Int32Array,
  width = 1,
  into: Values = new (values.constructor as new (length: number) => Values)(rows.length * width),
): Values {
  for (let to = 0; to < rows.length; to++) {
    const from = rows[to]! * width;
    for (let k = 0; k < width; k++) into[to * width + k] = values[from + k]!;
  }
  return into;
}

/**
 * The array, or if it is shorter than `length` a copy of at least twice its length, in shared memory like the array.
 */
export function grown<Values extends Numbers>(values: Values, length: number): Values {
  if (length <= values.length) return values;
  const bytes = Math.max(length, values.length * 2) * values.BYTES_PER_ELEMENT;
  const memory = values.buffer instanceof SharedArrayBuffer ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  const more = new (values.constructor as new (memory: ArrayBufferLike) => Values)(memory);
  more.set(values);
  return more;
}
