import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataset } from "../../../src/api/data/dataset.js";
import { loadRun } from "../../../src/api/model/load-run.js";
import type { History } from "../../../src/core/train/loop/recorder.js";
import { checkpointPlaces } from "../../../src/core/train/saved/run.js";
import { readSafetensors } from "../../../src/core/train/saved/weights.js";
import { encodeSafetensors } from "../../core/train/saved/encoded.js";
import { hasShared, sharedPath } from "../../shared.js";
import { type Outcome, pepnetAlone, pepnetIn, pepnetUntil, totalSteps, writeProject } from "./command.js";

let folder: string;
let straight: Outcome;
let oneEpoch: Outcome;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-train-"));
  await writeProject(folder);
  straight = await pepnetAlone(folder, "train", "--config", "pipeline.config", "--out", "straight");
  const edit = '{"train_config.num_epochs": 1}';
  oneEpoch = await pepnet("train", "--config", "pipeline.config", "--out", "one-epoch", "--edit", edit);
});
afterAll(() => rm(folder, { recursive: true }));

const pepnet = (...args: string[]): Promise<Outcome> => pepnetIn(folder, ...args);
const bytes = (...file: string[]): Promise<Buffer> => readFile(path.join(folder, ...file));

/** A run's curve without its times. */
async function curve(run: string) {
  const { points } = JSON.parse((await bytes(run, "history.json")).toString()) as History;
  return points.map(({ step, epoch, rows, loss, taskLosses }) => ({ step, epoch, rows, loss, taskLosses }));
}

async function expectSameEnd(run: string): Promise<void> {
  expect((await bytes(run, "weights.safetensors")).equals(await bytes("straight", "weights.safetensors"))).toBe(true);
  expect((await bytes(run, "optimizer.safetensors")).equals(await bytes("straight", "optimizer.safetensors"))).toBe(
    true,
  );
  expect((await bytes(run, "run.json")).toString()).toBe((await bytes("straight", "run.json")).toString());
  expect(await curve(run)).toEqual(await curve("straight"));
}

