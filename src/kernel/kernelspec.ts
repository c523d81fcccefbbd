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

/**
 * The content of `kernel.json`. Interrupts are sent as a signal, because a looping cell reads no messages. On Windows,
 * which has no signals, Jupyter sends a message: it ends a cell that awaits something, not a loop.
 * @param platform another system, in tests
 */
export function kernelSpec(platform: NodeJS.Platform = process.platform): object {
  return {
    argv: kernelArgv,
    display_name: kernelDisplayName,
    language: "typescript",
    interrupt_mode: platform === "win32" ? "message" : "signal",
    metadata: { debugger: false },
  };
}
