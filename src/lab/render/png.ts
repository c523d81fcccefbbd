/** Pictures of figures, drawn in one thread. They are a fallback: a failure prints its reason to stderr, once. */
import { AsideThread } from "../../core/util/called-thread.js";
import type { JsonObject } from "../../core/util/json.js";
import { visible } from "../../core/util/text.js";
import { workerFile } from "../../core/util/worker-file.js";
import type { Figure } from "../views/view.js";
import type { DrawRequest } from "./draw.js";

export interface PngOptions {
  /** CSS pixels. Default: 900, a notebook's width. */
  readonly width?: number;
  /** CSS pixels. Default: the figure's height. */
  readonly height?: number;
  /** Image pixels per CSS pixel. Default: 2, sharp on dense screens. */
  readonly scale?: number;
  /** Paper and ink. Default: `light`. */
  readonly theme?: PictureTheme;
}

export type PictureTheme = "light" | "dark";

/** A picture cannot follow the page's theme, so it includes background and text colours. */
export const PAPERS: Readonly<Record<PictureTheme, { readonly paper: string; readonly ink: string }>> = {
  light: { paper: "#ffffff", ink: "#3a3a3a" },
  dark: { paper: "#111111", ink: "#d5d5d5" },
};

let warned = false;

const thread = new AsideThread<DrawRequest, Uint8Array, string>({
  name: "pepnet-pictures",
  file: () => workerFile(__dirname, "png-worker"),
  error: (reason) => new Error(reason),
  ended: (cause) => cause,
});

/** The figure as PNG bytes, or `null` if drawing fails. */
export async function figurePng(figure: Figure, options: PngOptions = {}): Promise<Uint8Array | null> {
  const height = options.height ?? figure.layout["height"];
  try {
    const theme = options.theme ?? "light";
    const { paper, ink } = PAPERS[theme];
    const font = (figure.layout["font"] ?? {}) as JsonObject;
    const layout = { ...figure.layout, paper_bgcolor: paper, font: { ...font, color: ink } };
    return await thread.call({
      figure: { ...figure, layout },
      width: options.width ?? 900,
      height: typeof height === "number" ? height : 450,
      scale: options.scale ?? 2,
    });
  } catch (error) {
    warnOnce((error as Error).message);
    return null;
  }
}

function warnOnce(reason: string): void {
  if (warned) return;
  warned = true;
  process.stderr.write(`pepnet: charts have no fallback picture (image/png): ${visible(reason)}\n`);
}
