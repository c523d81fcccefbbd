/** Paths in files that travel between systems: notebooks, manifests, `package.json`. */
import path from "node:path";

/** The path with `/` between folders, which every system reads. @param paths the rules of another system, in tests */
export function slashPath(file: string, paths: path.PlatformPath = path): string {
  return file.replaceAll(paths.sep, "/");
}
