/**
 * Times a study against separate `pepnet train` commands, one run per core against one run on all cores, and a study
 * with a time budget.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { Measurement } from "./figure.js";
import { projectFolder } from "./models.js";
import { hasSmall, smallTrain } from "./small.js";
import { millis } from "./timing.js";

/** Nine models; 2 is the model's own gamma. */
const gammas = [0.5, 1, 1.5, 2, 2.5, 3, 4, 6, 8];
const seeds = [1, 2, 3];
const budgetSeconds = 90;

/** `ablation`, on *small*: 200,000 rows, batch 2048, evaluated on 50,000. */
export const ablationMeasurement: Measurement = {
  name: "ablation",
  async run(report) {
    if (!hasSmall("ablation")) return;
    const cache = mkdtempSync(path.join(tmpdir(), "pepnet-bench-ablation-"));
    const folder = path.dirname(smallTrain);
    const data = ["--config", path.join(folder, "pipeline.config"), "--train", smallTrain];
    const rows = [...data, "--eval", path.join(folder, "eval.parquet")];
    const pepnet = (...args: string[]) =>
      promisify(execFile)(process.execPath, [path.join(projectFolder, "dist", "kernel", "cli", "main.js"), ...args], {
        env: { ...process.env, PEPNET_CACHE: cache },
        maxBuffer: 1 << 28,
      });
    const train = (gamma: number, seed: number) => {
      const edit = JSON.stringify({ "model_config.pepnet.epnet_gamma": gamma });
      const out = ["--out", path.join(cache, "run"), "--overwrite"];
      return pepnet("train", ...rows, ...out, "--seed", String(seed), "--edit", edit);
    };
    const study = (...args: string[]) => {
      return pepnet("ablate", ...rows, "--vary", `epnet.gamma=${gammas.join(",")}`, "--no-cache", ...args);
    };
    try {
      await train(2, 1); // encodes the rows
      // The study runs between two halves of the commands, so that other load on the machine affects both equally.
      const runs = seeds.flatMap((seed) => gammas.map((gamma) => [gamma, seed] as const));
      const half = Math.ceil(runs.length / 2);
      let commands = 0;
      for (const [gamma, seed] of runs.slice(0, half)) commands += await millis(() => train(gamma, seed));
      const whole = await millis(() => study("--seeds", seeds.join(",")));
      for (const [gamma, seed] of runs.slice(half)) commands += await millis(() => train(gamma, seed));
      report("ablation.small.train-command", commands / runs.length, "ms");
      report("ablation.small.study-over-commands", whole / commands, "ratio");
      const [spread, alone] = [[], []] as [number[], number[]];
      for (let round = 0; round < 2; round++) {
        spread.push(await millis(() => study("--seeds", "1,2")));
        alone.push(await millis(() => study("--seeds", "1,2", "--parallel", "1", "--threads", "2")));
      }
      const total = (times: number[]) => times.reduce((sum, time) => sum + time, 0);
      report("ablation.small.one-run-a-core-over-one-on-all", total(spread) / total(alone), "ratio");
      const took = await millis(() => study("--budget", `${budgetSeconds}s`));
      report(`ablation.small.budget-${budgetSeconds}s.took-over-asked`, took / 1000 / budgetSeconds, "ratio");
    } finally {
      rmSync(cache, { recursive: true, force: true });
    }
  },
};
