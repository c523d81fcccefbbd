/** `pepnet config`: TorchEasyRec configs on the command line. */
import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { ConfigError } from "../errors/index.js";

/** The command. */
export function configCommand(): Command {
  const command = new Command("config").description("Read TorchEasyRec configs.").exitOverride();
  command
    .command("print")
    .description("Open a config and print it as TorchEasyRec writes it; every fault is named with its place.")
    .argument("<file>", "pipeline.config, or a .json of it")
    .exitOverride()
    .action(async (file: string) => {
      const { openConfig, printConfig } = await import("../config/index.js");
      console.log(printConfig(openConfig(await readText(file), { path: file })));
    });
  command
    .command("show")
    .description("Show the PEPNet of a config: modules, parameters, FLOPs a row.")
    .argument("<file>", "pipeline.config, or a .json of it")
    .exitOverride()
    .action(async (file: string) => {
      const { openConfig, specFromConfig } = await import("../config/index.js");
      const { modelBundle } = await import("../api/preview.js");
      console.log(modelBundle(specFromConfig(openConfig(await readText(file), { path: file })))["text/plain"]);
    });
  return command;
}

function readText(file: string): Promise<string> {
  return readFile(file, "utf8").catch((cause: Error) => {
    const fix = "check the path, which is relative to where you are";
    throw new ConfigError({ path: file, message: "cannot read the config", received: cause.message, fix }, { cause });
  });
}
