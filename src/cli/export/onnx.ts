/** `pepnet export onnx`, and `pepnet export` alone: a trained model as ONNX with its encoders, for other programs. */
import { Command } from "commander";
import { type ModelChoice, openModel, withModelOptions } from "../options/index.js";
import { textLine } from "../terminal/index.js";

interface ExportOptions extends ModelChoice {
  readonly out: string;
}

const help = `
The folder holds model.onnx (embedding tables included), encoders.json (how columns become its inputs) and a README with
calls from Python and Node; docs/serving.md has the form. \`pepnet predict --model\` predicts with it. An earlier export
there is replaced, nothing else is.
Paths are relative to where you run the command. Exit codes: 0 done, 1 an error, 2 misused.

Example:
  pepnet export onnx --run runs/first --out served/first`;

/** The command. */
export function onnxCommand(): Command {
  const command = new Command("onnx")
    .description("Write a trained model as ONNX with its encoders.")
    .requiredOption("--out <folder>", "the folder to write");
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
