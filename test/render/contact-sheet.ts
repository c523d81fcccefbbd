/** Contact sheets: every sample chart as pictures, a sheet for each kind, light and dark, and a page of them all. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createCanvas, type Image, loadImage } from "@napi-rs/canvas";
import { figurePng } from "../../src/render/png.js";
import { escapeHtml } from "../../src/util/escape.js";
import type { Chart } from "../../src/views/view.js";

/** CSS pixels of one picture: an output of JupyterLab on a laptop. */
const WIDTH = 720;
const GAP = 8;
const THEMES = ["light", "dark"] as const;

/** Charts that belong on one sheet, by what sets them apart. */
export interface Sheet {
  readonly name: string;
  readonly charts: Readonly<Record<string, Chart>>;
}

/** Writes `NAME.png` for each sheet and `index.html` into a folder that is made anew; returns the number of pictures. */
export async function writeSheets(folder: string, sheets: readonly Sheet[]): Promise<number> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  let pictures = 0;
  for (const sheet of sheets) {
    const { png, count } = await draw(sheet);
    pictures += count;
    writeFileSync(join(folder, `${sheet.name}.png`), png);
  }
  writeFileSync(join(folder, "index.html"), page(sheets));
  return pictures;
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

function page(sheets: readonly Sheet[]): string {
  const parts = sheets.map(({ name, charts }) => {
    const titles = Object.entries(charts).map(
      ([variant, { title }]) => `<li><b>${escapeHtml(variant)}</b>: ${escapeHtml(title)}</li>`,
    );
    return `<h2 id="${escapeHtml(name)}">${escapeHtml(name)}</h2><ul>${titles.join("")}</ul><img loading="lazy" src="${escapeHtml(name)}.png" alt="">`;
  });
  const links = sheets.map(({ name }) => `<a href="#${escapeHtml(name)}">${escapeHtml(name)}</a>`);
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Charts</title>',
    "<style>body{font:15px system-ui;margin:16px}img{display:block}nav a{margin-right:12px}</style></head><body>",
    `<nav>${links.join("")}</nav>`,
    ...parts,
    "</body></html>\n",
  ].join("\n");
}