describe("pepnet train", () => {
  it("trains a config, logs lines for scripts and saves a run", async () => {
    expect(straight.err).toBe("");
    expect(straight.code).toBe(0);
    const lines = straight.out.trimEnd().split("\n");
    const steps = lines.filter((line) => line.startsWith("step "));
    expect(steps).toHaveLength(totalSteps / 100);
    expect(steps.at(-1)).toMatch(
      /^step step=400 total_steps=400 epoch=2 rows_per_second=\d+ loss=[\d.]+ binary_cross_entropy_click=[\d.]+ binary_cross_entropy_like=[\d.]+$/,
    );
    const last = lines.filter((line) => line.startsWith("metric step=400 "));
    expect(
      last.map((line) =>
        line
          .split(" ")
          .slice(2, 6)
          .join(" ")
          .replace(/ rows=.*/, ""),
      ),
    ).toEqual([
      "task=click domain=all within=all",
      "task=click domain=0 domain_name=feed within=all",
      'task=click domain=1 domain_name="search page"',
      "task=like domain=all within=clk",
      "task=like domain=0 domain_name=feed within=clk",
      'task=like domain=1 domain_name="search page"',
      "task=like domain=all within=all",
    ]);
    expect(Number(/ auc=([\d.]+)/.exec(last[0] as string)?.[1])).toBeGreaterThan(0.7);
    expect(lines.at(-1)).toBe("saved step=400 total_steps=400 path=straight");
  });

  it("killed after some steps and resumed, ends with the same bytes", async () => {
    const args = ["train", "--config", "pipeline.config", "--out", "killed", "--save-steps", "35", "--log-steps", "1"];
    const kill = await pepnetUntil(folder, /^step step=235 /m, (child) => child.kill("SIGKILL"), ...args);
    expect(kill).toBe("SIGKILL");
    const [newest] = await checkpointPlaces(path.join(folder, "killed"));
    const step = newest?.step as number;
    expect(step % 35 === 0 || step === totalSteps / 2).toBe(true);
    expect(step).toBeLessThan(totalSteps);
    const resumed = await pepnet(...args, "--resume");
    expect(resumed.err).toMatch(`note: resuming from step ${step}`);
    expect(resumed.out).toMatch(new RegExp(`^step step=${step + 1} `));
    await expectSameEnd("killed");
    expect((await readdir(folder)).filter((name) => name.startsWith("killed."))).toEqual([]);
  });

  it("keeps the newest checkpoints and the best, as many as it is told", async () => {
    const args = ["train", "--config", "pipeline.config", "--out", "kept", "--save-steps", "50"];
    await pepnet(...args, "--keep-checkpoints", "3");
    const steps = (await checkpointPlaces(path.join(folder, "kept"))).map(({ step }) => step);
    expect(steps.slice(0, 3)).toEqual([400, 350, 300]);
    expect(steps.slice(3).every((step) => step === 200)).toBe(true); // the evaluation of the first epoch, if it was best
    await expectSameEnd("kept");
    const best = await loadRun(path.join(folder, "kept"), { which: "best" });
    expect(best.notes[0]).toMatch(/kept(\/checkpoint-200)?$/);
  });

  it("killed while it saved, goes on from the checkpoint that it had moved aside", async () => {
    const args = ["train", "--config", "pipeline.config", "--out", "aside"];
    await cp(path.join(folder, "one-epoch"), path.join(folder, "aside"), { recursive: true });
    const at = (...names: string[]): string => path.join(folder, "aside", ...names);
    await mkdir(at("checkpoint-200"));
    for (const name of await readdir(at())) {
      if (name !== "checkpoint-200") await rename(at(name), at("checkpoint-200", name));
    }
    const kill = (child: { kill(signal: NodeJS.Signals): boolean }): boolean => child.kill("SIGKILL");
    await pepnetUntil(folder, /^step step=201 /m, kill, ...args, "--resume", "--log-steps", "1");
    const dead = path.join("training.lock", (await readdir(at("training.lock")))[0] as string);
    await rename(at("checkpoint-200"), at(dead, "old-checkpoint-200"));
    await mkdir(at(dead, "new"));
    await writeFile(at(dead, "new", "weights.safetensors"), "half");
    expect((await pepnet(...args, "--resume")).err).toMatch("note: resuming from step 200");
    expect((await readdir(at())).filter((name) => /writing|replaced|lock/.test(name))).toEqual([]);
    for (const name of ["weights.safetensors", "optimizer.safetensors"]) {
      expect((await bytes("aside", name)).equals(await bytes("straight", name))).toBe(true);
    }
  });

  it("passes over a damaged checkpoint, by name, to the one before, and leaves it where it is", async () => {
    const args = [
      "train",
      "--config",
      "pipeline.config",
      "--out",
      "damaged",
      "--save-steps",
      "75",
      "--log-steps",
      "1",
      "--keep-checkpoints",
      "9",
    ];
    await pepnetUntil(folder, /^step step=151 /m, (child) => child.kill("SIGKILL"), ...args);
    // A busy machine may have let it come to a later one before it was killed.
    for (const { place, step } of await checkpointPlaces(path.join(folder, "damaged")))
      if (step > 150) await rm(place, { recursive: true });
    await truncate(path.join(folder, "damaged/checkpoint-150/optimizer.safetensors"), 100);
    const lost = await pepnet("eval", "--run", "damaged/checkpoint-150", "--data", "test.parquet");
    expect(lost.code).toBe(0); // its weights are whole
    await truncate(path.join(folder, "damaged/checkpoint-150/weights.safetensors"), 100);
    const broken = await pepnet("eval", "--run", "damaged", "--data", "test.parquet");
    expect(broken.err).toMatch(/checkpoint-150.weights\.safetensors: the file is damaged[\s\S]*earlier checkpoint/);
    const { err } = await pepnet(...args, "--resume");
    expect(err).toMatch(/damaged.checkpoint-150.weights\.safetensors: the file is damaged.*earlier checkpoint is used/);
    expect(err).toMatch("note: resuming from step 75");
    await expectSameEnd("damaged");
  });

  it("refuses a folder that another training writes into", async () => {
    const args = ["train", "--config", "pipeline.config", "--out", "busy", "--log-steps", "1"];
    let second: Promise<Outcome> | null = null;
    const code = await pepnetUntil(
      folder,
      /^step step=5 /m,
      (child) => {
        child.kill("SIGSTOP");
        second = pepnet(...args, "--resume").finally(() => child.kill("SIGCONT"));
      },
      ...args,
    );
    expect(code).toBe(0);
    expect(await second).toMatchObject({ code: 1, out: "" });
    expect((await second!).err).toMatch(/another training writes to this folder[\s\S]*received: process \d+/);
    await expectSameEnd("busy");
  });

  it("stopped by Ctrl-C, saves the step it was at and exits with 130; resumed, ends with the same bytes", async () => {
    const args = ["train", "--config", "pipeline.config", "--out", "stopped", "--log-steps", "1"];
    expect(await pepnetUntil(folder, /^step step=123 /m, (child) => child.kill("SIGINT"), ...args)).toBe(130);
    const [newest] = await checkpointPlaces(path.join(folder, "stopped"));
    expect(newest?.step).toBeGreaterThanOrEqual(123);
    expect((await loadRun(path.join(folder, "stopped"))).history.points.length).toBeGreaterThan(0);
    expect((await pepnet(...args, "--resume")).code).toBe(0);
    await expectSameEnd("stopped");
  });

  it("stopped by SIGTERM, saves and exits with 143; a second signal ends it at once, with the code and no abort", async () => {
    const args = ["train", "--config", "pipeline.config", "--out", "ended", "--log-steps", "1"];
    expect(await pepnetUntil(folder, /^step step=50 /m, (child) => child.kill("SIGTERM"), ...args)).toBe(143);
    expect((await checkpointPlaces(path.join(folder, "ended")))[0]?.step).toBeGreaterThanOrEqual(50);
    const twice = (child: { kill(signal: NodeJS.Signals): boolean }): void => {
      child.kill("SIGTERM");
      child.kill("SIGINT");
    };
    expect([130, 143]).toContain(await pepnetUntil(folder, /^step step=50 /m, twice, ...args, "--overwrite"));
  });

  it("goes on with a finished run for more epochs, as if it had been asked for them at once", async () => {
    const args = ["train", "--config", "pipeline.config", "--out", "longer"];
    expect(oneEpoch.out).toMatch(/saved step=200 total_steps=200/);
    await cp(path.join(folder, "one-epoch"), path.join(folder, "longer"), { recursive: true });
    expect((await pepnet(...args, "--resume")).code).toBe(0);
    const weights = await bytes("longer", "weights.safetensors");
    expect(weights.equals(await bytes("straight", "weights.safetensors"))).toBe(true);
  });

  it("neither overwrites a run nor resumes one of another model or data without being told", async () => {
    const args = ["train", "--config", "pipeline.config", "--out", "straight"];
    const again = await pepnet(...args);
    expect(again.code).toBe(1);
    expect(again.err).toMatch(/already contains a run.*\n.*\n.*--resume continues it, --overwrite replaces it/);
    const edited = await pepnet(...args, "--resume", "--edit", '{"model_config.pepnet.epnet_gamma": 1}');
    expect(edited.err).toMatch(
      /straight: epnet\.gamma: the model differs from the one[\s\S]*received: 1\s+expected: 2/,
    );
    const rows = await pepnet(...args, "--resume", "--train", "test.parquet");
    expect(rows.err).toMatch(/received: 500 rows\s+expected: 3200 rows/);
    const foreign = await pepnet("train", "--config", "pipeline.config", "--out", ".");
    expect(foreign.err).toMatch(/something that is not a saved run/);
    expect([edited.code, rows.code, foreign.code]).toEqual([1, 1, 1]);
  });

  it("writes JSON lines, and takes what the config says from the command line", async () => {
    const { out, code } = await pepnet(
      "train",
      "--config",
      "pipeline.config",
      "--json",
      "--no-eval",
      "--train",
      "train.parquet,test.parquet",
      "--edit",
      '{"train_config.num_epochs": null, "train_config.num_steps": 3}',
      "--log-steps",
      "2",
      "--seed",
      "9",
    );
    expect(code).toBe(0);
    const lines = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ event, step }) => [event, step])).toEqual([
      ["step", 2],
      ["step", 3],
      ["saved", 3],
    ]);
    expect((await loadRun(path.join(folder, "model"))).spec.training).toMatchObject({ seed: 9, steps: 3 });
  });

  it("refuses weights by name, all at once", async () => {
    const good = new Map(await readSafetensors(path.join(folder, "straight", "weights.safetensors")));
    const bias = "model.epnet.gate_nu.dense_layers.0.bias";
    const user = "model.embedding_group.emb_impls.__BASE__.ebc.embedding_bags.user_emb.weight";
    good.set("model.ppnet.linears.7.bias", good.get(bias)!);
    good.delete(bias);
    good.set(user, { shape: [4, 40], data: good.get(user)!.data });
    await writeFile(path.join(folder, "bad.safetensors"), encodeSafetensors(good));
    const { code, err } = await pepnet(
      "train",
      "--config",
      "pipeline.config",
      "--out",
      "w",
      "--weights",
      "bad.safetensors",
    );
    expect(code).toBe(1);
    expect(err).toContain(`${bias}: missing parameter`);
    expect(err).toContain("model.ppnet.linears.7.bias: the model has no such parameter");
    expect(err).toMatch(/user_emb\.weight: the model's parameter has another shape.*\n.*\[4, 40\]\n.*\[40, 4\]/);
    expect(err.match(/bad\.safetensors: model/g)).toHaveLength(3);
    expect(await readdir(folder)).not.toContain("w");
  });

  it("starts from another run's weights by a map", async () => {
    const args = [
      "train",
      "--config",
      "pipeline.config",
      "--out",
      "tuned",
      "--weights",
      "straight",
      "--log-steps",
      "1",
    ];
    const map = ["--weight-map", '{"model.ppnet.*": null}', "--edit", '{"train_config.num_steps": 1}'];
    const few = ["--edit", '{"train_config.num_epochs": null}'];
    const { code, out } = await pepnet(...args, ...map, ...few);
    expect(code).toBe(0);
    expect(out).toMatch(/saved step=1 /);
    const [tuned, source] = await Promise.all(
      ["tuned", "straight"].map((run) => readSafetensors(path.join(folder, run, "weights.safetensors"))),
    );
    const bias = "model._task_tower.0.linear.bias";
    expect(Math.abs((tuned!.get(bias)!.data[0] as number) - (source!.get(bias)!.data[0] as number))).toBeLessThan(0.01);
  });

  it("starts new domains from others by name", async () => {
    const edit = ["--edit", '{"train_config.num_steps": 1, "train_config.num_epochs": null}'];
    const start = ["--weights", "straight", "--new-domains", '{"search page": "feed"}'];
    const grown = await pepnet("train", "--config", "pipeline.config", "--out", "grown", ...start, ...edit);
    expect(grown.code).toBe(0);
    expect(grown.err).toContain("search page starts from feed: its towers (click, like)");
    const unknown = ["--weights", "straight", "--new-domains", '{"serch page": "feed"}'];
    const { code: failed, err } = await pepnet("train", "--config", "pipeline.config", "--out", "none", ...unknown);
    expect(failed).toBe(1);
    expect(err).toContain('did you mean "search page"?');
  });

  it("says what is wrong without a stack: 1 for what it was given, 2 for how it was called", async () => {
    const missing = await pepnet("train", "--config", "pipeline.config", "--out", "n", "--train", "none.parquet");
    expect(missing.code).toBe(1);
    expect(missing.err).toMatch(/^✗ none\.parquet/);
    const config = await pepnet("train", "--config", "none.config");
    expect(config.code).toBe(1);
    expect(`${missing.err}${config.err}`).not.toMatch(/\n\s+at /);
    for (const args of [
      [],
      ["--config", "pipeline.config", "--edit", "gamma=1"],
      ["--config", "pipeline.config", "--seed", "x"],
      ["--config", "pipeline.config", "--engine", "gpu"],
      ["--config", "pipeline.config", "--resume", "--overwrite"],
      ["--config", "pipeline.config", "--weight-map", "{}"],
      ["--config", "pipeline.config", "--weights", "straight", "--weight-map", "[1]"],
      ["--config", "pipeline.config", "--new-domains", '{"live": "feed"}'],
      ["--config", "pipeline.config", "--weights", "straight", "--new-domains", "[1]"],
      ["--config", "pipeline.config", "--optimizer", "optimizer.safetensors"],
    ]) {
      expect((await pepnet("train", ...args)).code).toBe(2);
    }
  });
});

