/**
 * Jupyter messages over ZeroMQ (jupyter-client's "Messaging in Jupyter", protocol 5.3), for the kernel and its client.
 */
import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { isObject } from "../core/util/json.js";

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
  /** The keys of encrypted sockets (CurveZMQ). */
  readonly curve_publickey?: string;
  readonly curve_secretkey?: string;
}

/** Options of a kernel's sockets: they encrypt if the client made keys. */
export function encryption({ curve_publickey: publicKey, curve_secretkey: secretKey }: ConnectionInfo): object {
  if (publicKey === undefined || secretKey === undefined) return {};
  return { curveServer: true, curvePublicKey: publicKey, curveSecretKey: secretKey };
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

/** Whether a request is a page's: pages name the cell. */
export function isFromPage(request: Message): boolean {
  return typeof request.metadata["cellId"] === "string";
}

export type MessageParts = Partial<Pick<Message, "metadata" | "buffers">>;

const delimiter = Buffer.from("<IDS|MSG>");
export const protocolVersion = "5.3";

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
