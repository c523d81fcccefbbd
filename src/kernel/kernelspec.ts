/** How Jupyter finds and starts the kernel. */
import { kernelArgv } from "./paths.js";

/** The kernel's name in notebooks and on the command line. */
export const kernelSpecName = "pepnet";

/** What users read in the launcher. */
export const kernelDisplayName = "TypeScript (PEPNet)";

/** The content of `kernel.json`. Interrupts come as a signal: a cell that loops reads no messages. */
export function kernelSpec(): object {
  return {
    argv: kernelArgv,
    display_name: kernelDisplayName,
    language: "typescript",
    interrupt_mode: "signal",
    metadata: { debugger: false },
  };
}
