/** How Jupyter starts the kernel: the command, the snapshot that it may start from, and `kernel.json`. */
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { attempt } from "../core/util/attempt.js";
import { packageRoot } from "../core/util/files/package-root.js";
import { isObject, type JsonObject } from "../core/util/json.js";
import { protocolVersion } from "./wire.js";

export const kernelMain: string = path.join(packageRoot, "dist", "kernel", "main.js");

export const internalsOption = "--expose-internals";

/**
 * The script that starts the kernel, from a snapshot if there is one. Node replaces the shell, which Windows cannot do.
 */
export const kernelStarter: readonly string[] =
  process.platform !== "win32" && existsSync("/bin/sh")
    ? ["/bin/sh", path.join(packageRoot, "src", "kernel", "assets", "start.sh")]
    : [];

export const kernelArgv: readonly string[] = [
  ...kernelStarter,
  process.execPath,
  internalsOption,
  kernelMain,
  "--connection-file",
  "{connection_file}",
];

/** Builds a snapshot for later starts in this folder, in a process of low priority, if it is missing. */
export function buildSnapshot(env: NodeJS.ProcessEnv = process.env): ChildProcess | null {
  const [shell, ...script] = kernelStarter;
  if (shell === undefined) return null;
  const { spawn } = require("node:child_process") as typeof import("node:child_process");
  const words = [...script, "--build", process.execPath, internalsOption, kernelMain];
  const builder = spawn(shell, words, { detached: true, stdio: "ignore", env });
  builder.on("error", () => {}).unref(); // without a snapshot, kernels start more slowly
  return builder;
}

/** The file that says why kernels of this folder start without a snapshot, or that one from it died; null without either. */
export function droppedSnapshot(node: string = process.execPath, main: string = kernelMain): string | null {
  const [shell, ...script] = kernelStarter;
  if (shell === undefined) return null;
  const { spawnSync } = require("node:child_process") as typeof import("node:child_process");
  const { stdout } = spawnSync(shell, [...script, "--dropped", node, internalsOption, main], { encoding: "utf8" });
  return stdout.trimEnd() || null;
}

/**
 * The Python module of a wheel (`npm run wheel`). Its kernelspec starts it in the environment of the running Jupyter.
 */
export const wheelModule = "pepnet_kernel";

export const kernelSpecName = "pepnet";

export const kernelDisplayName = "TypeScript (PEPNet)";

/**
 * The displayed name, which contains the kernel's name if that is not the usual one, as for a second version in one
 * Jupyter.
 */
export function displayName(name: string = kernelSpecName): string {
  return name === kernelSpecName ? kernelDisplayName : `${kernelDisplayName.slice(0, -1)}, ${name})`;
}

export function isOurDisplayName(name: unknown): boolean {
  return typeof name === "string" && /^TypeScript \(PEPNet(?:, [\w.-]+)?\)$/.test(name);
}

export function notebookKernelspec(): { readonly [name: string]: string } {
  return { display_name: kernelDisplayName, language: "typescript", name: kernelSpecName };
}

/** Whether the sockets of this platform encrypt: clients may then require it. */
function canEncrypt(): boolean {
  return attempt(() => (require("zeromq") as typeof import("zeromq")).capability.curve === true, false);
}

/** `kernel.json`. A looping cell reads no messages, so interrupts are signals, except on Windows, which has none. */
export function kernelSpec(platform: NodeJS.Platform = process.platform, name: string = kernelSpecName): JsonObject {
  return {
    argv: [...kernelArgv],
    display_name: displayName(name),
    language: "typescript",
    interrupt_mode: platform === "win32" ? "message" : "signal",
    metadata: { debugger: false, ...(canEncrypt() ? { supported_encryption: ["curve"] } : {}) },
    kernel_protocol_version: protocolVersion,
  };
}

export function parseSpec(bytes: Buffer): JsonObject | null {
  const spec: unknown = attempt(() => JSON.parse(bytes.toString("utf8")), null);
  return isObject(spec) ? spec : null;
}

export function isOurSpec(spec: JsonObject | null): spec is JsonObject {
  const argv = spec?.["argv"];
  if (!isOurDisplayName(spec?.["display_name"]) || !Array.isArray(argv)) return false;
  const isProgram = (word: unknown): boolean => word === wheelModule || /[\\/]kernel[\\/]main\.js$/.test(String(word));
  return argv.includes("{connection_file}") && argv.some(isProgram);
}

export function specText(name: string, before: JsonObject, bytes?: Buffer): string {
  const spec = kernelSpec(process.platform, name);
  const metadata = { ...(isObject(before["metadata"]) ? before["metadata"] : {}), ...(spec["metadata"] as JsonObject) };
  const { argv } = before;
  const isThisWheel = Array.isArray(argv) && argv.includes(wheelModule) && packageRoot.includes(wheelModule);
  const merged = { ...before, ...spec, ...(isThisWheel ? { argv } : {}), metadata };
  if (bytes !== undefined && isDeepStrictEqual(merged, before)) return bytes.toString("utf8");
  return `${JSON.stringify(merged, null, 2)}\n`;
}
