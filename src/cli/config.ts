import { Command } from "commander";
import type { PipelineDifference, PipelineEdits } from "../api/pipeline/index.js";
import { ConfigError } from "../errors/index.js";
import { writeFileWhole } from "../util/atomic/write-whole.js";
import { visibleLine } from "../util/text/visible.js";
import { editOption, readConfig } from "./options.js";
import { printFile } from "./terminal/standard-streams.js";

const fileArgument = ["<file>", "pipeline.config, or a .json of it"] as const;

export function configCommand(): Command {
  return new Command("config")
    .description("Read, edit and compare TorchEasyRec configs of any model.")
    .addHelpText("after", "\nExample: pepnet config show configs/pepnet_taobao.config")
    .exitOverride()
    .addCommand(printCommand())
    .addCommand(showCommand())
    .addCommand(editCommand())
    .addCommand(diffCommand());
}

function printCommand(): Command {
  return new Command("print")
    .description("Parse a config and print it in TorchEasyRec's format; reports every error with its location.")
    .argument(...fileArgument)
    .addHelpText("after", "\nExit codes: 0 valid, 1 invalid.\nExample: pepnet config print pipeline.config")
    .exitOverride()
    .action(async (file: string) => {
      const { printPipeline } = await import("../api/pipeline/index.js");
      printFile(await printPipeline(await readConfig(file, {}, "text")));
    });
}

function showCommand(): Command {
  return new Command("show")
    .description("Show a config's PEPNet: modules, parameters and FLOPs per row; as a diagram with --html.")
    .argument(...fileArgument)
    .addOption(editOption())
    .option("--html <page>", "write the model's diagram as an HTML page that opens from disk")
    .addHelpText("after", "\nExample: pepnet config show pipeline.config --html model.html")
    .exitOverride()
    .action(async (file: string, options: { edit?: PipelineEdits; html?: string }) => {
      const { pipelineModel } = await import("../api/pipeline/index.js");
      const model = await pipelineModel(await readConfig(file, options.edit));
      if (options.html !== undefined) await writeText(options.html, await model.diagram().html());
      console.log((await model.bundle())["text/plain"]);
    });
}

const editHelp = `
Paths are TorchEasyRec's field names, joined by dots; index lists with [0], [-1], [1:3], [:] or [tower_name=cvr].
null removes a field. The result is printed, or written to -o, which may be the input file; comments are not kept.

Example:
  pepnet config edit pipeline.config -o gamma-1.config \\
    --edit '{"model_config.pepnet.epnet_gamma": 1, "feature_configs[:].id_feature.embedding_dim": 8}'`;

function editCommand(): Command {
  return new Command("edit")
    .description("Set fields of a config by path; writes nothing if an edit is invalid.")
    .argument(...fileArgument)
    .addOption(editOption())
    .option("-o, --out <file>", "file to write (default: standard output)")
    .addHelpText("after", editHelp)
    .exitOverride()
    .action(async (file: string, options: { edit?: PipelineEdits; out?: string }, command: Command) => {
      if (options.edit === undefined) command.error("error: --edit is required");
      const { printPipeline } = await import("../api/pipeline/index.js");
      const text = await printPipeline(await readConfig(file, options.edit, "text"));
      if (options.out === undefined) printFile(text);
      else await writeText(options.out, text);
    });
}

const diffHelp = `
One line per difference, with the path to use in \`config edit\`:
  model_config.pepnet.epnet_gamma: 2 → 1
Exit codes, like diff's: 0 no differences, 1 differences, 2 a config cannot be read.

Example: pepnet config diff pipeline.config gamma-1.config`;

function diffCommand(): Command {
  return new Command("diff")
    .description("Print the differences between two configs, field by field.")
    .argument("<before>", "the first config")
    .argument("<after>", "the second config")
    .addHelpText("after", diffHelp)
    .exitOverride()
    .action(async (before: string, after: string) => {
      process.exitCode = 2;
      const { diffPipelines } = await import("../api/pipeline/index.js");
      const [first, second] = [await readConfig(before, {}, "text"), await readConfig(after, {}, "text")];
      const differences = await diffPipelines(first, second);
      for (const { path, before: old, after: fresh } of differences)
        console.log(visibleLine(`${path}: ${valueText(old)} → ${valueText(fresh)}`));
      process.exitCode = differences.length === 0 ? 0 : 1;
    });
}

function valueText(value: PipelineDifference["before"]): string {
  return value === undefined ? "(absent)" : JSON.stringify(value);
}

async function writeText(file: string, text: string): Promise<void> {
  await writeFileWhole(file, text).catch((cause: Error) => {
    const fix = "check that the folder exists; paths are relative to the current folder";
    throw new ConfigError({ path: file, message: "cannot be written", received: cause.message, fix }, { cause });
  });
}