describe("pepnet eval", () => {
  it("repeats the run's own evaluation, from the run and from its weights", async () => {
    const metrics = straight.out.match(/^metric step=400 .*$/gm)?.map((line) => line.replace("step=400 ", ""));
    const run = await pepnet("eval", "--run", "straight", "--data", "test.parquet", "--no-intervals");
    expect(run.out.trimEnd().split("\n")).toEqual(metrics);
    const weights = path.join("straight", "weights.safetensors");
    const config = await pepnet("eval", "--config", "pipeline.config", "--weights", weights, "--no-intervals");
    expect(config.out).toBe(run.out);
    // A bit of them changed, with and without the list that would tell.
    await cp(path.join(folder, "straight"), path.join(folder, "flipped"), { recursive: true });
    for (const { place } of (await checkpointPlaces(path.join(folder, "flipped"))).slice(1)) {
      await rm(place, { recursive: true });
    }
    const flipped = await bytes("flipped", "weights.safetensors");
    flipped[flipped.length - 9]! ^= 1;
    await writeFile(path.join(folder, "flipped/weights.safetensors"), flipped);
    const args = ["--config", "pipeline.config", "--weights"];
    for (const message of [/weights\.safetensors: the file is damaged/, /checksums\.sha256: the folder is damaged/]) {
      const from = [
        await pepnet("eval", ...args, "flipped/weights.safetensors"),
        await pepnet("eval", "--run", "flipped", "--data", "test.parquet"),
        await pepnet("predict", "--run", "flipped", "test.parquet", "none.parquet"),
        await pepnet("train", "--config", "pipeline.config", "--out", "flipped", "--resume"),
        await pepnet("train", "--config", "pipeline.config", "--out", "w", "--weights", "flipped"),
      ];
      for (const { code, err } of from) {
        expect(code).toBe(1);
        expect(err).toMatch(message);
      }
      await expect(loadRun(path.join(folder, "flipped"))).rejects.toThrow(message);
      await rm(path.join(folder, "flipped/checksums.sha256"), { force: true });
    }
    expect(await readdir(folder)).not.toContain("w");
  });

  it("is misused without a model or rows", async () => {
    expect((await pepnet("eval", "--data", "test.parquet")).code).toBe(2);
    expect((await pepnet("eval", "--run", "straight")).err).toMatch(/--data/);
  });
});

