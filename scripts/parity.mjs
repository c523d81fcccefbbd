// `npm run parity -- PATH… [--engine NAME]`: compares this library's numbers with TorchEasyRec's.
import path from "node:path";
import { root, run, setUp } from "./setup.mjs";

await setUp();
process.exitCode = await run(process.execPath, [
  path.join(root, "dist", "cli", "parity", "main.js"),
  ...process.argv.slice(2).map((arg) => (arg.startsWith("-") ? arg : fromHere(arg))),
]);

/** Paths are relative to where the command was given, which npm keeps in INIT_CWD. */
function fromHere(arg) {
  return ["compiled", "cpu", "wasm", "tfjs-node"].includes(arg) ? arg : path.resolve(process.env.INIT_CWD ?? ".", arg);
}
