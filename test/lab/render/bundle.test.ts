import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { createCanvas, loadImage } from "@napi-rs/canvas";
import { describe, expect, test } from "vitest";
import { plotlyMime, timesMime } from "../../../src/core/port/notebook.js";
import { chartBundle, figureBundle, tableBundle } from "../../../src/lab/render/bundle.js";
import { figureHtml } from "../../../src/lab/render/figure-html.js";
import { palettePng } from "../../../src/lab/render/palette-png.js";
import { figurePng } from "../../../src/lab/render/png.js";
import { fieldGatesChart } from "../../../src/lab/views/gates/fields.js";
import { lossChart } from "../../../src/lab/views/history.js";
import { ageDomains, gatesReport, history } from "../charts/results.js";

const root = resolve(__dirname, "../../..");
const dist = resolve(root, "dist/lab/render/bundle.js");

describe("a figure's bundle", () => {
  test("holds Plotly JSON, a PNG and text, and no HTML that front ends would prefer to the picture", async () => {
    const chart = lossChart(history(ageDomains));
    const bundle = await chartBundle(chart);
    expect(Object.keys(bundle)).toEqual([plotlyMime, "image/png", "text/plain", timesMime]);
    expect(bundle[timesMime]).toEqual({ columns: [2] });
    expect(chart.table.columns[2]!.name).toBe("rows/s");
    expect(bundle[plotlyMime]).toEqual({
      data: chart.figure.data,
      layout: chart.figure.layout,
      config: chart.figure.config,
    });
    expect(
      Buffer.from(bundle["image/png"] as string, "base64")
        .subarray(1, 4)
        .toString(),
    ).toBe("PNG");
    expect(bundle["text/plain"]).toContain("Loss fell from 1.256");
  });

  test("has a picture whatever characters its names hold", async () => {
    const names = ["\u001b[31mred\u0000\ufffe", "a\u202eb\ud800", "\u009b2J\r\n"];
    for (const chart of [lossChart(history(names)), fieldGatesChart(gatesReport(names))]) {
      expect(Object.keys(await chartBundle(chart))).toContain("image/png");
    }
  });

  test("leaves the picture out when asked, for live updates", async () => {
    const bundle = await figureBundle(lossChart(history([])).figure, { png: false });
    expect(Object.keys(bundle)).toEqual([plotlyMime, "text/plain"]);
    expect(bundle["text/plain"]).toBe("Loss fell from 1.256 to 0.509 in 480 steps");
  });

  test("is a figure without picture where none can be drawn, and charts after it have theirs again", async () => {
    const broken = { data: [], layout: { height: -5 }, config: {} };
    expect(Object.keys(await figureBundle(broken))).toEqual([plotlyMime, "text/plain"]);
    expect(await figurePng(lossChart(history([])).figure)).not.toBeNull();
  });

  test("of a table is HTML and text", () => {
    const bundle = tableBundle({ columns: [{ name: "a" }], rows: [[1]] });
    expect(Object.keys(bundle)).toEqual(["text/html", "text/plain"]);
  });
});

describe("a picture", () => {
  test("is the same bytes twice, on white, with text drawn in it", async () => {
    const { figure } = fieldGatesChart(gatesReport(ageDomains));
    const [one, two] = await Promise.all([figurePng(figure), figurePng(figure)]);
    expect(digest(one as Uint8Array)).toBe(digest(two as Uint8Array));
    const title = await ink(one as Uint8Array, 0, 80);
    const untitled = await ink(
      (await figurePng({ ...figure, layout: { ...figure.layout, title: {}, annotations: [] } })) as Uint8Array,
      0,
      80,
    );
    expect(untitled).toBe(0);
    expect(title).toBeGreaterThan(2000);
  });

  test("has the width, height and scale that are asked for", async () => {
    const png = (await figurePng(lossChart(history([])).figure, { width: 500, height: 300, scale: 1.5 })) as Uint8Array;
    const image = await loadImage(Buffer.from(png));
    expect([image.width, image.height]).toEqual([750, 450]);
  });
});