describe("pepnet predict", () => {
  it("writes every domain's prediction under TorchEasyRec's names, beside the columns asked for", async () => {
    const args = ["predict", "--run", "straight", "test.parquet"];
    const all = await pepnet(...args, "out/all.parquet", "--reserve", "user,scene");
    expect(all).toMatchObject({ code: 0, out: "saved rows=500 path=out/all.parquet\n" });
    expect((await pepnet(...args, "out/own.parquet", "--own-domain")).code).toBe(0);
    const columns = await (await dataset(path.join(folder, "out/all.parquet"))).toColumns();
    const tasks = (domain: number) =>
      ["click", "like"].flatMap((task) => [`logits_${task}_${domain}`, `probs_${task}_${domain}`]);
    expect(Object.keys(columns)).toEqual(["user", "scene", ...tasks(0), ...tasks(1)]);
    const input = await (await dataset(path.join(folder, "test.parquet"))).toColumns();
    expect(columns["user"]).toEqual(input["user"]);
    const own = await (await dataset(path.join(folder, "out/own.parquet"))).toColumns();
    expect(Object.keys(own)).toEqual(["logits_click", "probs_click", "logits_like", "probs_like"]);
    const scene = columns["scene"] as number[];
    const picked = scene.map((domain, row) => columns[`probs_click_${domain}`]?.[row] as number);
    picked.forEach((value, row) => void expect(value).toBeCloseTo(own["probs_click"]?.[row] as number, 6));
    expect(columns["probs_click_0"]).not.toEqual(columns["probs_click_1"]);
  });

  it("names a column that is not there", async () => {
    const { code, err } = await pepnet("predict", "--run", "straight", "test.parquet", "p.parquet", "--reserve", "usr");
    expect(code).toBe(1);
    expect(err).toMatch(/did you mean "user"/);
  });
});

describe.skipIf(!hasShared)("golden/whole-run from a shell", () => {
  it("follows TorchEasyRec's losses from its initial weights", async () => {
    const golden = path.join(folder, "golden");
    await cp(sharedPath("golden", "whole-run"), golden, { recursive: true });
    const { out } = await pepnetIn(
      golden,
      "train",
      "--config",
      "pipeline.config",
      "--weights",
      "init.safetensors",
      "--json",
      "--log-steps",
      "1",
      "--edit",
      '{"data_config.shuffle": false, "train_config.num_steps": 10, "train_config.num_epochs": null}',
      "--no-eval",
    );
    const expected = JSON.parse(await readFile(path.join(golden, "losses.json"), "utf8")) as Record<string, number>[];
    const lines = out.split("\n").filter((line) => line.startsWith('{"event":"step"'));
    expect(lines).toHaveLength(10);
    for (const [index, line] of lines.entries()) {
      const losses = JSON.parse(line) as Record<string, number>;
      for (const [name, loss] of Object.entries(expected[index] as Record<string, number>)) {
        expect(Math.abs((losses[name] as number) - loss) / loss).toBeLessThan(1e-5);
      }
    }
  });
});
