// `npm run charts [-- NAME… --update]`: draws every chart on contact sheets, out/charts; --update replaces the golden
// files.
import { rmSync } from "node:fs";
import path from "node:path";
import { root, run, setUp } from "./setup.mjs";

const args = process.argv.slice(2);
const folder = path.join(root, "out", "charts");
const names = args.filter((arg) => !arg.startsWith("-"));
await setUp();
if (names.length === 0) rmSync(folder, { recursive: true, force: true }); // with names, other sheets stay
const env = {
  ...process.env,
  PEPNET_CHARTS: folder,
  PEPNET_CHARTS_ONLY: names.join(","),
  ...(args.includes("--update") ? { PEPNET_GOLDENS: "update" } : {}),
};
const vitest = path.join(root, "node_modules", "vitest", "vitest.mjs");
const files = args.includes("--update")
  ? ["test/charts", "test/render/contact-sheet.test.ts"]
  : ["test/render/contact-sheet.test.ts"];
process.exitCode = await run(process.execPath, [vitest, "run", ...files], { env });
console.log(path.join(folder, "index.html"));
