/** `--engine` and `--threads`. */
import { type Command, Option } from "commander";
import { type EngineName, mostThreads } from "../../api/training/index.js";
import { integer } from "./numbers.js";

/** The values of these options. */
export interface EngineChoice {
  readonly engine?: EngineName;
  readonly threads?: number;
}

const names: readonly EngineName[] = ["compiled", "tfjs-node", "wasm", "cpu"];

/** Adds the options to a command. @param threads the default in the help text */
export function withEngineOptions(command: Command, threads = "min(2, cores)"): Command {
  return command
    .addOption(
      new Option("--engine <name>", "compute engine (default: compiled, or wasm without onnxruntime)").choices(names),
    )
    .option("--threads <n>", `threads of the matrix products (default: ${threads})`, integer(1, mostThreads()));
}

/** The engine options for the API. */
export function engineChoice({ engine, threads }: EngineChoice): EngineChoice {
  return { engine, threads };
}
