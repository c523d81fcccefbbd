/** Debug output for pepnet developers (`PEPNET_DEBUG=1`): lines on stderr, and full stacks. */
import { writeSync } from "node:fs";
import { attempt } from "./attempt.js";
import { visible } from "./text.js";

export function isDebugging(): boolean {
  const value = process.env["PEPNET_DEBUG"];
  return value !== undefined && value !== "" && value !== "0";
}

/** Prints `[pepnet] AREA: text` if debugging is on; to the descriptor, since a kernel captures `process.stderr`. */
export function debugLine(area: string, text: string): void {
  if (!isDebugging()) return;
  // A closed or full stderr must not disturb the debugged program.
  attempt(() => writeSync(2, `[pepnet] ${area}: ${visible(text)}\n`), 0);
}

export function stackText(error: unknown): string {
  const parts: string[] = [];
  for (let each = error; each !== undefined && each !== null; each = each instanceof Error ? each.cause : null) {
    const text = each instanceof Error ? (each.stack ?? `${each.name}: ${each.message}`) : String(each);
    parts.push(parts.length === 0 ? text : `caused by ${text}`);
    if (parts.length === mostCauses) break;
  }
  return parts.join("\n");
}

/** A chain of causes may be circular. */
const mostCauses = 10;
