// `npm run bench [-- NAME… --json --torch]`: measures speed and memory; bench/README.md says what each figure means.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { fail, root, run, setUp, step } from "./setup.mjs";
import { ensureTorchPython, hasTorchPython, torchDownload } from "./torch-env.mjs";

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
const env = { ...process.env };
if (args.includes("--torch") && !args.includes("--list")) {
  const what = hasTorchPython() ? "PyTorch" : `PyTorch, in a private Python environment (${torchDownload})`;
  env.PEPNET_TORCH_PYTHON = await step(what, ensureTorchPython).catch((error) =>
    fail(error.message, "or leave --torch out"),
  );
}
process.stdout.write = write;

process.exitCode = await run(process.execPath, [path.join(compiled, "bench", "main.js"), ...args], { env });
