/** `pepnet kernel install` and `uninstall`: the kernelspec, the Plotly extension and papermill's translator. */
import { Command } from "commander";

interface Place {
  readonly prefix?: string;
}

/** The command. */
export function kernelCommand(): Command {
  const command = new Command("kernel").description("Install the Jupyter kernel, by Node alone.").exitOverride();
  const place = (sub: Command): Command =>
    sub.option("--prefix <folder>", "a Jupyter data folder or Python environment instead of the user's").exitOverride();
  place(command.command("install"))
    .description("Write the kernel, its JupyterLab extension and papermill's translator; again: refresh them.")
    .action(async (options: Place) => {
      const { installKernel } = await import("../kernel/index.js");
      const files = await installKernel(options.prefix ? { prefix: options.prefix } : {});
      console.log(`Installed the kernel "TypeScript (PEPNet)":\n${files.map((file) => `  ${file}`).join("\n")}`);
    });
  place(command.command("uninstall"))
    .description("Remove what install wrote, and nothing else.")
    .action(async (options: Place) => {
      const { uninstallKernel } = await import("../kernel/index.js");
      const files = await uninstallKernel(options.prefix ? { prefix: options.prefix } : {});
      console.log(
        files.length === 0 ? "Nothing to remove." : `Removed:\n${files.map((file) => `  ${file}`).join("\n")}`,
      );
    });
  return command;
}