describe("a process that draws", () => {
  test.skipIf(!existsSync(dist))(
    "loads nothing heavy until a picture is asked for, draws without any system font, and ends by itself",
    () => {
      const script = `
      const render = require(${JSON.stringify(dist)});
      const heavy = Object.keys(require.cache).filter((file) => /jsdom|plotly|resvg|napi-rs/.test(file));
      const figure = { data: [{ type: "scatter", x: [1, 2], y: [1, 2] }], layout: { height: 200, title: { text: "A title" } }, config: {} };
      render.figureBundle(figure).then((bundle) => console.log(JSON.stringify({ heavy, png: bundle["image/png"] })));`;
      const env = { ...process.env, FONTCONFIG_PATH: "/nonexistent", FONTCONFIG_FILE: "/nonexistent/fonts.conf" };
      const out = JSON.parse(
        execFileSync(process.execPath, ["-e", script], { encoding: "utf8", env, timeout: 300_000 }),
      );
      expect(out.heavy).toEqual([]);
      expect(out.png).toMatch(/^iVBOR/);
    },
  );
});

describe("a PNG with a palette", () => {
  const drawn = async (
    colours: readonly number[],
  ): Promise<{ before: Uint8Array; after: Uint8Array; bytes: Buffer }> => {
    const before = new Uint8Array(Uint32Array.from(colours, (colour) => (0xff000000 | colour) >>> 0).buffer);
    const bytes = palettePng({ width: colours.length / 10, height: 10, pixels: before });
    const image = await loadImage(bytes);
    const context = createCanvas(image.width, image.height).getContext("2d");
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    return { before, after: new Uint8Array(data), bytes };
  };

  test("has exactly the pixels of up to 256 colours", async () => {
    for (const count of [1, 2, 255, 256]) {
      const { before, after } = await drawn(Array.from({ length: 5120 }, (_, at) => ((at * 7) % count) * 65_793));
      expect(Buffer.from(after).equals(Buffer.from(before)), String(count)).toBe(true);
    }
  });

  test("keeps the most frequent of more colours, and takes the nearest for the others", async () => {
    const colours = Array.from({ length: 5120 }, (_, at) =>
      at < 5000 ? ((at * 7) % 250) * 65_793 : 0x010000 * (at % 120),
    );
    const { before, after } = await drawn(colours);
    expect(Buffer.from(after.slice(0, 20_000)).equals(Buffer.from(before.slice(0, 20_000)))).toBe(true);
    const worst = Math.max(...after.map((value, at) => Math.abs(value - before[at]!)));
    expect(worst).toBeGreaterThan(0);
    expect(worst).toBeLessThan(100);
  });

  test("of a chart takes less than half of the bytes of one with all channels", async () => {
    const palette = (await figurePng(lossChart(history(ageDomains)).figure)) as Uint8Array;
    const image = await loadImage(Buffer.from(palette));
    const canvas = createCanvas(image.width, image.height);
    canvas.getContext("2d").drawImage(image, 0, 0);
    expect(palette.length).toBeLessThan(canvas.toBuffer("image/png").length / 2);
  });
});

describe("a stand-alone page", () => {
  test("holds plotly.js once and cannot be broken out of by a name", async () => {
    const field = "</script><script>alert(1)</script>";
    const page = await figureHtml(fieldGatesChart(gatesReport(["a"], [field])).figure);
    expect(page.match(/<script>/g)).toHaveLength(2);
    expect(page.match(/<\/script>/g)).toHaveLength(3);
    expect(page).not.toContain("alert(1)</script>");
    expect(page.match(/<script type="text\/plain" id="plotly">/g)).toHaveLength(1);
  });
});

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Dark pixels between two rows: letters. */
async function ink(png: Uint8Array, from: number, to: number): Promise<number> {
  const image = await loadImage(Buffer.from(png));
  const context = createCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, from, image.width, to - from);
  let dark = 0;
  for (let at = 0; at < data.length; at += 4) if ((data[at] as number) < 128) dark++;
  return dark;
}
