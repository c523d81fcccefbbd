/** Each test file is run by exactly one command, and `npm test` needs no Python, browser or installation. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { excludedTests, filesOfKind, testFiles } from "../../scripts/test-kinds.mjs";
import { needsOf } from "../../scripts/test-needs.mjs";

const root = path.resolve(__dirname, "../..");

/** What vitest itself would run, relative to the project. */
async function filesOf(choice: string): Promise<string[]> {
  const vitest = path.join(root, "node_modules/vitest/vitest.mjs");
  const env = { ...process.env, PEPNET_TESTS: choice, PEPNET_LONG: "" };
  const { stdout } = await promisify(execFile)(process.execPath, [vitest, "list", "--filesOnly"], { cwd: root, env });
  return [...stdout.matchAll(/test\/\S+\.test\.ts/g)].map(([file]) => file).sort();
}

test("vitest runs each file in one of `npm test`, `test:rest` and `test:long`", async () => {
  const [quick, rest, all] = await Promise.all(["quick", "rest", "all"].map(filesOf));
  expect(quick).toEqual(filesOfKind("quick").sort());
  expect(rest).toEqual(filesOfKind("slow").sort());
  expect(all).toEqual([...quick!, ...rest!].sort());
  expect([...all!, ...filesOfKind("long")].sort()).toEqual(testFiles().sort());
  expect(filesOfKind("long").length).toBeGreaterThan(0);
});

test("a name that none of the commands knows is refused", () => {
  expect(() => excludedTests("quik")).toThrow("PEPNET_TESTS is quik, expected one of: quick, rest, all, long");
  const other = testFiles().filter((file) => /\.(?!slow|long)[a-z]+\.test\.ts$/.test(file));
  expect(other).toEqual([]);
});

test("quick files need no Python, no browser and no installation", () => {
  const quick = filesOfKind("quick").map((file) => path.join(root, file));
  const isHeavy = (files: readonly string[]): boolean => {
    const { python, browser } = needsOf(files);
    return python || browser;
  };
  expect(isHeavy(quick) ? quick.filter((file) => isHeavy([file])) : []).toEqual([]);
  expect(
    quick.filter((file) => /^import .*"\.\.?\/(package\/)?project\.js"/m.test(readFileSync(file, "utf8"))),
  ).toEqual([]);
});
