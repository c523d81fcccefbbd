// `npm run parity -- PATH… [--engine NAME]`: compares this library's numbers with TorchEasyRec's.
import path from "node:path";
import { compileTool, install, run } from "./setup.mjs";

await install();
const compiled = await compileTool("parity");
process.exitCode = await run(process.execPath, [
  path.join(compiled, "main.js"),
  ...process.argv.slice(2).map((arg) => (arg.startsWith("-") ? arg : fromHere(arg))),
]);

/** Paths are relative to where the command was given, which npm keeps in INIT_CWD. */
function fromHere(arg) {
  return ["compiled", "cpu", "wasm", "tfjs-node"].includes(arg) ? arg : path.resolve(process.env.INIT_CWD ?? ".", arg);
}
