// `npm run docs:pictures [-- NAME…]`: trains the models of docs/concepts.md, draws docs/images, writes the numbers that it quotes.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { fail, root, run, setUp, step } from "./setup.mjs";

const compiled = path.join(root, "node_modules", ".cache", "pepnet-pictures");

await setUp();
await step("Compiling the pictures", async () => {
  mkdirSync(compiled, { recursive: true });
  const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
  const code = await run(process.execPath, [tsc, "-p", path.join(root, "docs", "pictures")]);
  if (code !== 0) fail("the pictures do not compile", "mend the errors above");
});
const main = path.join(compiled, "docs", "pictures", "main.js");
process.exitCode = await run(process.execPath, [main, ...process.argv.slice(2)]);
