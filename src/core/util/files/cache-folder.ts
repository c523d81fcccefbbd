/** The cache folder of this package: encoded rows and the kernel's compiled code. */
import { homedir } from "node:os";
import path from "node:path";

/** `PEPNET_CACHE`, else `pepnet` in the user's cache folder. The folder may not exist. */
export function cacheFolder(): string {
  const { PEPNET_CACHE: cache, XDG_CACHE_HOME: base } = process.env;
  if (cache) return path.resolve(cache);
  return base ? path.join(path.resolve(base), "pepnet") : path.join(homedir(), ".cache", "pepnet");
}
