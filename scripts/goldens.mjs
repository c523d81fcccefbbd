// `npm run goldens [-- FOLDER…]`: runs the tests that compare with golden files or snapshots, and takes what they get as the
// new goldens. Read the change with `git diff` before you commit it.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { install, root, run } from "./setup.mjs";

const folders = process.argv.slice(2);
const tests = readdirSync(path.join(root, "test"), { recursive: true })
  .map((name) => path.join("test", name))
  .filter((file) => file.endsWith(".test.ts"))
  .filter((file) => folders.length === 0 || folders.some((folder) => file.startsWith(path.normalize(folder))))
  .filter((file) => /\bto\w*Snapshot\(/.test(readFileSync(path.join(root, file), "utf8")));

await install();
const vitest = path.join(root, "node_modules", "vitest", "vitest.mjs");
process.exitCode = await run(process.execPath, [vitest, "run", "--update", ...tests]);
