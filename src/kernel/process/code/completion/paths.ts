/** Completes the path of a file in a string. */
import { readdirSync } from "node:fs";
import path from "node:path";

const mostNames = 500;

/** The entries of a folder that continue a typed path; folders end in `/`. Hidden files only if a dot was typed. */
export function pathCandidates(typed: string): readonly { readonly text: string; readonly kind: "folder" | "file" }[] {
  const folder = typed.slice(0, typed.lastIndexOf("/") + 1);
  const begin = typed.slice(folder.length);
  try {
    return readdirSync(path.resolve(folder), { withFileTypes: true })
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
