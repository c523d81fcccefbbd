// `npm run docs`: the guides and the reference of every exported name as one site, out/docs/index.html, and as one file that a
// release carries, so that a newcomer builds nothing. Links to notebooks lead to their pages.
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { guideSections } from "./docs-sections.mjs";
import { root, run, setUp } from "./setup.mjs";

await setUp();
const typedoc = path.join(root, "node_modules", "typedoc", "bin", "typedoc");
process.exitCode = await run(process.execPath, [typedoc, "--options", path.join(root, "typedoc.config.mjs")]);
if (process.exitCode === 0) {
  const site = path.join(root, "out", "docs");
  writeSearch(site);
  process.exitCode = (await writeNotebookPages(site)) || (await pack(site));
}

/** Packs the site as `out/pepnet-docs-X.Y.Z.tgz`, with `pepnet-docs-X.Y.Z/index.html` in it. Returns an exit code. */
async function pack(site) {
  const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const name = `pepnet-docs-${version}`;
  const inside = path.join(root, "out", name);
  rmSync(inside, { recursive: true, force: true });
  renameSync(site, inside);
  const code = await run("tar", ["-czf", path.join("out", `${name}.tgz`), "-C", "out", name]);
  renameSync(inside, site);
  return code;
}

/** Writes the search of guides into the site. */
function writeSearch(site) {
  const sections = guideSections(site);
  const code = readFileSync(path.join(root, "scripts", "docs-search.mjs"), "utf8").replaceAll(
    "export function",
    "function",
  );
  const start = `offer(${JSON.stringify(sections)}, document.documentElement.dataset.base.replace(/\\/?$/, "/"));`;
  writeFileSync(path.join(site, "assets", "guides.js"), `(() => {\n${code}\n${start}\n})();\n`);
  for (const name of readdirSync(site, { recursive: true })) {
    if (!name.endsWith(".html") || name.startsWith("media")) continue;
    const file = path.join(site, name);
    const up = "../".repeat(name.split(path.sep).length - 1);
    const script = `<script defer src="${up}assets/guides.js"></script></head>`;
    writeFileSync(file, readFileSync(file, "utf8").replace("</head>", script));
  }
}

/** Writes each linked notebook as a page beside it, and changes the links to it. Returns an exit code. */
async function writeNotebookPages(site) {
  const media = path.join(site, "media");
  const notebooks = readdirSync(media).filter((name) => name.endsWith(".ipynb"));
  for (const name of notebooks) {
    const file = path.join(media, name);
    const command = [
      path.join(root, "dist", "kernel", "cli", "main.js"),
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
