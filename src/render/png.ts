/**
 * Pictures of figures, drawn in one worker thread that starts at the first picture, is used for all, and does not
 * keep the process alive. A picture is a fallback: where it cannot be made, a chart goes without and stderr says
 * why, once.
 */
import { basename, extname, join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Figure } from "../charts/figure.js";
import type { JsonObject } from "../util/json.js";
import type { PngReply, PngRequest } from "./png-worker.js";

/** Choices for {@link figurePng}. */
export interface PngOptions {
  /** CSS pixels (900: a notebook's width). */
  readonly width?: number;
  /** CSS pixels; the figure's own height where left out. */
  readonly height?: number;
  /** Image pixels for a CSS pixel (2: sharp on dense screens). */
  readonly scale?: number;
  /** Paper and ink (`light`). */
  readonly theme?: PictureTheme;
}

/** White paper with dark text, or the reverse. */
export type PictureTheme = "light" | "dark";

/** A picture has no theme to follow: its own paper and text are readable wherever it is put. */
const PAPERS: Readonly<Record<PictureTheme, { readonly paper: string; readonly ink: string }>> = {
  light: { paper: "#ffffff", ink: "#3a3a3a" },
  dark: { paper: "#111111", ink: "#d5d5d5" },
};

let worker: Worker | undefined;
let nextId = 0;
let warned = false;
const waiting = new Map<number, (reply: PngReply) => void>();

/** The figure as PNG bytes, or `null` where no picture can be made. */
export async function figurePng(figure: Figure, options: PngOptions = {}): Promise<Uint8Array | null> {
  const height = options.height ?? figure.layout["height"];
  const reply = await ask({
    id: nextId++,
    figure: onPaper(figure, options.theme ?? "light"),
    width: options.width ?? 900,
    height: typeof height === "number" ? height : 450,
    scale: options.scale ?? 2,
  });
  if (reply.png !== undefined) return reply.png;
  warnOnce(reply.error ?? "the worker ended");
  return null;
}

function ask(request: PngRequest): Promise<PngReply> {
  return new Promise((resolve) => {
    waiting.set(request.id, resolve);
    try {
      const running = startWorker();
      running.ref(); // a picture that is asked for is awaited; an idle worker is not
      running.postMessage(request);
    } catch (error) {
      settle({ id: request.id, error: String(error) });
    }
  });
}

function startWorker(): Worker {
  if (worker !== undefined) return worker;
  const started = new Worker(workerFile(), { stdout: false, stderr: false });
  started.on("message", (reply: PngReply) => settle(reply));
  started.on("error", (error) => fail(started, error.message));
  started.on("exit", (code) => fail(started, `the drawing worker ended with code ${code}`));
  worker = started;
  return started;
}

/** Worker threads cannot load TypeScript: from `src` (tests), the built worker in `dist` is used. */
function workerFile(): string {
  if (extname(__filename) !== ".ts") return join(__dirname, "png-worker.js");
  return join(__dirname, "..", "..", "dist", basename(__dirname), "png-worker.js");
}

function settle(reply: PngReply): void {
  const resolve = waiting.get(reply.id);
  waiting.delete(reply.id);
  if (waiting.size === 0) worker?.unref();
  resolve?.(reply);
}

function fail(failed: Worker, error: string): void {
  if (worker === failed) worker = undefined;
  for (const id of [...waiting.keys()]) settle({ id, error });
}

function warnOnce(reason: string): void {
  if (warned) return;
  warned = true;
  process.stderr.write(`pepnet: charts go without their fallback picture (image/png): ${reason}\n`);
}

function onPaper(figure: Figure, theme: PictureTheme): Figure {
  const { paper, ink } = PAPERS[theme];
  const font = (figure.layout["font"] ?? {}) as JsonObject;
  const layout = { ...figure.layout, paper_bgcolor: paper, font: { ...font, color: ink } };
  return { ...figure, layout };
}
