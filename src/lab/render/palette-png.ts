/**
 * Writes PNGs of charts with a palette and unfiltered lines: their flat areas in few colours take a third of the bytes.
 */
import { deflateSync } from "node:zlib";
import { crc32 } from "../../core/util/crc.js";

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const mostColours = 256;

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and alpha of each pixel, all opaque. */
  readonly pixels: Uint8Array;
}

/** Colours beyond the 256 most frequent become the nearest of these. */
export function palettePng({ width, height, pixels }: Pixels): Buffer {
  const colours = new Uint32Array(new Uint8Array(pixels).buffer);
  const counts = new Map<number, number>();
  for (let at = 0; at < colours.length; ) {
    const colour = colours[at]!;
    const start = at;
    while (at < colours.length && colours[at] === colour) at++;
    counts.set(colour, (counts.get(colour) ?? 0) + at - start);
  }
  const all = [...counts].sort((a, b) => b[1] - a[1]).map(([colour]) => colour);
  const palette = all.slice(0, mostColours);
  const places = new Map(all.map((colour, place) => [colour, place < mostColours ? place : nearest(colour, palette)]));
  const lines = Buffer.alloc((width + 1) * height); // each line begins with 0: no filter
  for (let y = 0, at = 0, place = 0; y < height; y++) {
    for (let x = 1; x <= width; x++, at++) {
      if (at === 0 || colours[at] !== colours[at - 1]) place = places.get(colours[at]!)!;
      lines[y * (width + 1) + x] = place;
    }
  }
  const bytes = new Uint8Array(Uint32Array.from(palette).buffer).filter((_, index) => index % 4 !== 3);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8); // 8 bits per pixel, an index of the palette
  const body = deflateSync(lines, { level: 7 }); // level 9 takes eight times as long for a twelfth of the bytes
  const chunks = [chunk("IHDR", header), chunk("PLTE", bytes), chunk("IDAT", body), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([signature, ...chunks]);
}

/** Plain loops: a chart with shades has thousands of colours, each compared with the whole palette. */
function nearest(colour: number, palette: readonly number[]): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  for (let place = 0; place < palette.length; place++) {
    const other = palette[place]!;
    const red = (colour & 255) - (other & 255);
    const green = ((colour >> 8) & 255) - ((other >> 8) & 255);
    const blue = ((colour >> 16) & 255) - ((other >> 16) & 255);
    const distance = red * red + green * green + blue * blue;
    if (distance < least) [best, least] = [place, distance];
  }
  return best;
}

function chunk(type: string, data: Uint8Array): Buffer {
  const checked = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(checked));
  return Buffer.concat([length, checked, check]);
}
