/** The entry point of the command; see `command.ts`. */
import { runParity } from "./command.js";

runParity(process.argv.slice(2), console.log).then((code) => {
  process.exitCode = code;
});
