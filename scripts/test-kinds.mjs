// Which command runs a test file: its name says so, and nothing else does.
//
// | name             | runs in                                | what belongs there                                         |
// | `x.test.ts`      | `npm test`                             | what takes at most about 10 seconds on a quiet machine      |
// | `x.slow.test.ts` | `npm run test:rest`, and so in CI      | kernels, browsers, installations, kills, rates, many models |
// | `x.long.test.ts` | `npm run test:long`, before a release  | what takes minutes                                         |
//
// `npm run test:all` runs the first two. A path given to `npm test` runs what it names of both.
import { readdirSync } from "node:fs";
import path from "node:path";
import { root } from "./setup.mjs";

/** The kinds with the ends of their names, and the command that runs them. */
export const kinds = {
  quick: { end: /(?<!\.slow|\.long)\.test\.ts$/, command: "npm test" },
  slow: { end: /\.slow\.test\.ts$/, command: "npm run test:rest" },
  long: { end: /\.long\.test\.ts$/, command: "npm run test:long" },
};

/** What each choice of PEPNET_TESTS leaves out, as patterns for vitest; without a choice, long files only. */
const leftOut = {
  quick: ["test/**/*.slow.test.ts", "test/**/*.long.test.ts"],
  rest: ["test/**/!(*.slow).test.ts"],
  all: ["test/**/*.long.test.ts"],
  long: [],
};

/** @param {string | undefined} choice the value of PEPNET_TESTS */
export function excludedTests(choice) {
  const patterns = leftOut[choice ?? "all"];
  if (patterns === undefined) {
    throw new Error(`PEPNET_TESTS is ${choice}, expected one of: ${Object.keys(leftOut).join(", ")}`);
  }
  return patterns;
}

/** Every test file, relative to the project, with "/". */
export function testFiles() {
  return readdirSync(path.join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => path.posix.join("test", ...name.split(path.sep)));
}

/** @param {keyof typeof kinds} kind */
export function filesOfKind(kind) {
  return testFiles().filter((file) => kinds[kind].end.test(file));
}
