/** `pepnet notebook`: run, verify and html. */
import { Command } from "commander";
import { htmlCommand } from "./html.js";
import { runCommand } from "./run.js";
import { verifyCommand } from "./verify.js";

/** The command. */
export function notebookCommand(): Command {
  return new Command("notebook")
    .description("Run notebooks in the pepnet kernel with parameters, verify their outputs, write HTML pages.")
    .addHelpText("after", "\nExample: pepnet notebook run notebooks/quickstart.ipynb -o out/quickstart.ipynb")
    .exitOverride()
    .addCommand(runCommand())
    .addCommand(verifyCommand())
    .addCommand(htmlCommand());
}
