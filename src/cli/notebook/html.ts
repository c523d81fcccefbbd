/** `pepnet notebook html`: writes a stand-alone HTML page of an executed notebook. */
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Command } from "commander";
import { readNotebook } from "../../notebook/index.js";

const htmlHelp = `
The page opens from disk without a network. If the notebook has figures, they are interactive and the page includes
plotly.js (5 MB). Exit codes: 0 done, 1 an error, 2 misused.

Example: pepnet notebook html notebooks/quickstart.ipynb -o out/quickstart.html`;

/** The command. */
export function htmlCommand(): Command {
  return new Command("html")
    .description("Write an executed notebook as one self-contained HTML page.")
    .argument("<notebook>", "path of an .ipynb file (not executed again)")
    .option("-o, --out <path>", "page to write (default: next to the notebook, as .html)")
    .addHelpText("after", htmlHelp)
    .exitOverride()
    .action(async (notebook: string, options: { readonly out?: string }) => {
      const page = path.resolve(options.out ?? notebook.replace(/(\.ipynb)?$/, ".html"));
      await writePage(path.resolve(notebook), page);
      console.log(`HTML page: ${pathToFileURL(page).href}`);
    });
}

/** Reads a notebook and writes its page; creates the page's folder if missing. */
export async function writePage(notebook: string, page: string): Promise<void> {
  const { assertPagePlace, notebookHtml, writePageFile } = await import("../../notebook/index.js");
  await assertPagePlace(page);
  await writePageFile(page, await notebookHtml(await readNotebook(notebook)));
}
