/** The command's own process; what it does is in `command.ts`. */
import { runParity } from "./command.js";

runParity(process.argv.slice(2), console.log).then((code) => {
  process.exitCode = code;
});
