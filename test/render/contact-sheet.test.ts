/**
 * Every sample chart as a picture. To look at them all:
 * `PEPNET_CHARTS=/tmp/charts npx vitest run test/render/contact-sheet.test.ts`, then open `/tmp/charts/index.html`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createCanvas, loadImage } from "@napi-rs/canvas";
import { afterAll, describe, expect, test } from "vitest";
import { escapeHtml, figurePng } from "../../src/render/index.js";
import { samples } from "../charts/samples.js";

const folder = process.env["PEPNET_CHARTS"];

describe("every chart as a picture", () => {
  const drawn: string[] = [];

  test.each(Object.keys(samples))("%s has the size it asks for and is not blank", async (name) => {
    const { figure } = (samples[name] as () => { figure: Parameters<typeof figurePng>[0] })();
    const png = await figurePng(figure, { scale: folder === undefined ? 1 : 2 });
    expect(png).not.toBeNull();
    const { width, height, colours } = await pixels(png as Uint8Array);
    const scale = folder === undefined ? 1 : 2;
    expect([width, height]).toEqual([900 * scale, (figure.layout["height"] as number) * scale]);
    expect(colours).toBeGreaterThan(30);
    if (folder !== undefined) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${name}.png`), png as Uint8Array);
      drawn.push(name);
    }
  });

  afterAll(() => {
    if (folder === undefined) return;
    const images = drawn.map((name) => `<h2>${escapeHtml(name)}</h2><img src="${escapeHtml(name)}.png" width="900">`);
    writeFileSync(
      join(folder, "index.html"),
      `<!doctype html><meta charset="utf-8"><title>Charts</title>${images.join("\n")}`,
    );
  });
});

async function pixels(png: Uint8Array): Promise<{ width: number; height: number; colours: number }> {
  const image = await loadImage(Buffer.from(png));
  const context = createCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  const words = new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer);
  return { width: image.width, height: image.height, colours: new Set(words).size };
}
