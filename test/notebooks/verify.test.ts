/** Two honest runs of a shipped notebook verify as the same; of its times both values are listed. */

import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runNotebook } from "../../src/notebook/execute.js";
import { verifyNotebook } from "../../src/notebook/verify.js";
import { packageRoot } from "../../src/util/files/package-root.js";
import { open, save } from "../notebook/notebook-files.js";

const plotly = "application/vnd.plotly.v1+json";
let folder: string;
let file: string;
beforeAll(async () => {
  // Below the repository, so that the notebook finds the packages it imports.
  await mkdir(path.join(packageRoot, "out"), { recursive: true });
  folder = await mkdtemp(path.join(packageRoot, "out", "verify-"));
  file = path.join(folder, "quickstart.ipynb");
  await copyFile(path.join(packageRoot, "notebooks", "quickstart.ipynb"), file);
  await runNotebook(file, { parameters: { rows: 4000 } });
}, 240_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

it("the quickstart is the same but for the times of its training, and a planted picture of these is found", async () => {
  const { ok, cells, skipped } = await verifyNotebook(file);
  expect(cells.flatMap(({ cell, differences }) => differences.map((each) => ({ cell, ...each })))).toEqual([]);
  expect({ ok, skipped }).toEqual({ ok: true, skipped: 0 });
  const ignored = cells.flatMap((cell) => cell.ignored.map((value) => ({ source: cell.source, ...value })));
  expect(new Set(ignored.map(({ source }) => source))).toEqual(new Set(["const run = await model.fit(data);"]));
  expect(new Set(ignored.map(({ form }) => form))).toEqual(new Set([plotly, "image/png", "text/plain"]));
  for (const { form, recorded, now } of ignored) {
    if (form === "image/png") continue;
    for (const value of [recorded, now]) expect(value).toMatch(/^[\d,.]+ (?:ms|s|rows\/s)$|^1 min/);
  }

  const planted = open(file);
  const fit = planted.cells.flatMap(({ outputs = [] }) => outputs).filter((output) => "data" in output);
  const pictures = fit.filter(({ data }) => typeof data["image/png"] === "string");
  const live = pictures.find(({ data }) => JSON.stringify(data["text/plain"]).includes("Trained "))!;
  live.data["image/png"] = pictures.find((each) => each !== live)!.data["image/png"];
  save(folder, "planted.ipynb", planted);
  const other = await verifyNotebook(path.join(folder, "planted.ipynb"));
  expect(other.cells.filter(({ verdict }) => verdict === "differs")).toMatchObject([
    { source: "const run = await model.fit(data);", differences: [{ form: "image/png", kind: "picture" }] },
  ]);
}, 240_000);
