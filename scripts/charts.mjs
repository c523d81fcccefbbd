// `npm run charts [-- NAME… --update]`: draws every chart on contact sheets, out/charts; --update replaces the golden
// files.
import path from "node:path";
import { root, run, setUp } from "./setup.mjs";

const args = process.argv.slice(2);
const folder = path.join(root, "out", "charts");
await setUp();
const env = {
  ...process.env,
  PEPNET_CHARTS: folder,
  PEPNET_CHARTS_ONLY: args.filter((arg) => !arg.startsWith("-")).join(","),
  ...(args.includes("--update") ? { PEPNET_GOLDENS: "update" } : {}),
};
const vitest = path.join(root, "node_modules", "vitest", "vitest.mjs");
const files = args.includes("--update")
  ? ["test/charts", "test/render/contact-sheet.test.ts"]
  : ["test/render/contact-sheet.test.ts"];
process.exitCode = await run(process.execPath, [vitest, "run", ...files], { env });
