/** `pepnet export`: writes a model for other programs; ONNX by default. */
import { Command } from "commander";
import { onnxCommand } from "./onnx.js";
import { torchEasyRecCommand } from "./torcheasyrec.js";

const help = `
Examples:
  pepnet export --run runs/first --out served/first
  pepnet export torcheasyrec --config pipeline.config --out out/cluster`;

/** The command. */
export function exportCommand(): Command {
  return new Command("export")
    .description("Write a model for other programs: as ONNX for prediction, or as a folder to train on a cluster.")
    .addHelpText("after", help)
    .exitOverride()
    .addCommand(onnxCommand(), { isDefault: true })
    .addCommand(torchEasyRecCommand());
}
