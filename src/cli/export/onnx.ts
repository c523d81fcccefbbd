/** `pepnet export onnx`, and `pepnet export` alone: writes a trained model as ONNX with its encoders. */
import { Command } from "commander";
import { type ModelChoice, openModel, withModelOptions } from "../options/index.js";
import { textLine } from "../terminal/index.js";

interface ExportOptions extends ModelChoice {
  readonly out: string;
}

const help = `
The folder holds model.onnx (embedding tables included), encoders.json (how columns become its inputs) and a README with
calls from Python and Node; docs/serving.md describes the format. \`pepnet predict --model\` predicts with it. An existing
export in the folder is replaced; other files are kept.
Paths are relative to where you run the command. Exit codes: 0 done, 1 an error, 2 misused.

Example:
  pepnet export onnx --run runs/first --out served/first`;

/** The command. */
export function onnxCommand(): Command {
  const command = new Command("onnx")
    .description("Write a trained model as ONNX with its encoders.")
    .requiredOption("--out <folder>", "folder to write");
  return withModelOptions(command).addHelpText("after", help).exitOverride().action(exportRun);
}

async function exportRun(options: ExportOptions, command: Command): Promise<void> {
  const { run } = await openModel(options, command);
  try {
    const { bytes, encoders } = await run.export(options.out);
    const { features, outputs } = encoders;
    const counts = { bytes, features: features.length, outputs: outputs.length };
    console.log(textLine("saved", { ...counts, path: options.out }));
  } finally {
    await run.dispose();
  }
}
