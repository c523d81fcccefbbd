/** A page of charts that were computed for every position of its sliders. */
import { contentPolicy, plotlyCode } from "../render/figure-html.js";
import { framesElement } from "../render/frames.js";
import { framesScript, framesStyle } from "../render/script.js";
import { escapeHtml } from "../util/escape.js";
import { reportMark, reportStyle } from "./page.js";

/** What the page says. */
export interface FramesPage {
  readonly title: string;
  /** Paragraphs above the sliders. */
  readonly notes: readonly string[];
  /** See `packFrames`. */
  readonly packed: string;
  readonly version: string;
}

/** The page. Every text is escaped. */
export async function framesPage({ title, notes, packed, version }: FramesPage): Promise<string> {
  const scripts = [await plotlyCode(), framesScript];
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    contentPolicy({ scripts }),
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    reportMark,
    `<title>${escapeHtml(title)}</title><style>${reportStyle}${framesStyle}</style></head><body>`,
    `<header><h1>${escapeHtml(title)}</h1></header>`,
    `<main>${notes.map((note) => `<p>${escapeHtml(note)}</p>`).join("")}${framesElement(packed)}</main>`,
    `<footer><p>Written by pepnet ${escapeHtml(version)}.</p></footer>`,
    ...scripts.map((code) => `<script>${code}</script>`),
    "</body></html>\n",
  ].join("\n");
}
