// `npm test`: everything the tests need, then every test. Arguments go to vitest (`npm test -- test/nn`);
// `--long` (npm run test:long) adds the tests that need long.
import { readFileSync } from "node:fs";
import path from "node:path";
import { ensurePythonEnv, testPackages } from "./python-env.mjs";
import { root, run, setUp, step } from "./setup.mjs";

const args = process.argv.slice(2);
const long = args.includes("--long");
const report = path.join(root, "out/test-report.json");

await setUp();
const python = await step("Jupyter's own clients, in a private Python environment", () =>
  ensurePythonEnv(testPackages),
);
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
  { env: { ...process.env, ...(python ? { PEPNET_PYTHON: python } : {}), ...(long ? { PEPNET_LONG: "1" } : {}) } },
);
process.exitCode = summarise(code);

/** Names what was skipped, which must be nothing in CI, and closes with the counts. */
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
