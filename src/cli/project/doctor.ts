/** `pepnet doctor`: whether everything works on this machine. */
import { Command } from "commander";
import { printFindings } from "../terminal/index.js";

const help = `
Trains a model, writes and reads a file, and runs a cell. \`pepnet kernel doctor\` checks a kernel in another folder.
Exit codes: 0 no problems, 1 problems found, 2 misused.

Examples:
  pepnet doctor
  pepnet doctor --prune      # after npm install: about 270 MB less on disk`;

/** The command. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description("Check Node, memory, engine, data, kernel and packages on this machine, and suggest fixes.")
    .option("--json", "print the findings as JSON")
    .option("--prune", "remove binaries for other platforms from onnxruntime-node and zeromq, then end")
    .addHelpText("after", help)
    .exitOverride()
    .action(async ({ json, prune }: { readonly json?: boolean; readonly prune?: boolean }) => {
      if (!prune) {
        const { allFindings } = await import("./checks.js");
        printFindings(await allFindings(), json);
        return;
      }
      const { removeForeignBinaries, totalBytes } = await import("./foreign.js");
      const binaries = removeForeignBinaries();
      if (json) console.log(JSON.stringify(binaries, null, 2));
      else if (binaries.length === 0) console.log("Nothing to remove.");
      else {
        const lines = binaries.map(({ package: name, platform }) => `  ${name}: ${platform}`);
        console.log(`Removed ${Math.round(totalBytes(binaries) / 1e6)} MB:\n${lines.join("\n")}`);
      }
    });
}
