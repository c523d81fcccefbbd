/** Measures the extra start time and memory, over plain Node, of programs that use parts of the package. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Measurement } from "./figure.js";
import { preparation, steps } from "./package-steps.js";
import { median } from "./timing.js";

const rounds = 7;
const dist = path.resolve(__dirname, "../../../../dist/index.js");
const memoryReport = `process.on("exit", () => console.log(Math.round(process.memoryUsage.rss() / 1000)));`;

/** `package`: each figure is a median over processes that alternate with plain Node processes. */
export const packageMeasurement: Measurement = {
  name: "package",
  async run(report) {
    const folder = mkdtempSync(path.join(tmpdir(), "pepnet-bench-package-"));
    try {
      once(preparation, folder);
      for (const [name, code] of Object.entries(steps)) {
        const pairs = Array.from({ length: rounds }, () => [once("", folder), once(code, folder)] as const);
        report(`package.${name}.start`, median(pairs.map(([bare, used]) => used.ms / bare.ms)), "ratio");
        report(`package.${name}.start-ms`, median(pairs.map(([bare, used]) => used.ms - bare.ms)), "ms");
        report(`package.${name}.memory`, median(pairs.map(([bare, used]) => used.megabytes - bare.megabytes)), "MB");
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Runs a process from its start to its end. */
function once(code: string, folder: string): { ms: number; megabytes: number } {
  const from = process.hrtime.bigint();
  const out = execFileSync(process.execPath, ["-e", `${memoryReport}\n${code}`, dist, folder], { encoding: "utf8" });
  return { ms: Number(process.hrtime.bigint() - from) / 1e6, megabytes: Number(out.trim().split("\n").at(-1)) / 1000 };
}
