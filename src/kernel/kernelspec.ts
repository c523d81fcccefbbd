/** How Jupyter finds and starts the kernel. */
import { kernelArgv } from "./paths.js";

/** The kernel's name in notebooks and on the command line. */
export const kernelSpecName = "pepnet";

/** The name in JupyterLab's launcher. */
export const kernelDisplayName = "TypeScript (PEPNet)";

/** How a notebook names its kernel. */
export function notebookKernelspec(): { readonly [name: string]: string } {
  return { display_name: kernelDisplayName, language: "typescript", name: kernelSpecName };
}

/** The content of `kernel.json`. Interrupts are sent as a signal: a looping cell reads no messages. */
export function kernelSpec(): object {
  return {
    argv: kernelArgv,
    display_name: kernelDisplayName,
    language: "typescript",
    interrupt_mode: "signal",
    metadata: { debugger: false },
  };
}
