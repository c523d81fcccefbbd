/**
 * The owner of a lock: `owner.json` in the lock's folder.
 */
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import { readText } from "../../../util/files/read-whole.js";

/** `owner.json`. */
export interface Owner {
  readonly format: "pepnet-lock";
  readonly formatVersion: 1;
  readonly pid: number;
  readonly host: string;
  /** The running system: the same in its containers, different after a restart. */
  readonly system: string;
  /** Name of the socket that answers while the process lives; `null`: the disk does not support sockets. */
  readonly socket: string | null;
}

/** The file's name. */
export const ownerFile = "owner.json";

let system: string | null = null;

/** The running system: the kernel's boot on Linux, elsewhere the host's name. */
export function systemId(): string {
  system ??= bootId() ?? hostname();
  return system;
}

function bootId(): string | null {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return null;
  }
}

/** The record of this process. */
export function ownRecord(socket: string | null): Owner {
  return { format: "pepnet-lock", formatVersion: 1, pid: process.pid, host: hostname(), system: systemId(), socket };
}

/** The owner of a lock; `null` if the record is missing or invalid. */
export async function readOwner(lock: string): Promise<Owner | null> {
  const text = await readText(path.join(lock, ownerFile), "text").catch(() => "");
  try {
    const owner = JSON.parse(text) as Owner;
    const isOne = owner.format === "pepnet-lock" && typeof owner.pid === "number" && typeof owner.host === "string";
    return isOne ? owner : null;
  } catch {
    return null;
  }
}

/** The owner in words. */
export function ownerText({ pid, host }: Pick<Owner, "pid" | "host">): string {
  return host === hostname() ? `process ${pid}` : `process ${pid} on ${host}`;
}
