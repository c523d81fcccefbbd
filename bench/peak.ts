/** Peak memory of a process. */
import { readFileSync } from "node:fs";

/** The most memory that this process has had; a child's `maxRSS` begins with its parent's. */
export function residentPeak(): number {
  const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return (Number(kilobytes ?? process.resourceUsage().maxRSS) * 1024) / 1e6;
}
