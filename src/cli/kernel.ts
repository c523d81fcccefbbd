/** `pepnet kernel install`, `uninstall` and `doctor`: the kernelspec, the Plotly extension and papermill's translator. */
import { Command, Option } from "commander";
import type { DoctorFinding, InstallPlace } from "../kernel/index.js";
import { visibleBlock, visibleLine } from "../util/text/visible.js";

interface Place {
  readonly prefix?: string;
  readonly sysPrefix?: boolean;
  readonly dataDir?: string;
}

const installHelp = `
Without an option it goes into your own Jupyter data folder (as \`jupyter --data-dir\` says), where JupyterLab and
VS Code look. No Python is needed. Exit codes: 0 done, 1 an error, 2 misused.

Examples:
  pepnet kernel install
  pepnet kernel install --prefix .venv     # into .venv/share/jupyter`;

const doctorHelp = `
Exit codes: 0 all is well, 1 something is wrong, 2 misused.

Examples:
  pepnet kernel doctor
  pepnet kernel doctor --prefix .venv`;

/** The command. */
export function kernelCommand(): Command {
  const command = new Command("kernel")
    .description("Install the Jupyter kernel, by Node alone.")
    .addHelpText("after", "\nExample: pepnet kernel install")
    .exitOverride();
  withPlace(command.command("install"))
    .description("Write the kernel, its JupyterLab extension and papermill's translator; again: refresh them.")
    .addHelpText("after", installHelp)
    .action(async (options: Place) => {
      const { installKernel } = await import("../kernel/index.js");
      const files = await installKernel(installPlace(options));
      console.log(`Installed the kernel "TypeScript (PEPNet)":\n${fileLines(files)}`);
    });
  withPlace(command.command("uninstall"))
    .description("Remove what install wrote at the same place, and nothing else.")
    .addHelpText("after", "\nExample: pepnet kernel uninstall --prefix .venv")
    .action(async (options: Place) => {
      const { uninstallKernel } = await import("../kernel/index.js");
      const files = await uninstallKernel(installPlace(options));
      console.log(files.length === 0 ? "Nothing to remove." : `Removed:\n${fileLines(files)}`);
    });
  withPlace(command.command("doctor"))
    .description("Say what is wrong with the installed kernel, and how to mend it; starts it once.")
    .option("--json", "print the findings as JSON")
    .addHelpText("after", doctorHelp)
    .action(async ({ json, ...options }: Place & { readonly json?: boolean }) => {
      const { examineKernel } = await import("../kernel/index.js");
      const findings = await examineKernel(installPlace(options));
      console.log(json ? JSON.stringify(findings, null, 2) : findings.map(findingLines).join("\n"));
      if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
    });
  return command;
}

function fileLines(files: readonly string[]): string {
  return files.map((file) => `  ${visibleLine(file)}`).join("\n");
}

function findingLines({ check, ok, found, fix }: DoctorFinding): string {
  const line = `${ok ? "ok   " : "WRONG"} ${check}: ${visibleBlock(found)}`;
  return fix === undefined ? line : `${line}\n      mend: ${fix}`;
}

/** Where; one of the three. */
function withPlace(command: Command): Command {
  const option = (flags: string, description: string, others: string[]): Option =>
    new Option(flags, description).conflicts(others);
  return command
    .addOption(
      option("--prefix <folder>", "into <folder>/share/jupyter, such as a Python environment's folder", [
        "sysPrefix",
        "dataDir",
      ]),
    )
    .addOption(
      option("--sys-prefix", "into the Python environment that is active in this shell", ["prefix", "dataDir"]),
    )
    .addOption(
      option("--data-dir <folder>", "into this Jupyter data folder itself, such as one of JUPYTER_PATH", [
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
