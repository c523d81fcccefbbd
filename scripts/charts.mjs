// `npm run charts [-- NAME… --update]`: draws every chart on contact sheets, out/charts; --update accepts them as goldens.
import { rmSync } from "node:fs";
import path from "node:path";
import { root, run, setUp } from "./setup.mjs";

const args = process.argv.slice(2);
const folder = path.join(root, "out", "charts");
const names = args.filter((arg) => !arg.startsWith("-"));
await setUp();
if (names.length === 0) rmSync(folder, { recursive: true, force: true }); // with names, other sheets stay
const env = { ...process.env, PEPNET_CHARTS: folder, PEPNET_CHARTS_ONLY: names.join(",") };
const update = args.includes("--update") ? ["test/charts", "--update"] : [];
const vitest = path.join(root, "node_modules", "vitest", "vitest.mjs");
process.exitCode = await run(
  process.execPath,
  [vitest, "run", "test/lab/render/contact-sheet.slow.test.ts", ...update],
  {
    env,
  },
);
console.log(path.join(folder, "index.html"));
