/** Checks the folder of a sweep: its file names, such as `index.html`, may already exist. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { NotebookError } from "../../errors/index.js";
import { escapeHtml } from "../../util/text/escape.js";
import { isPage } from "../page/page-file.js";

/** Names of the files that all runs share. */
export const sharedFiles = { index: "index.html", csv: "index.csv", plotly: "plotly.min.js" } as const;

/** The folder of a run's pictures. */
export const picturesFolder = "pictures";

/**
 * Throws a NotebookError if files would be overwritten that no earlier sweep wrote, according to its index page. Other
 * files in the folder are not touched.
 */
export async function assertSweepPlace(out: string, runs: readonly string[]): Promise<void> {
  const index = path.join(out, sharedFiles.index);
  const page = (await isPage(index)) ? await readFile(index, "utf8") : null;
  const knows = (run: string): boolean =>
    page !== null && [escapeHtml(run), encodeURIComponent(run)].some((name) => page.includes(name));
  const shared: readonly string[] = page === null ? [...Object.values(sharedFiles), picturesFolder] : [];
  const newFiles = runs.filter((run) => !knows(run)).flatMap((run) => [`${run}.ipynb`, `${run}.html`]);
  const names = await readdir(out).catch(() => [] as string[]);
  const inTheWay = names.filter((name) => shared.includes(name) || newFiles.includes(name));
  if (inTheWay.length === 0) return;
  throw new NotebookError(
    inTheWay.slice(0, 5).map((name) => ({
      path: path.join(out, name),
      message: "not a file of an earlier sweep; nothing was run",
      expected: "a new folder, or the folder of an earlier sweep of this notebook",
      fix: "use another folder, or move the file",
    })),
  );
}
