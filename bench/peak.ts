/** Peak memory of a process. */
import { readFileSync } from "node:fs";

/** Peak memory of this process. Unlike `maxRSS`, which a child inherits, it does not include the parent's peak. */
export function residentPeak(): number {
  const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return (Number(kilobytes ?? process.resourceUsage().maxRSS) * 1024) / 1e6;
}
