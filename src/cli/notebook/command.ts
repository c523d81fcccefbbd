/** `pepnet notebook`: run, verify and html. */
import { Command } from "commander";
import { htmlCommand } from "./html.js";
import { runCommand } from "./run.js";
import { verifyCommand } from "./verify.js";

/** The command. */
export function notebookCommand(): Command {
  return new Command("notebook")
    .description("Run notebooks through the project's own kernel, with parameters; check and show what they hold.")
    .addHelpText("after", "\nExample: pepnet notebook run notebooks/quickstart.ipynb -o out/quickstart.ipynb")
    .exitOverride()
    .addCommand(runCommand())
    .addCommand(verifyCommand())
    .addCommand(htmlCommand());
}
