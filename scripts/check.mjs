// `npm run check`: what CI checks before and with the tests, in one command: format, lint, types, then every test.
import path from "node:path";
import { root, run, setUp, step } from "./setup.mjs";

await setUp();
const biome = path.join(root, "node_modules/@biomejs/biome/bin/biome");
const tsc = path.join(root, "node_modules/typescript/bin/tsc");
let failed = 0;
for (const [name, args] of [
  ["Format and lint", [biome, "ci", "--colors=off"]],
  ["Types of the tests", [tsc, "-p", path.join(root, "test")]],
]) {
  const code = await step(name, () => run(process.execPath, args));
  if (code !== 0) failed++;
}
process.exitCode =
  failed > 0 ? 1 : await run(process.execPath, [path.join(root, "scripts/test.mjs"), ...process.argv.slice(2)]);
