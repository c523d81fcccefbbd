#!/usr/bin/env node
/** The `pepnet` command: thin wrappers over the library's own functions. Exit codes: 0 done, 1 it failed, 2 misused. */
import { Command, CommanderError } from "commander";
import { PepnetError } from "../errors/index.js";
import { configCommand } from "./config.js";
import { kernelCommand } from "./kernel.js";
import { notebookCommand } from "./notebook.js";
import { joinParameterPairs } from "./parameters.js";

function program(): Command {
  const { version } = require("../../package.json") as { version: string };
  return new Command("pepnet")
    .description("Explore PEPNet: run notebooks, install the Jupyter kernel, read TorchEasyRec configs.")
    .version(version)
    .exitOverride()
    .addCommand(notebookCommand())
    .addCommand(kernelCommand())
    .addCommand(configCommand());
}

async function main(argv: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(joinParameterPairs(argv), { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof PepnetError) console.error(`✗ ${error.message}`);
    else console.error(error);
    return 1;
  }
}

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
