/**
 * CRC-32, as in zlib: native if this Node version provides it, else from a table.
 */
import * as zlib from "node:zlib";

type Crc = (bytes: Uint8Array) => number;

/** The CRC-32 of bytes, as an integer below 2^32. */
export const crc32: Crc = (zlib as { crc32?: Crc }).crc32 ?? fromTable();

function fromTable(): Crc {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
  });
  return (bytes) => {
    let crc = 0xffffffff;
    for (const byte of bytes) crc = table[(crc ^ byte) & 255]! ^ (crc >>> 8);
    return (crc ^ 0xffffffff) >>> 0;
  };
}
