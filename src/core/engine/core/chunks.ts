/** The chunks of sorted rows: rows of one domain, padded to a fixed number. */
import type { Feed } from "./outputs.js";

/** The inputs of a program by their names after `chunks.`. @param counts rows of each domain, at least one in all */
export function chunkFeeds(counts: readonly number[], chunkRows: number): [string, Feed][] {
  const chunks = counts.reduce((sum, count) => sum + Math.ceil(count / chunkRows), 0);
  const rows = new Int32Array(chunks * chunkRows);
  const inside = new Float32Array(chunks * chunkRows);
  const domains = new Int32Array(chunks);
  const places = new Int32Array(counts.reduce((sum, count) => sum + count, 0));
  let [chunk, row] = [0, 0];
  for (const [domain, count] of counts.entries()) {
    for (let end = row + count; row < end; chunk++) {
      domains[chunk] = domain;
      const first = chunk * chunkRows;
      const last = Math.min(end, row + chunkRows) - 1;
      for (let at = 0; at < chunkRows; at++) rows[first + at] = Math.min(row + at, last);
      for (let at = first; row <= last; at++, row++) {
        places[row] = at;
        inside[at] = 1;
      }
    }
  }
  return [
    ["rows", { dtype: "int32", shape: [chunks, chunkRows], data: rows }],
    ["domain", { dtype: "int32", shape: [chunks], data: domains }],
    ["inside", { dtype: "float32", shape: [chunks, chunkRows, 1], data: inside }],
    ["places", { dtype: "int32", shape: [places.length], data: places }],
  ];
}
