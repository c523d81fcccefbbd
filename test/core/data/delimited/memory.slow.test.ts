/** Compressed and quoted CSV files are scanned in memory that does not grow with them. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "pepnet-scan-memory-"));
const dist = resolve(__dirname, "../../../../dist/index.js");

/** Megabytes that a process has held at most when the file is open. */
function peakOf(file: string): number {
  // Not the maximum that the system keeps: it begins with that of the process that started this one.
  const script = `let peak = 0; setInterval(() => { peak = Math.max(peak, process.memoryUsage.rss()); }, 20);
    require(${JSON.stringify(dist)}).dataset(${JSON.stringify(file)}, { cache: false }).then((data) => {
      console.log(data.table.rows, peak / 1e6); process.exit(); });`;
  const [rows, peak] = execFileSync(process.execPath, ["-e", script], { encoding: "utf8" }).split(" ").map(Number);
  expect(rows).toBe(3_000_000);
  expect(peak).toBeGreaterThan(0);
  return peak as number;
}

/** Measured: 70 MB, most of it Node, for 100 MB of lines as for 400. */
test("150 MB of lines take less than 130 MB", () => {
  const lines = Buffer.from('"user number 12345678","2024-01-01 10:30:00",1.5\n'.repeat(100_000));
  const header = Buffer.from("user,time,price\n");
  const quoted = join(folder, "quoted.csv");
  writeFileSync(quoted, Buffer.concat([header, ...Array<Buffer>(30).fill(lines)]));
  expect(peakOf(quoted)).toBeLessThan(130);
  const compressed = join(folder, "compressed.csv.gz");
  const part = gzipSync(lines);
  writeFileSync(compressed, Buffer.concat([gzipSync(header), ...Array<Buffer>(30).fill(part)]));
  expect(peakOf(compressed)).toBeLessThan(130);
});
