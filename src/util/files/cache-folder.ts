/** Where this package keeps what saves time at the next use: encoded rows, the kernel's compiled code. */
import { homedir } from "node:os";
import path from "node:path";

/** `PEPNET_CACHE`, else `pepnet` in the user's cache folder. It may not exist. */
export function cacheFolder(): string {
  const { PEPNET_CACHE: own, XDG_CACHE_HOME: base } = process.env;
  if (own) return path.resolve(own);
  return base ? path.join(path.resolve(base), "pepnet") : path.join(homedir(), ".cache", "pepnet");
}
