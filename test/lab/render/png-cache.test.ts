/** Pictures of equal figures are drawn once, and never taken from a file that is not the whole picture. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Json } from "../../../src/core/util/json.js";
import { type DrawRequest, drawPng } from "../../../src/lab/render/draw.js";
import { cachedPng } from "../../../src/lab/render/png-cache.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "pepnet-pictures-"));
  vi.stubEnv("PEPNET_CACHE", folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const request = (title: string, data: readonly Json[] = [{ type: "bar", x: [1, 2], y: [3, 1] }]): DrawRequest => {
  return {
    figure: { data, layout: { title, height: 200 }, config: {} } as DrawRequest["figure"],
    width: 300,
    height: 200,
    scale: 1,
  };
};
const stored = (): string[] =>
  readdirSync(path.join(folder, "pictures")).map((name) => path.join(folder, "pictures", name));

test("an equal figure is drawn once, with the same bytes; another, or another size, anew", async () => {
  const draw = vi.fn(drawPng);
  const first = await cachedPng(request("rows"), draw);
  expect(await cachedPng(request("rows"), draw)).toEqual(first);
  expect(first).toEqual(await drawPng(request("rows")));
  expect(draw).toHaveBeenCalledTimes(1);
  await cachedPng(request("others"), draw);
  await cachedPng({ ...request("rows"), width: 301 }, draw);
  expect(draw).toHaveBeenCalledTimes(3);
  expect(stored()).toHaveLength(3);
});

test("a file that is cut off, or is something else, is drawn again", async () => {
  const draw = vi.fn(drawPng);
  const first = await cachedPng(request("rows"), draw);
  const [file] = stored();
  truncateSync(file!, 100);
  expect(await cachedPng(request("rows"), draw)).toEqual(first);
  writeFileSync(file!, "no picture");
  expect(await cachedPng(request("rows"), draw)).toEqual(first);
  expect(draw).toHaveBeenCalledTimes(3);
  expect(readFileSync(file!)).toEqual(first);
});

test("a figure without traces, and text in fonts of the machine, are drawn each time", async () => {
  const draw = vi.fn(async () => new Uint8Array([1]));
  for (const each of [request("rows", []), request("样本"), request("รายการ")])
    for (let time = 0; time < 2; time++) await cachedPng(each, draw);
  expect(draw).toHaveBeenCalledTimes(6);
});

test("where nothing can be stored, figures are drawn", async () => {
  vi.stubEnv("PEPNET_CACHE", path.join(folder, "file"));
  writeFileSync(path.join(folder, "file"), "");
  const draw = vi.fn(async () => new Uint8Array([1]));
  expect(await cachedPng(request("rows"), draw)).toEqual(new Uint8Array([1]));
});

test("a failure is the same each time", async () => {
  const draw = vi.fn(async () => {
    throw new Error("no canvas");
  });
  for (let time = 0; time < 2; time++) await expect(cachedPng(request("rows"), draw)).rejects.toThrow("no canvas");
  expect(draw).toHaveBeenCalledTimes(2);
});
