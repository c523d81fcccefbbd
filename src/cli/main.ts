#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { PepnetError } from "../errors/index.js";
import { isDebugging, stackText } from "../util/debug.js";
import { visible, visibleBlock } from "../util/text/visible.js";
import { ablateCommand } from "./ablate.js";
import { configCommand } from "./config.js";
import { dataCommand } from "./data.js";
import { doctorCommand } from "./doctor.js";
import { evalCommand } from "./eval.js";
import { exportCommand } from "./export.js";
import { kernelCommand } from "./kernel.js";
import { newCommand } from "./new.js";
import { joinParameterPairs, notebookCommand } from "./notebook.js";
import { predictCommand } from "./predict.js";
import { reportCommand } from "./report.js";
import { runsCommand } from "./runs.js";
import { endOnSignals, StoppedError } from "./terminal/signals.js";
import { outputFailure, showControlCharacters, surviveClosedStreams } from "./terminal/standard-streams.js";
import { printStyled, styled } from "./terminal/styles.js";
import { trainCommand } from "./train.js";

const help = `
Run a command with --help for its options. Exit codes: 0 done, 1 an error, 2 misused, 129, 130 or 143 stopped by a signal.

Example, from a TorchEasyRec config to predictions:
  pepnet train --config pipeline.config --out runs/first
  pepnet eval --run runs/first --data test.parquet
  pepnet predict --run runs/first test.parquet predictions.parquet`;

function program(): Command {
  const { version } = require("../../package.json") as { version: string };
  return new Command("pepnet")
    .description("Explore PEPNet: train and evaluate TorchEasyRec configs, run notebooks, install the Jupyter kernel.")
    .version(version)
    .addHelpText("after", help)
    .exitOverride()
    .addCommand(newCommand())
    .addCommand(trainCommand())
    .addCommand(ablateCommand())
    .addCommand(evalCommand())
    .addCommand(predictCommand())
    .addCommand(exportCommand())
    .addCommand(reportCommand())
    .addCommand(runsCommand())
    .addCommand(configCommand())
    .addCommand(dataCommand())
    .addCommand(notebookCommand())
    .addCommand(kernelCommand())
    .addCommand(doctorCommand());
}

async function main(argv: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(joinParameterPairs(argv), { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof StoppedError) process.exit(error.exitCode);
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    printStyled(process.stderr, `${styled(process.stderr, "red", "✗")} ${visible(described(error))}`);
    return Number(process.exitCode ?? 1) || 1;
  }
}

/** An unexpected error is a bug: its stack trace helps to fix it. */
function described(error: unknown): string {
  if (isDebugging()) return stackText(error);
  if (error instanceof PepnetError) return error.message;
  return `${visibleBlock(String((error as Error).message ?? error))}\n  unexpected error: run again with PEPNET_DEBUG=1 for the stack trace`;
}

showControlCharacters();
surviveClosedStreams();
endOnSignals();
process.on("exit", (code) => {
  const failure = outputFailure(); // known only when everything is written, possibly after the command ends
  if (failure === null) return;
  console.error(`✗ standard output: cannot be written\n  received: ${failure.message}`);
  process.exitCode = code || 1;
});
main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
