// `npm test`: installs the packages if needed, then runs every test. Arguments go to vitest (`npm test -- test/nn`), which
// prepares what the chosen files need (scripts/test-needs.mjs); `--long` (npm run test:long) adds the long tests.
import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { fail, install, root, run } from "./setup.mjs";

const args = process.argv.slice(2);
const long = args.includes("--long");
const report = path.join(root, "out/test-report.json");

await install();
rmSync(report, { force: true });
const code = await run(
  process.execPath,
  [
    path.join(root, "node_modules/vitest/vitest.mjs"),
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...args.filter((arg) => arg !== "--long"),
  ],
  { env: { ...process.env, ...(long ? { PEPNET_LONG: "1" } : {}) } },
);
if (!existsSync(report)) fail("vitest ran no test", "read its message above");
process.exitCode = summarise(code);

/** Lists skipped tests (CI allows none) and prints the counts. */
function summarise(exitCode) {
  const { testResults } = JSON.parse(readFileSync(report, "utf8"));
  const tests = testResults.flatMap((file) => file.assertionResults);
  const count = (status) => tests.filter((test) => test.status === status).length;
  const skipped = tests.filter((test) => test.status !== "passed" && test.status !== "failed");
  for (const test of skipped) console.log(`skipped: ${test.fullName}`);
  const failedFiles = testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
  const skippedInCi = Boolean(process.env.CI) && skipped.length > 0 && args.length === 0;
  if (skippedInCi) console.error("\n✗ CI must not skip tests: install what they need in .ci/run");
  const failed = count("failed") + failedFiles.length;
  console.log(
    `\n${count("passed")} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ""}`,
  );
  return exitCode !== 0 || failed > 0 || skippedInCi ? 1 : 0;
}
