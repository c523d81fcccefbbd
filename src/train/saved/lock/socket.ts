/**
 * A local socket in a folder that answers while its process lives: the operating system closes it when the process
 * ends, and answers for a stopped process. Unlike process numbers, socket names are never reused.
 */
import { randomBytes } from "node:crypto";
import { open } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import path from "node:path";

/** A socket that answers. */
export interface LifeSocket {
  /** The name of its file. */
  readonly name: string;
  close(): void;
}

/** Paths of sockets may have 103 bytes, or 107. */
const mostPathBytes = 103;

/** Creates a socket; `null` if the disk or the system does not support it. */
export async function listenIn(folder: string): Promise<LifeSocket | null> {
  const name = `alive-${randomBytes(8).toString("hex")}`;
  const server = createServer((connection) => connection.destroy());
  const isListening = await withShortPath(folder, name, (short) => listening(server, short)).catch(() => false);
  if (!isListening) return null;
  server.unref();
  return { name, close: () => void server.close() };
}

/** Whether a socket answers; `null`: unknown. */
export async function answers(folder: string, name: string): Promise<boolean | null> {
  return withShortPath(folder, name, connected).catch(() => null);
}

function listening(server: Server, socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen({ path: socket, exclusive: true }, () => {
      server.on("error", () => undefined);
      resolve(true);
    });
  });
}

function connected(socket: string): Promise<boolean | null> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.once("connect", () => {
      connection.destroy();
      resolve(true);
    });
    connection.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "ECONNREFUSED" ? false : null));
  });
}

/** Calls `use` with a path of the socket that is short enough for any folder. */
async function withShortPath<T>(folder: string, name: string, use: (short: string) => Promise<T>): Promise<T> {
  const whole = path.resolve(folder, name);
  const fromHere = path.relative(process.cwd(), whole);
  const short = [whole, fromHere].find((each) => Buffer.byteLength(each) <= mostPathBytes);
  if (short !== undefined) return use(short);
  const handle = await open(folder, "r");
  try {
    return await use(`/proc/self/fd/${handle.fd}/${name}`); // fails without /proc
  } finally {
    await handle.close();
  }
}
