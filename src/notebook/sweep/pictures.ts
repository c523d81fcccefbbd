/** Writes the pictures of a notebook's charts as files, for thumbnails on the index page. */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { writeFileWhole } from "../../util/atomic/write-whole.js";
import { joinLines, type Multiline, type Notebook } from "../format.js";
import { picturesFolder } from "./sweep-place.js";

/** Writes every PNG of the outputs below `out` and returns their paths relative to it, in order. */
export async function savePictures(notebook: Pick<Notebook, "cells">, out: string, name: string): Promise<string[]> {
  const pictures = notebook.cells
    .flatMap((cell) => cell.outputs ?? [])
    .map((output) => ("data" in output ? joinLines(output.data["image/png"] as Multiline | undefined) : ""))
    .filter((base64) => base64 !== "");
  if (pictures.length > 0) await mkdir(path.join(out, picturesFolder), { recursive: true });
  const files = pictures.map((_, index) => `${picturesFolder}/${name}-${index + 1}.png`);
  await Promise.all(
    files.map((file, index) => writeFileWhole(path.join(out, file), Buffer.from(pictures[index]!, "base64"))),
  );
  return files;
}
