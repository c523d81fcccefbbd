import { readFileSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { packageRoot } from "../util/files/package-root.js";
import { isObject, type JsonObject } from "../util/json.js";

export { packageRoot };

export const kernelMain: string = path.join(packageRoot, "dist", "kernel", "main.js");

/** Needed to interrupt loops (`process/internal-binding.ts`). */
export const internalsOption = "--expose-internals";

/** The command that starts the kernel; the client replaces `{connection_file}`. */
export const kernelArgv: readonly string[] = [
  process.execPath,
  internalsOption,
  kernelMain,
  "--connection-file",
  "{connection_file}",
];

export function packageVersion(): string {
  const text = readFileSync(path.join(packageRoot, "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

export const kernelSpecName = "pepnet";

export const kernelDisplayName = "TypeScript (PEPNet)";

export function notebookKernelspec(): { readonly [name: string]: string } {
  return { display_name: kernelDisplayName, language: "typescript", name: kernelSpecName };
}

/**
 * The content of `kernel.json`. Interrupts are sent as a signal, because a looping cell reads no messages. On Windows,
 * which has no signals, Jupyter sends a message: it ends a cell that awaits something, not a loop.
 * @param platform another system, in tests
 */
export function kernelSpec(platform: NodeJS.Platform = process.platform): JsonObject {
  return {
    argv: [...kernelArgv],
    display_name: kernelDisplayName,
    language: "typescript",
    interrupt_mode: platform === "win32" ? "message" : "signal",
    metadata: { debugger: false },
  };
}

export function parseSpec(bytes: Buffer): JsonObject | null {
  try {
    const spec: unknown = JSON.parse(bytes.toString("utf8"));
    return isObject(spec) ? spec : null;
  } catch {
    return null;
  }
}

export function isOurSpec(spec: JsonObject | null): spec is JsonObject {
  const argv = spec?.["argv"];
  if (spec?.["display_name"] !== kernelDisplayName || !Array.isArray(argv)) return false;
  return argv.includes("{connection_file}") && argv.some((word) => /[\\/]kernel[\\/]main\.js$/.test(String(word)));
}

export function isForeignSpec(spec: JsonObject | null): boolean {
  return spec !== null && spec["display_name"] !== kernelDisplayName;
}

export function specText(before: JsonObject, bytes?: Buffer): string {
  const spec = kernelSpec();
  const metadata = { ...(isObject(before["metadata"]) ? before["metadata"] : {}), ...(spec["metadata"] as JsonObject) };
  const merged = { ...before, ...spec, metadata };
  if (bytes !== undefined && isDeepStrictEqual(merged, before)) return bytes.toString("utf8");
  return `${JSON.stringify(merged, null, 2)}\n`;
}
