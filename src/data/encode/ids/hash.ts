/**
 * The hash of TorchEasyRec's `hash_bucket_size`: libstdc++ `std::hash<std::string>`, which is MurmurHash2-64A over
 * the UTF-8 bytes with seed 0xc70f6907. 64-bit numbers are pairs of 32-bit halves here: BigInt is ten times slower.
 */

const mulHigh = 0xc6a4a793;
const mulLow = 0x5bd1e995;
const seed = 0xc70f6907;

let high = 0;
let low = 0;
let bytes = new Uint8Array(256);
const encoder = new TextEncoder();

/** The bucket of a text: its hash modulo `size` (unsigned 64 bits; `size` up to 2^36). */
export function hashBucket(text: string, size: number): number {
  hash(text);
  return bucketOfHash(high, low, size);
}

/** The bucket of a known hash, from its halves. */
export function bucketOfHash(high: number, low: number, size: number): number {
  let bucket = high % size;
  bucket = (bucket * 65536 + (low >>> 16)) % size;
  return (bucket * 65536 + (low & 0xffff)) % size;
}

/** Writes the high and low half of a text's hash to `halves`. */
export function hashInto(text: string, halves: Uint32Array): void {
  hash(text);
  halves[0] = high;
  halves[1] = low;
}

/** The hash as a decimal number. */
export function hash64(text: string): string {
  hash(text);
  return ((BigInt(high) << 32n) | BigInt(low)).toString();
}

/** Computes the hash into `high` and `low`. */
function hash(text: string): void {
  if (bytes.length < text.length * 3) bytes = new Uint8Array(text.length * 3);
  const length = encoder.encodeInto(text, bytes).written;
  high = 0;
  low = length >>> 0;
  multiply();
  low = (low ^ seed) >>> 0;
  const aligned = length - (length % 8);
  for (let at = 0; at < aligned; at += 8) {
    const hashHigh = high;
    const hashLow = low;
    low = word(at, 4);
    high = word(at + 4, 4);
    multiply();
    shiftMix();
    multiply();
    mixIn(hashHigh, hashLow);
  }
  if (aligned < length) {
    const rest = length - aligned;
    const hashHigh = high;
    const hashLow = low;
    low = word(aligned, Math.min(4, rest));
    high = rest > 4 ? word(aligned + 4, rest - 4) : 0;
    mixIn(hashHigh, hashLow);
  }
  shiftMix();
  multiply();
  shiftMix();
}

function mixIn(hashHigh: number, hashLow: number): void {
  high = (high ^ hashHigh) >>> 0;
  low = (low ^ hashLow) >>> 0;
  multiply();
}

/** Up to four bytes, little-endian. */
function word(at: number, count: number): number {
  let value = 0;
  for (let index = count - 1; index >= 0; index--) value = (value * 256 + bytes[at + index]!) >>> 0;
  return value;
}

/** v ^ (v >> 47) */
function shiftMix(): void {
  low = (low ^ (high >>> 15)) >>> 0;
}

/** Multiplies by 0xc6a4a7935bd1e995 modulo 2^64. */
function multiply(): void {
  const lowLow = low & 0xffff;
  const lowHigh = low >>> 16;
  const mulLowLow = mulLow & 0xffff;
  const mulLowHigh = mulLow >>> 16;
  const bottom = lowLow * mulLowLow;
  const middle = lowHigh * mulLowLow + (bottom >>> 16);
  const middleLow = (middle % 65536) + lowLow * mulLowHigh;
  const carry = lowHigh * mulLowHigh + Math.floor(middle / 65536) + Math.floor(middleLow / 65536);
  high = (carry + Math.imul(low, mulHigh) + Math.imul(high, mulLow)) >>> 0;
  low = (((middleLow % 65536) << 16) | (bottom & 0xffff)) >>> 0;
}
