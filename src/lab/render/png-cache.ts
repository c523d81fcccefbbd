/** Pictures of equal figures are drawn once: later ones come from the cache folder, even after a restart. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { attempt } from "../../core/util/attempt.js";
import { cacheFolder } from "../../core/util/files/cache-folder.js";
import { sha256 } from "../../core/util/files/checksums.js";
import { hashOfCode } from "../../core/util/files/code-hash.js";
import { makeRoom, markUsed, writeCacheFile } from "../../core/util/write-whole.js";
import type { DrawRequest } from "./draw.js";
import { otherScripts } from "./scripts.js";

const extension = ".png";
const mostBytes = 200e6;
/** The signature of a PNG file, and the chunk at its end. */
const [signature, end] = ["89504e470d0a1a0a", "0000000049454e44ae426082"];

/**
 * The picture, as `draw` makes it. Figures without traces are always drawn, to find out whether drawing works, and so
 * is text in fonts of the machine, which may change.
 */
export async function cachedPng(
  request: DrawRequest,
  draw: (request: DrawRequest) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const text = JSON.stringify(request);
  if (request.figure.data.length === 0 || otherScripts.test(text)) return draw(request);
  const [folder, name] = [path.join(cacheFolder(), "pictures"), sha256(drawing() + text).slice(0, 40) + extension];
  const file = path.join(folder, name);
  const before = attempt(() => readFileSync(file), null);
  if (before !== null && isWhole(before)) {
    markUsed(file);
    return before;
  }
  const png = await draw(request);
  attempt(() => {
    writeCacheFile(folder, name, png);
    makeRoom(folder, { extension, isOwn: (each) => isWhole(readFileSync(each)) }, { bytes: mostBytes, newest: file });
  }, undefined); // without an entry, it is drawn again
  return png;
}

function isWhole(bytes: Buffer): boolean {
  return bytes.subarray(0, 8).toString("hex") === signature && bytes.subarray(-12).toString("hex") === end;
}

const packages = ["plotly.js-dist-min", "plotly.js-cartesian-dist-min", "@resvg/resvg-js", "@napi-rs/canvas", "jsdom"];
let code: string | null = null;

/** What pictures depend on besides the figure: the code that draws them, and the packages that it uses. */
function drawing(): string {
  code ??= hashOfCode(__dirname, ["."], packages);
  return code;
}
