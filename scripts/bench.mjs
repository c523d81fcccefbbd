// `npm run bench [-- NAME… --json --torch]`: measures speed and memory; bench/README.md explains the figures.
import path from "node:path";
import { compileTool, fail, run, setUp, step } from "./setup.mjs";
import { ensureTorchPython, hasTorchPython, torchDownload } from "./torch-env.mjs";

const args = process.argv.slice(2);

// With --json, standard output has only figures.
const write = process.stdout.write;
if (args.includes("--json")) process.stdout.write = process.stderr.write.bind(process.stderr);
await setUp();
const compiled = await compileTool("bench");
const env = { ...process.env };
const needsTorch = args.some((arg) => arg === "--torch" || /^(?:torch|sequence)-/.test(arg));
if (needsTorch && !args.includes("--list")) {
  const what = hasTorchPython() ? "PyTorch" : `PyTorch, in a private Python environment (${torchDownload})`;
  env.PEPNET_TORCH_PYTHON = await step(what, ensureTorchPython).catch((error) =>
    fail(error.message, "or run without --torch"),
  );
}
process.stdout.write = write;

process.exitCode = await run(process.execPath, [path.join(compiled, "main.js"), ...args], { env });
