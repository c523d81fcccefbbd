/** The pictures of a notebook's charts as files, for the index page to show small. */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { joinLines, type Multiline, type Notebook } from "../format.js";

const folderName = "pictures";

/** Writes every PNG of the outputs below `out` and gives their paths relative to it, in order. */
export async function savePictures(notebook: Pick<Notebook, "cells">, out: string, name: string): Promise<string[]> {
  const pictures = notebook.cells
    .flatMap((cell) => cell.outputs ?? [])
    .map((output) => ("data" in output ? joinLines(output.data["image/png"] as Multiline | undefined) : ""))
    .filter((base64) => base64 !== "");
  if (pictures.length > 0) await mkdir(path.join(out, folderName), { recursive: true });
  const files = pictures.map((_, index) => `${folderName}/${name}-${index + 1}.png`);
  await Promise.all(files.map((file, index) => writeFile(path.join(out, file), pictures[index] as string, "base64")));
  return files;
}
