/**
 * Jupyter messages over ZeroMQ (jupyter-client's "Messaging in Jupyter", protocol 5.3), for the kernel and its client.
 */
import type { ChildProcess } from "node:child_process";
import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { existsSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { attempt } from "../core/util/attempt.js";
import { packageRoot } from "../core/util/files/package-root.js";
import { isObject, type JsonObject } from "../core/util/json.js";

export interface ConnectionInfo {
  readonly ip: string;
  readonly transport: string;
  readonly signature_scheme: string;
  readonly key: string;
  readonly shell_port: number;
  readonly iopub_port: number;
  readonly stdin_port: number;
  readonly control_port: number;
  readonly hb_port: number;
  readonly kernel_name?: string;
}

export interface Header {
  readonly msg_id: string;
  readonly session: string;
  readonly username: string;
  readonly date: string;
  readonly msg_type: string;
  readonly version: string;
}

export interface Message {
  readonly identities: readonly Buffer[];
  readonly header: Header;
  readonly parent: Partial<Header>;
  readonly metadata: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: each message type has different content
  readonly content: any;
  /** Bytes besides the content, such as arrays of a widget's state. As the protocol requires, they are not signed. */
  readonly buffers?: readonly Uint8Array[] | undefined;
}

export type MessageParts = Partial<Pick<Message, "metadata" | "buffers">>;

const delimiter = Buffer.from("<IDS|MSG>");
const protocolVersion = "5.3";

export function header(msg_type: string, session: string): Header {
  const date = new Date().toISOString();
  return { msg_id: randomUUID(), session, username: "pepnet", date, msg_type, version: protocolVersion };
}

export function encode(key: string, message: Message): Buffer[] {
  const { header, parent, metadata, content } = message;
  const parts = [header, parent, metadata, content].map((part) => Buffer.from(JSON.stringify(part)));
  const buffers = (message.buffers ?? []).map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return [...message.identities, delimiter, Buffer.from(sign(key, parts)), ...parts, ...buffers];
}

/** Decodes a message from its frames. Throws if they are not a message or the signature is wrong. */
export function decode(key: string, frames: readonly Buffer[]): Message {
  const at = frames.findIndex((frame) => frame.equals(delimiter));
  const signature = frames[at + 1];
  const parts = frames.slice(at + 2, at + 6);
  if (at < 0 || signature === undefined || parts.length < 4) throw new Error("not a Jupyter message");
  const expected = Buffer.from(sign(key, parts));
  if (key !== "" && !(expected.length === signature.length && timingSafeEqual(expected, signature))) {
    throw new Error("a Jupyter message with a wrong signature");
  }
  const [header, parent, metadata, content] = parts.map((part) => JSON.parse(part.toString("utf8")));
  if (![header, parent, metadata, content].every(isObject) || typeof header.msg_type !== "string") {
    throw new Error("not a Jupyter message");
  }
  return { identities: frames.slice(0, at), header, parent, metadata, content, buffers: frames.slice(at + 6) };
}

export function signatureOf(frames: readonly Buffer[]): string {
  return frames[frames.findIndex((frame) => frame.equals(delimiter)) + 1]?.toString("latin1") ?? "";
}

function sign(key: string, parts: readonly Buffer[]): string {
  if (key === "") return "";
  const hash = createHmac("sha256", key);
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

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

/** The file that says why kernels of this folder start without a snapshot, or null if nothing speaks against one. */
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

/** `kernel.json`. A looping cell reads no messages, so interrupts are signals, except on Windows, which has none. */
export function kernelSpec(platform: NodeJS.Platform = process.platform, name: string = kernelSpecName): JsonObject {
  return {
    argv: [...kernelArgv],
    display_name: displayName(name),
    language: "typescript",
    interrupt_mode: platform === "win32" ? "message" : "signal",
    metadata: { debugger: false },
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
