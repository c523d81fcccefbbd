// The links of every Markdown page of the project: README and the like, docs/, the markdown cells of notebooks.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { remark } from "remark";
import remarkValidateLinks from "remark-validate-links";
import { engine } from "unified-engine";
import { visit } from "unist-util-visit";
import { VFile } from "vfile";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const folders = [".", ".github", "bench", "data", "docs", "notebooks"];

/** The pages as `{ path, value }`, paths relative to the project; a notebook is the text of its markdown cells. */
export function pages() {
  return folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: folder !== "." })
      .filter((name) => /\.(md|ipynb)$/.test(name) && !name.includes(".ipynb_checkpoints"))
      .map((name) => {
        const file = path.join(folder, name);
        const text = readFileSync(path.join(root, file), "utf8");
        return { path: file, value: file.endsWith(".ipynb") ? markdownCells(text) : text };
      }),
  );
}

function markdownCells(notebook) {
  const cells = JSON.parse(notebook).cells.filter((cell) => cell.cell_type === "markdown");
  return cells.map((cell) => [cell.source].flat().join("")).join("\n\n");
}

/**
 * Checks that each relative link names an existing file, and each anchor an existing heading.
 *
 * @param {{ path: string, value: string }[]} files
 * @returns {Promise<{ broken: string[], external: { url: string, page: string }[] }>} what is wrong, as
 *   `page:line: reason`, and the links that leave the project.
 */
export function checkLinks(files) {
  const external = [];
  const collect = () => (tree, file) =>
    visit(tree, (node) => {
      if ("url" in node && /^[a-z]+:/i.test(node.url)) external.push({ url: node.url, page: file.path });
    });
  const options = {
    processor: remark(),
    plugins: [collect, [remarkValidateLinks, { repository: false }]],
    files: files.map((file) => new VFile({ ...file, cwd: root })),
    cwd: root,
    out: false,
    output: false,
    streamError: new Writable({ write: (_chunk, _encoding, done) => done() }),
  };
  return new Promise((resolve, reject) =>
    engine(options, (error, _code, context) => {
      if (error) return reject(error);
      const broken = context.files.flatMap((file) =>
        file.messages.map((message) => `${file.path}:${message.line ?? 1}: ${message.reason}`),
      );
      resolve({ broken, external });
    }),
  );
}
