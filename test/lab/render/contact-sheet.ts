/** Contact sheets: every sample chart as pictures, a sheet for each kind, light and dark, and a page of them all. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createCanvas, type Image, loadImage } from "@napi-rs/canvas";
import { escapeHtml } from "../../../src/core/util/escape.js";
import { figurePng } from "../../../src/lab/render/png.js";
import type { Chart } from "../../../src/lab/views/view.js";

/** CSS pixels of one picture: an output of JupyterLab on a laptop. */
const WIDTH = 720;
const GAP = 8;
const THEMES = ["light", "dark"] as const;

/** Charts that belong on one sheet, by what sets them apart. */
export interface Sheet {
  readonly name: string;
  readonly charts: Readonly<Record<string, Chart>>;
}

/** Writes `NAME.png` and its part of `index.html`, which has every sheet of the folder; returns the number of pictures. */
export async function writeSheet(folder: string, sheet: Sheet): Promise<number> {
  mkdirSync(folder, { recursive: true });
  const { png, count } = await draw(sheet);
  writeFileSync(join(folder, `${sheet.name}.png`), png);
  writeFileSync(join(folder, `${sheet.name}.part`), part(sheet));
  writeFileSync(join(folder, "index.html"), page(folder));
  return count;
}

/** A row a chart: light at the left, dark at the right. */
async function draw({ charts }: Sheet): Promise<{ png: Uint8Array; count: number }> {
  const rows: Image[][] = [];
  for (const { figure } of Object.values(charts)) {
    const row = THEMES.map(async (theme) => {
      const png = await figurePng(figure, { width: WIDTH, scale: 1, theme });
      if (png === null) throw new Error("no picture could be drawn");
      return loadImage(Buffer.from(png));
    });
    rows.push(await Promise.all(row));
  }
  const heights = rows.map((row) => Math.max(...row.map(({ height }) => height)) + GAP);
  const canvas = createCanvas(
    THEMES.length * (WIDTH + GAP),
    heights.reduce((sum, height) => sum + height, 0),
  );
  const context = canvas.getContext("2d");
  context.fillStyle = "#b9bfc7";
  context.fillRect(0, 0, canvas.width, canvas.height);
  let y = 0;
  rows.forEach((row, r) => {
    row.forEach((image, c) => {
      context.drawImage(image, c * (WIDTH + GAP), y);
    });
    y += heights[r] as number;
  });
  return { png: canvas.toBuffer("image/png"), count: rows.flat().length };
}

function part({ name, charts }: Sheet): string {
  const titles = Object.entries(charts).map(
    ([variant, { title }]) => `<li><b>${escapeHtml(variant)}</b>: ${escapeHtml(title)}</li>`,
  );
  return `<h2 id="${escapeHtml(name)}">${escapeHtml(name)}</h2><ul>${titles.join("")}</ul><img loading="lazy" src="${escapeHtml(name)}.png" alt="">`;
}

function page(folder: string): string {
  const parts = readdirSync(folder).filter((file) => file.endsWith(".part"));
  const links = parts.map((file) => escapeHtml(file.replace(/\.part$/, "")));
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Charts</title>',
    "<style>body{font:15px system-ui;margin:16px}img{display:block}nav a{margin-right:12px}</style></head><body>",
    `<nav>${links.map((name) => `<a href="#${name}">${name}</a>`).join("")}</nav>`,
    ...parts.map((file) => readFileSync(join(folder, file), "utf8")),
    "</body></html>\n",
  ].join("\n");
}
