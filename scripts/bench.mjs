// `npm run bench [-- NAME… --json]`: measures speed and memory; bench/README.md says what each figure means.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { fail, root, run, setUp, step } from "./setup.mjs";

const args = process.argv.slice(2);
const compiled = path.join(root, "node_modules", ".cache", "pepnet-bench");

// With --json standard output carries figures only.
const write = process.stdout.write;
if (args.includes("--json")) process.stdout.write = process.stderr.write.bind(process.stderr);
await setUp();
await step("Compiling the bench", async () => {
  mkdirSync(compiled, { recursive: true });
  const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
  const code = await run(process.execPath, [tsc, "-p", path.join(root, "bench")]);
  if (code !== 0) fail("the bench does not compile", "mend the errors above");
});
process.stdout.write = write;

process.exitCode = await run(process.execPath, [path.join(compiled, "bench", "main.js"), ...args]);
