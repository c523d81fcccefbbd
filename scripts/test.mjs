// `npm test`, `npm run test:rest`, `test:all` and `test:long`: install the packages if needed, then run the test files of
// a kind (scripts/test-kinds.mjs). Other arguments go to vitest (`npm test -- test/nn`), which prepares what the chosen
// files need (scripts/test-needs.mjs); these then run whether they are quick or slow.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fail, install, root, run } from "./setup.mjs";
import { countsFile, countsLine } from "./test-counts.mjs";
import { filesOfKind, kinds } from "./test-kinds.mjs";

const args = process.argv.slice(2);
const words = args.filter((arg) => !/^--(rest|all|long)$/.test(arg));
const choice = args.find((arg) => !words.includes(arg))?.slice(2) ?? (words.length === 0 ? "quick" : "all");
const report = path.join(path.dirname(countsFile(choice)), `${choice}.json`);

await install();
mkdirSync(path.dirname(report), { recursive: true });
rmSync(report, { force: true });
rmSync(countsFile(choice), { force: true });
const start = Date.now();
const code = await run(
  process.execPath,
  [
    path.join(root, "node_modules/vitest/vitest.mjs"),
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...words,
  ],
  { env: { ...process.env, PEPNET_TESTS: choice, ...(choice === "long" ? { PEPNET_LONG: "1" } : {}) } },
);
if (!existsSync(report)) fail("vitest ran no test", "read its message above");
process.exitCode = summarise(code);

/** Lists skipped tests (CI allows none), what was left out, and the counts. */
function summarise(exitCode) {
  const { testResults } = JSON.parse(readFileSync(report, "utf8"));
  const tests = testResults.flatMap((file) => file.assertionResults);
  const count = (status) => tests.filter((test) => test.status === status).length;
  const skipped = tests.filter((test) => test.status !== "passed" && test.status !== "failed");
  for (const test of skipped) console.log(`skipped: ${test.fullName}`);
  const failedFiles = testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
  const skippedInCi = Boolean(process.env.CI) && skipped.length > 0 && words.length === 0;
  if (skippedInCi) console.error("\n✗ CI must not skip tests: install what they need in .ci/run");
  if (choice === "quick") console.log(`\n${leftOut()}`);
  const counts = { passed: count("passed"), failed: count("failed") + failedFiles.length, skipped: skipped.length };
  writeFileSync(countsFile(choice), JSON.stringify(counts));
  console.log(`\n${minutes(Date.now() - start)}\n${countsLine(counts)}`);
  return exitCode !== 0 || counts.failed > 0 || skippedInCi ? 1 : 0;
}

/** What `npm test` leaves out, by folder, and the commands that run it. */
function leftOut() {
  const lines = ["slow", "long"].map((kind) => {
    const folders = new Map();
    for (const file of filesOfKind(kind)) {
      const folder = file.split("/")[1];
      folders.set(folder, (folders.get(folder) ?? 0) + 1);
    }
    const places = [...folders].map(([folder, files]) => `${folder} ${files}`).join(", ");
    return `  ${kinds[kind].command.padEnd(20)} ${filesOfKind(kind).length} ${kind} files (${places})`;
  });
  return ["Left out, since it takes longer:", ...lines].join("\n");
}

function minutes(millis) {
  const seconds = Math.round(millis / 1000);
  return `Tests took ${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
