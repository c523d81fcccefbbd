/** Packages that the user installs: found from the working directory (a notebook's folder), then from here. */
import { createRequire } from "node:module";
import { join } from "node:path";

/** The first of the packages that is installed; `null`: none. @param from files whose folders are searched */
export function userPackage<Package>(
  names: readonly string[],
  from: readonly string[] = [join(process.cwd(), "noop.js"), __filename],
): Package | null {
  for (const place of from) {
    const find = createRequire(place);
    for (const name of names) {
      try {
        find.resolve(name);
      } catch {
        continue;
      }
      return find(name) as Package;
    }
  }
  return null;
}
