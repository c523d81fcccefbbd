/** A training's folder: what other programs have there is refused by name and never removed; what is damaged is kept. */

import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkpointPlaces, readRunIn } from "../../../../src/core/train/saved/run.js";
import { type ExistingRun, openSeries } from "../../../../src/core/train/saved/series.js";
import { smallCheckpoint } from "./small-checkpoint.js";

let folder: string;
let root: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-training-"));
  root = path.join(folder, "first");
});
afterEach(() => rm(folder, { recursive: true }));

const at = (...names: string[]): string => path.join(root, ...names);

/** Trains: saves checkpoints at these steps, the last one as the run. */
async function train(steps: readonly number[], existing: ExistingRun = "refuse", ends = true): Promise<string[]> {
  const notes: string[] = [];
  const series = await openSeries(root, { existing, note: (text) => void notes.push(text) });
  try {
    await series.begin();
    for (const [index, step] of steps.entries()) {
      await series.save(smallCheckpoint(step), ends && index === steps.length - 1);
    }
    return notes;
  } finally {
    await series.close();
  }
}

/** Every file below the folder with its content. */
async function everything(below = folder): Promise<Record<string, string>> {
  const entries = await readdir(below, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const contents = await Promise.all(
    files.map(async (file) => [file, (await readFile(file)).toString("hex")] as const),
  );
  return Object.fromEntries(contents.sort());
}

async function write(file: string, content = "mine"): Promise<void> {
  await mkdir(path.dirname(at(file)), { recursive: true });
  await writeFile(at(file), content);
}

async function expectRefused(existing: ExistingRun, message: RegExp): Promise<void> {
  const before = await everything();
  await expect(openSeries(root, { existing })).rejects.toThrow(message);
  expect(await everything()).toEqual(before);
}

describe("a folder of another program", () => {
  it("is refused, whatever is to be done with it", async () => {
    await write("checkpoint-500/pytorch_model.bin");
    await write("history.json");
    await write("x.writing");
    for (const existing of ["refuse", "resume", "overwrite"] as const)
      await expectRefused(existing, /contains something that is not a saved run; nothing was overwritten/);
  });

  it("with a run of ours in it is refused by the names of the files that are in the way", async () => {
    await train([10, 20], "refuse", false);
    await write("checkpoint-500/pytorch_model.bin");
    await write("checkpoint-600/run.json", '{"format": "other"}');
    await write("checkpoint-700");
    await write("history.json");
    await write("x.writing");
    await write("checkpoint-7-draft/notes.md");
    for (const existing of ["resume", "overwrite"] as const) {
      await expectRefused(existing, /checkpoint-500.pytorch_model\.bin: pepnet did not write this file/);
      await expectRefused(existing, /checkpoint-600.run\.json: pepnet did not write this file/);
      await expectRefused(existing, /checkpoint-700: not a pepnet checkpoint/);
      await expectRefused(existing, /first.history\.json: pepnet did not write/);
    }
    for (const name of ["checkpoint-500", "checkpoint-600", "checkpoint-700", "history.json"]) {
      await rm(at(name), { recursive: true });
    }
    await train([30], "resume");
    await train([5], "overwrite");
    const kept = ["checkpoint-7-draft", "x.writing"];
    expect((await readdir(root)).filter((name) => kept.includes(name)).sort()).toEqual(kept);
  });

  it("is refused where it put a file or a link among ours", async () => {
    await train([10, 20, 30]);
    await write("checkpoint-20/notes.txt");
    for (const existing of ["resume", "overwrite"] as const)
      await expectRefused(existing, /checkpoint-20.notes\.txt: pepnet did not write this file/);
    await rm(at("checkpoint-20/notes.txt"));
    await writeFile(path.join(folder, "precious"), "mine");
    await rm(at("checkpoint-20/spec.json"));
    await symlink(path.join(folder, "precious"), at("checkpoint-20/spec.json"));
    for (const existing of ["resume", "overwrite"] as const)
      await expectRefused(existing, /checkpoint-20.spec\.json: pepnet did not write this file/);
  });

  it("beside ours is left alone", async () => {
    const others = ["first.writing-draft-1/a", "first.replaced-old-2/a", "first.unfinished-1/run.json"];
    for (const other of others) await write(path.join("..", other));
    const before = await everything();
    await train([10, 20]);
    await train([30], "resume");
    await train([5], "overwrite");
    expect(await everything()).toMatchObject(before);
  });
});

describe("a run that was changed since it was written", () => {
  it("is not overwritten", async () => {
    await train([10, 20, 30]);
    const file = at("weights.safetensors");
    const whole = await readFile(file);
    await writeFile(file, Buffer.concat([whole, Buffer.of(0)]));
    await expectRefused("overwrite", /weights\.safetensors: the file has changed since pepnet wrote it, or is damaged/);
    await writeFile(file, whole);
    await writeFile(at("checkpoint-20/weights.safetensors"), "other weights");
    await expectRefused("overwrite", /checkpoint-20.weights\.safetensors: the file has changed/);
  });

  it("is passed over when training resumes, and kept when its place is needed", async () => {
    await train([10, 20, 30], "refuse", false);
    await writeFile(at("checkpoint-30/spec.json"), "{}");
    const notes = await train([25, 30, 35, 40], "resume");
    expect(notes.join("\n")).toMatch(/checkpoint-30.spec\.json: the file is damaged.*an earlier checkpoint is used/);
    expect(notes.join("\n")).toMatch(/checkpoint-30\.damaged-\w+: moved out of the way and kept/);
    const kept = (await readdir(root)).filter((name) => name.startsWith("checkpoint-30."));
    expect(kept).toHaveLength(1);
    expect(await readFile(at(kept[0] as string, "spec.json"), "utf8")).toBe("{}");
    expect((await readRunIn(root)).weights.get("a.weight")?.data[0]).toBe(40);
  });

  it("in the folder itself is kept under another name, and one without its list is damaged too", async () => {
    for (const damage of [() => writeFile(at("history.json"), "null"), () => rm(at("checksums.sha256"))]) {
      await train([10, 20, 30]);
      await damage();
      const notes = await train([25, 40], "resume");
      expect(notes[0]).toMatch(/(history\.json|checksums\.sha256): .*damaged.*an earlier checkpoint is used instead/);
      const kept = (await readdir(root)).filter((name) => name.startsWith("run.damaged-"));
      expect(kept).toHaveLength(1);
      expect(await readdir(at(kept[0] as string))).toContain("weights.safetensors");
      expect((await checkpointPlaces(root))[0]).toEqual({ place: root, step: 40 });
      await rm(root, { recursive: true });
    }
  });

  it("while training goes on keeps its checkpoint", async () => {
    const notes: string[] = [];
    const series = await openSeries(root, { keep: 1, note: (text) => void notes.push(text) });
    await series.save(smallCheckpoint(10), false);
    await write("checkpoint-10/notes.txt");
    await series.save(smallCheckpoint(20), false);
    await series.save(smallCheckpoint(30), true);
    await series.close();
    expect(await readFile(at("checkpoint-10/notes.txt"), "utf8")).toBe("mine");
    expect(notes).toEqual([
      expect.stringMatching(/checkpoint-10.notes\.txt: pepnet did not write this file; its checkpoint is kept/),
    ]);
    expect((await checkpointPlaces(root)).map(({ step }) => step)).toEqual([30, 10]);
  });
});

describe("resuming", () => {
  it("falls back from a list with a renamed entry, whichever it is", async () => {
    const best = { value: 1, step: 20, worse: 0, evaluation: { rows: 1, domainNames: [], tasks: [] } };
    const state = { step: 20, weights: new Map(), slots: new Map() };
    const { checkpoint } = smallCheckpoint(20);
    const series = await openSeries(root);
    await series.save(smallCheckpoint(10), false);
    await series.save(smallCheckpoint(20, { checkpoint: { ...checkpoint, best: { ...best, state } } }), false);
    await series.close();
    const list = await readFile(at("checkpoint-20/checksums.sha256"), "utf8");
    const names = list.match(/\S+$/gm) as string[];
    expect(names).toHaveLength(7);
    for (const name of names) {
      await writeFile(at("checkpoint-20/checksums.sha256"), list.replace(`  ${name}`, `  x${name}`));
      const notes: string[] = [];
      const resumed = await openSeries(root, { existing: "resume", note: (text) => void notes.push(text) });
      await resumed.close();
      expect(resumed.from?.checkpoint.progress.steps, name).toBe(10);
      expect(notes[0], name).toMatch(/checkpoint-20.*damaged.*an earlier checkpoint is used instead/);
    }
  });

  it("falls back from JSON that is not what pepnet writes, although its checksum is right", async () => {
    await train([10, 20], "refuse", false);
    const list = await readFile(at("checkpoint-20/checksums.sha256"), "utf8");
    for (const name of ["run.json", "history.json", "training.json"]) {
      const whole = await readFile(at("checkpoint-20", name), "utf8");
      for (const content of ["null", "[]", '{"format": "pepnet-run", "formatVersion": 2, "evaluation": []}']) {
        const sum = createHash("sha256").update(content).digest("hex");
        await writeFile(at("checkpoint-20", name), content);
        await writeFile(
          at("checkpoint-20/checksums.sha256"),
          list.replace(new RegExp(`^\\w+(?=  ${name}$)`, "m"), sum),
        );
        const resumed = await openSeries(root, { existing: "resume" });
        await resumed.close();
        expect(resumed.from?.checkpoint.progress.steps, `${name} ${content}`).toBe(10);
      }
      await writeFile(at("checkpoint-20", name), whole);
    }
  });

  it("does not replace a longer run that came meanwhile", async () => {
    await train([10], "refuse", false);
    const longer = path.join(folder, "longer");
    const series = await openSeries(longer);
    await series.save(smallCheckpoint(90), true);
    await series.close();
    const resumed = await openSeries(root, { existing: "resume" });
    for (const name of await readdir(longer)) await cp(path.join(longer, name), at(name));
    await expect(resumed.save(smallCheckpoint(20), true)).rejects.toThrow(
      /the folder contains a longer run, which was not replaced\n.*20 steps\n.*the 90 steps/,
    );
    await resumed.close();
    expect((await readRunIn(root)).weights.get("a.weight")?.data[0]).toBe(90);
    expect((await checkpointPlaces(root)).map(({ step }) => step)).toEqual([90, 20, 10]);
  });
});
