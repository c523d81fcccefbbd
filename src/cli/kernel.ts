import { Command, Option } from "commander";
import type { InstallPlace } from "../kernel/index.js";
import { visibleLine } from "../util/text/visible.js";
import { printFindings } from "./terminal/styles.js";

interface Place {
  readonly prefix?: string;
  readonly sysPrefix?: boolean;
  readonly dataDir?: string;
}

const installHelp = `
The default is your user's Jupyter data folder (\`jupyter --data-dir\` prints it), which JupyterLab and
VS Code search. Python is not needed. Exit codes: 0 done, 1 an error, 2 misused.

Examples:
  pepnet kernel install
  pepnet kernel install --prefix .venv     # into .venv/share/jupyter`;

const doctorHelp = `
Exit codes: 0 no problems, 1 problems found, 2 misused.

Examples:
  pepnet kernel doctor
  pepnet kernel doctor --prefix .venv`;

export function kernelCommand(): Command {
  const command = new Command("kernel")
    .description("Install, check or remove the Jupyter kernel; needs Node only.")
    .addHelpText("after", "\nExample: pepnet kernel install")
    .exitOverride();
  withPlace(command.command("install"))
    .description("Install or update the kernel, its JupyterLab extension and papermill's translator.")
    .addHelpText("after", installHelp)
    .action(async (options: Place) => {
      const { installKernel } = await import("../kernel/index.js");
      const files = await installKernel(installPlace(options));
      console.log(`Installed the kernel "TypeScript (PEPNet)":\n${fileLines(files)}`);
    });
  withPlace(command.command("uninstall"))
    .description("Remove the files that install wrote in the same folder, and nothing else.")
    .addHelpText("after", "\nExample: pepnet kernel uninstall --prefix .venv")
    .action(async (options: Place) => {
      const { uninstallKernel } = await import("../kernel/index.js");
      const files = await uninstallKernel(installPlace(options));
      console.log(files.length === 0 ? "Nothing to remove." : `Removed:\n${fileLines(files)}`);
    });
  withPlace(command.command("doctor"))
    .description("Check the installed kernel and suggest fixes (starts it once).")
    .option("--json", "print the findings as JSON")
    .addHelpText("after", doctorHelp)
    .action(async ({ json, ...options }: Place & { readonly json?: boolean }) => {
      const { examineKernel } = await import("../kernel/index.js");
      printFindings(await examineKernel(installPlace(options)), json);
    });
  return command;
}

function fileLines(files: readonly string[]): string {
  return files.map((file) => `  ${visibleLine(file)}`).join("\n");
}

function withPlace(command: Command): Command {
  const option = (flags: string, description: string, others: string[]): Option =>
    new Option(flags, description).conflicts(others);
  return command
    .addOption(
      option("--prefix <folder>", "use <folder>/share/jupyter, for example in a Python environment", [
        "sysPrefix",
        "dataDir",
      ]),
    )
    .addOption(option("--sys-prefix", "use the Python environment that is active in this shell", ["prefix", "dataDir"]))
    .addOption(
      option("--data-dir <folder>", "use this Jupyter data folder, such as one in JUPYTER_PATH", [
        "prefix",
        "sysPrefix",
      ]),
    )
    .exitOverride();
}

function installPlace({ prefix, sysPrefix, dataDir }: Place): InstallPlace {
  if (dataDir !== undefined) return { dataDir };
  if (prefix !== undefined) return { prefix };
  return sysPrefix ? { sysPrefix } : {};
}
