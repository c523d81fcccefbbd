// `npm run docs`: the guides and the reference of every exported name as one site, out/docs/index.html. Links to notebooks
// lead to their pages.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root, run, setUp } from "./setup.mjs";

await setUp();
const typedoc = path.join(root, "node_modules", "typedoc", "bin", "typedoc");
process.exitCode = await run(process.execPath, [typedoc, "--options", path.join(root, "typedoc.config.mjs")]);
if (process.exitCode === 0) process.exitCode = await writeNotebookPages(path.join(root, "out", "docs"));

/** Writes each linked notebook as a page beside it, and changes the links to it. Returns an exit code. */
async function writeNotebookPages(site) {
  const media = path.join(site, "media");
  const notebooks = readdirSync(media).filter((name) => name.endsWith(".ipynb"));
  for (const name of notebooks) {
    const file = path.join(media, name);
    const command = [
      path.join(root, "dist", "cli", "main.js"),
      "notebook",
      "html",
      file,
      "-o",
      file.replace(/ipynb$/, "html"),
    ];
    const code = await run(process.execPath, command);
    if (code !== 0) return code;
  }
  for (const name of readdirSync(site, { recursive: true })) {
    if (!name.endsWith(".html") || name.startsWith("media")) continue;
    const file = path.join(site, name);
    writeFileSync(file, readFileSync(file, "utf8").replace(/(href="[^"]*media\/[\w-]+)\.ipynb"/g, '$1.html"'));
  }
  return 0;
}
