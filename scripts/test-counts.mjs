// The closing line of tests: `12 passed, 0 failed`. `node scripts/test-counts.mjs quick rest` adds up the runs of CI.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { root } from "./setup.mjs";

/** Where a run leaves its counts for {@link readCounts}. */
export function countsFile(choice) {
  return path.join(root, "out/test-reports", `${choice}.counts.json`);
}

/** @param {{ passed: number, failed: number, skipped: number }} counts */
export function countsLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

const [, script, ...choices] = process.argv;
if (path.basename(script) === "test-counts.mjs") {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const choice of choices) {
    // A run without counts ended before its tests did.
    const counts = existsSync(countsFile(choice))
      ? JSON.parse(readFileSync(countsFile(choice), "utf8"))
      : { passed: 0, failed: 1, skipped: 0 };
    for (const name of Object.keys(sum)) sum[name] += counts[name];
  }
  console.log(countsLine(sum));
}
