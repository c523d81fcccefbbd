/** Completes the path of a file in a string. */
import { readdirSync } from "node:fs";
import path from "node:path";

const mostNames = 500;

/** The entries of a folder that continue a typed path; folders end in `/`. Hidden files only if a dot was typed. */
export function pathCandidates(typed: string): readonly { readonly text: string; readonly kind: "folder" | "file" }[] {
  const { folder, begin } = cutTyped(typed);
  try {
    return readdirSync(path.resolve(unescaped(folder)), { withFileTypes: true })
      .filter(({ name }) => name.startsWith(begin) && (begin !== "" || !name.startsWith(".")))
      .slice(0, mostNames)
      .map((entry) => {
        const isFolder = entry.isDirectory();
        return { text: `${folder}${entry.name}${isFolder ? "/" : ""}`, kind: isFolder ? "folder" : "file" };
      });
  } catch {
    return []; // no such folder
  }
}

/**
 * Cuts the typed text of a string after its last folder. On Windows `\\`, an escaped backslash, ends a folder as well.
 * @param paths the rules of another system, in tests
 */
export function cutTyped(
  typed: string,
  paths: path.PlatformPath = path,
): { readonly folder: string; readonly begin: string } {
  const [folder = ""] = (paths.sep === "/" ? /^.*\//s : /^.*(?:\/|\\\\)/s).exec(typed) ?? [];
  return { folder, begin: typed.slice(folder.length) };
}

function unescaped(folder: string): string {
  return folder.replaceAll("\\\\", "\\");
}
