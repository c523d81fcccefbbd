/**
 * Converts 16-bit floats to float32, which holds each of their values.
 */

/** Converts IEEE half precision (F16): 1 sign bit, 5 bits of exponent, 10 of fraction. */
export function floatsOfHalves(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, floatOfHalf);
}

/** Converts bfloat16 (BF16): the upper half of a float32. */
export function floatsOfBrains(brains: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(brains, (bits) => bits << 16).buffer);
}

function floatOfHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
