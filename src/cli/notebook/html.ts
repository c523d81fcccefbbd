/** `pepnet notebook html`: a stand-alone page of an executed notebook. */
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Command } from "commander";
import { readNotebook } from "../../notebook/index.js";

const htmlHelp = `
The page opens from disk without a network: plotly.js is inside, once, where the notebook holds figures (5 MB), and the
figures are alive. Exit codes: 0 done, 1 an error, 2 misused.

Example: pepnet notebook html notebooks/quickstart.ipynb -o out/quickstart.html`;

/** The command. */
export function htmlCommand(): Command {
  return new Command("html")
    .description("Write an executed notebook as one HTML page that holds everything it needs.")
    .argument("<notebook>", "path of an .ipynb file; it is not run")
    .option("-o, --out <path>", "where the page goes (default: beside the notebook, as .html)")
    .addHelpText("after", htmlHelp)
    .exitOverride()
    .action(async (notebook: string, options: { readonly out?: string }) => {
      const page = path.resolve(options.out ?? notebook.replace(/(\.ipynb)?$/, ".html"));
      await writePage(path.resolve(notebook), page);
      console.log(`Page for a browser ${pathToFileURL(page).href}`);
    });
}

/** Reads a notebook and writes its page, the page's folder made where it is missing. */
export async function writePage(notebook: string, page: string): Promise<void> {
  const { assertPagePlace, notebookHtml, writePageFile } = await import("../../notebook/index.js");
  await assertPagePlace(page);
  await writePageFile(page, await notebookHtml(await readNotebook(notebook)));
}
