import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { emptySpec } from "../../../../src/core/spec/model.js";
import { readRun, type SavedRun, saveRun } from "../../../../src/core/train/saved/run.js";
import { replaceListed } from "./encoded.js";

const run: SavedRun = {
  spec: emptySpec,
  weights: new Map([["a.weight", { shape: [2], data: Float32Array.of(1, 2) }]]),
  history: { points: [], evaluations: [], bestStep: null },
  evaluation: null,
  gatesHistory: [],
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-run-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("a saved run", () => {
  it("comes back as it was, and replaces an earlier one as a whole", async () => {
    const place = path.join(folder, "run");
    await saveRun(place, run);
    await saveRun(place, { ...run, history: { ...run.history, bestStep: 3 } });
    expect(await readRun(place)).toMatchObject({ ...run, history: { ...run.history, bestStep: 3 } });
    const names = ["checksums.sha256", "history.json", "run.json", "spec.json", "weights.safetensors"];
    expect((await readdir(place)).sort()).toEqual(names);
    expect(await readdir(folder)).toEqual(["run"]);
  });

  it("keeps the gates that were followed, with the numbers that JSON has not", async () => {
    const place = path.join(folder, "run");
    const gates = {
      rows: 1,
      domainNames: ["NaN", "number"],
      gates: [],
      ecdf: [Number.NaN, 1, -Infinity],
      fields: null,
    };
    const followed = [{ step: 3, epoch: 1, gates }];
    await saveRun(place, { ...run, gatesHistory: followed });
    expect((await readRun(place)).gatesHistory).toEqual(followed);
    await saveRun(place, run);
    expect((await readRun(place)).gatesHistory).toEqual([]);
  });

  it("never replaces a file that it did not write, or that was changed since", async () => {
    const place = path.join(folder, "precious");
    await mkdir(place);
    await writeFile(path.join(place, "thesis.tex"), "");
    await expect(saveRun(place, run)).rejects.toThrow(/thesis\.tex: pepnet did not write this file; nothing was/);
    expect(await readdir(place)).toEqual(["thesis.tex"]);

    const own = path.join(folder, "run");
    await saveRun(own, run);
    const changed = path.join(own, "spec.json");
    await writeFile(changed, "{}");
    await expect(saveRun(own, run)).rejects.toThrow(/spec\.json: the file has changed since pepnet wrote it/);
    await rm(changed);
    await writeFile(path.join(own, "notes.md"), "");
    await expect(saveRun(own, run)).rejects.toThrow(/notes\.md: pepnet did not write this file/);
    await rm(path.join(own, "notes.md"));
    await mkdir(changed);
    await expect(saveRun(own, run)).rejects.toThrow(/spec\.json: pepnet did not write this file/);
    await rm(changed, { recursive: true });
    await saveRun(own, run);
    expect(await readRun(own)).toMatchObject(run);
    expect((await readdir(folder)).sort()).toEqual(["precious", "run"]);
  });

  it("leaves what other programs have beside it, whatever its name", async () => {
    const place = path.join(folder, "first");
    const others = [
      "first.writing-draft-1",
      "first.replaced-old-2",
      "first.unfinished-0123456789abcdef0123456789abcdef",
    ];
    for (const other of others) await mkdir(path.join(folder, other));
    for (const other of others) await writeFile(path.join(folder, other, "run.json"), "{}");
    await saveRun(place, run);
    await saveRun(place, run);
    expect((await readdir(folder)).sort()).toEqual(["first", ...others].sort());
  });

  it("is refused where it is missing, damaged or of another version", async () => {
    await expect(readRun(path.join(folder, "none"))).rejects.toThrow(/none.run\.json: cannot read the run/);
    const place = path.join(folder, "run");
    await saveRun(place, run);
    for (const name of ["weights.safetensors", "spec.json", "history.json", "run.json"]) {
      const whole = await readFile(path.join(place, name));
      await writeFile(path.join(place, name), whole.subarray(0, whole.length - 1));
      await expect(readRun(place), name).rejects.toThrow(
        /: the file is damaged: its content has changed since it was written/,
      );
      await rm(path.join(place, name));
      await expect(readRun(place), name).rejects.toThrow(/cannot read the run/);
      await writeFile(path.join(place, name), whole);
    }
    await readRun(place);
    await replaceListed(place, "run.json", JSON.stringify({ format: "pepnet-run", formatVersion: 99 }));
    await expect(readRun(place)).rejects.toThrow(/this version cannot read the run[\s\S]*version 99/);
    await replaceListed(place, "run.json", JSON.stringify({ format: "pepnet-run", formatVersion: 1 }));
    await expect(readRun(place)).rejects.toThrow(/this version cannot read the run[\s\S]*version 1[\s\S]*version 2/);
  });

  it("without its list of checksums, or with a list of other files, is damaged", async () => {
    const place = path.join(folder, "run");
    await saveRun(place, run);
    const list = path.join(place, "checksums.sha256");
    const whole = await readFile(list, "utf8");
    await rm(list);
    await expect(readRun(place)).rejects.toThrow(/checksums\.sha256: the folder is damaged: the list of its files/);
    await writeFile(list, "not a list");
    await expect(readRun(place)).rejects.toThrow(/checksums\.sha256: the file is damaged: it is not the list/);
    for (const name of ["run.json", "spec.json", "history.json", "weights.safetensors"]) {
      await writeFile(list, whole.replace(`  ${name}`, `  other-${name}`));
      await expect(readRun(place), name).rejects.toThrow(/the file is damaged[\s\S]*a file listed in checksums/);
    }
  });

  it("with JSON of another shape is refused by the place in the file", async () => {
    const place = path.join(folder, "run");
    await saveRun(place, run);
    const point = { step: 1, epoch: 1, rows: 1, seconds: 1, rowsPerSecond: 1, loss: null, taskLosses: {} };
    const histories: [unknown, RegExp][] = [
      [null, /history\.json: unexpected content for this file\n\s+received: null\n\s+expected: an object/],
      [[], /history\.json: unexpected content/],
      [
        { points: {}, evaluations: [], bestStep: null },
        /history\.json: points: .*\n\s+received: \{\}\n\s+expected: a list/,
      ],
      [{ points: [], evaluations: [null], bestStep: null }, /history\.json: evaluations\[0\]: /],
      [{ points: [point], evaluations: [], bestStep: null }, /history\.json: points\[0\]\.loss: /],
      [{ points: [], evaluations: [], bestStep: "7" }, /history\.json: bestStep: .*\n.*"7"/],
    ];
    for (const [history, message] of histories) {
      await replaceListed(place, "history.json", JSON.stringify(history));
      await expect(readRun(place)).rejects.toThrow(message);
    }
  });

  it("is checked by sha256sum's own rules", async () => {
    const place = path.join(folder, "run");
    await saveRun(place, run);
    const lines = (await readFile(path.join(place, "checksums.sha256"), "utf8")).trimEnd().split("\n");
    for (const line of lines) {
      const [sum, name] = line.split("  ") as [string, string];
      const bytes = await readFile(path.join(place, name));
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(sum);
    }
    expect(lines).toHaveLength(4);
  });

  it("read while others replace it, is always one of those that were written", async () => {
    const place = path.join(folder, "run");
    const numbered = (bestStep: number): SavedRun => ({
      ...run,
      history: { ...run.history, bestStep },
      weights: new Map([["a.weight", { shape: [500], data: new Float32Array(500).fill(bestStep) }]]),
    });
    await saveRun(place, numbered(0));
    let writing = true;
    const write = async (from: number): Promise<void> => {
      for (let index = from; index < from + 40; index++) await saveRun(place, numbered(index));
    };
    const writers = Promise.all([write(100), write(200)]).finally(() => {
      writing = false;
    });
    let reads = 0;
    for (; writing; reads++) {
      const { history, weights } = await readRun(place);
      expect(new Set(weights.get("a.weight")?.data)).toEqual(new Set([history.bestStep]));
    }
    await writers;
    expect(reads).toBeGreaterThan(5);
    expect(await readdir(folder)).toEqual(["run"]);
  });
});
