/** Folders of the form of `golden/whole-run`: a training run of TorchEasyRec, followed from its weights and batches. */

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { specFromConfig } from "../src/core/config/spec-from-config.js";
import { encode } from "../src/core/data/encode/encode.js";
import { openTable } from "../src/core/data/table/open.js";
import type { EngineName } from "../src/core/engine/engine.js";
import { readSafetensors } from "../src/core/train/saved/weights.js";
import { type Check, compareNumber } from "./check.js";
import { type Followed, followRun, type WholeRun } from "./follow.js";
import type { RoundingSpread } from "./rounding.js";

/** Relative, of each loss at each step. */
const lossTolerance = 1e-4;
/** The same in the quiet steps of a run that later needs what rounding explains. */
const quietTolerance = 1e-5;
/** Absolute up to 1, relative above. */
const evaluationTolerance = 1e-4;

/** Reads a folder; `losses.json` or `eval.json` may be missing. */
export async function openWholeRun(folder: string): Promise<WholeRun> {
  const file = (name: string) => path.join(folder, name);
  const json = async (name: string) => (existsSync(file(name)) ? JSON.parse(await readFile(file(name), "utf8")) : null);
  const spec = specFromConfig(await readFile(file("pipeline.config"), "utf8"), { path: file("pipeline.config") });
  const data = async (name: string) => encode(await openTable(file(name)), spec);
  const expected = await json("eval.json");
  return {
    folder,
    spec,
    train: await data("train.parquet"),
    evaluation: expected === null ? null : await data("eval.parquet"),
    weights: await readSafetensors(file("init.safetensors")),
    losses: (await json("losses.json")) ?? [],
    expected: expected ?? {},
  };
}

/** The result of following a run on an engine. */
export interface WholeRunCheck {
  readonly checks: readonly Check[];
  /** How many checks needed what rounding explains; `null`: all within the tolerance itself. */
  readonly note: string | null;
}

/** How much further than its twins part a run may leave the recorded one: they are few, and it is one more. */
const spreadFactor = 3;

/**
 * Follows the run on an engine and compares each step's losses, then the evaluation. What is further off than the
 * tolerance may be as far as rounding moves it, see `rounding.ts`; then the first steps must agree the better.
 * @param spread measures that, where it is needed
 */
export async function checkWholeRun(
  run: WholeRun,
  name: EngineName,
  spread: () => Promise<RoundingSpread>,
): Promise<WholeRunCheck> {
  const followed = await followRun(run, name, run.weights);
  const strict = checksOf(run, followed, null);
  if (strict.every(({ share }) => share <= 1)) return { checks: strict, note: null };
  const checks = checksOf(run, followed, await spread());
  const off = strict.flatMap((check, i) => (check.share > 1 && (checks[i] as Check).share <= 1 ? [check] : []));
  if (off.length === 0) return { checks, note: null };
  const note = `${strict.length - off.length} within 1e-4, ${off.length} from ${off[0]?.name} on no further than the run's own rounding moves them`;
  return { checks, note };
}

function checksOf(run: WholeRun, { losses, evaluation }: Followed, spread: RoundingSpread | null): Check[] {
  const steps = run.losses.flatMap((expected, step) =>
    Object.entries(expected)
      .filter(([name, loss]) => loss !== null && name !== "total_loss")
      .map(([name, loss]) => {
        const size = Math.abs(loss) || 1;
        const allowed =
          spread !== null && step < spread.quiet
            ? quietTolerance * size
            : Math.max(lossTolerance * size, spreadFactor * (spread?.loss(step, name) ?? 0));
        return compareNumber(`losses[${step}].${name}`, losses[step]?.[name], loss, allowed);
      }),
  );
  if (run.evaluation === null) return steps;
  const line = Object.entries(run.expected)
    .filter(([name, value]) => !name.startsWith("global_") && typeof value === "number")
    .map(([name, value]) => {
      const allowed = evaluationTolerance * Math.max(1, Math.abs(value));
      const rounding = spreadFactor * (spread?.evaluation(name) ?? 0);
      return compareNumber(`eval.${name}`, evaluation.get(name), value, Math.max(allowed, rounding));
    });
  return [...steps, ...line];
}
