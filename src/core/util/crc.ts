/** Cyclic redundancy checks of 32 bits, which find damage to files. */
import * as zlib from "node:zlib";

export type Crc = (bytes: Uint8Array) => number;

/** The checksum of PNG and gzip. `zlib.crc32` came with Node 20.15. */
export const crc32: Crc = (zlib as { crc32?: Crc }).crc32 ?? crcOf(0xedb88320);

/** A CRC-32 with a different polynomial. @param polynomial with its bits reversed */
export function crcOf(polynomial: number): Crc {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    return value;
  });
  return (bytes) => {
    let crc = 0xffffffff;
    for (const byte of bytes) crc = table[(crc ^ byte) & 255]! ^ (crc >>> 8);
    return (crc ^ 0xffffffff) >>> 0;
  };
}
