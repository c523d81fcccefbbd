/** Random production configs that the real TorchEasyRec trained: each step's losses and the evaluation. */
import { existsSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { WholeRun } from "../../parity/follow.js";
import type { RoundingSpread } from "../../parity/rounding.js";
import { checkWholeRun, openWholeRun } from "../../parity/whole-run.js";
import { getOrMake } from "../../src/core/util/growing.js";
import { hasShared, sharedPath } from "../shared.js";

const cases =
  hasShared && existsSync(sharedPath("golden", "pipelines")) ? readdirSync(sharedPath("golden", "pipelines")) : [];
const runs = new Map<string, Promise<WholeRun>>();
const open = (name: string): Promise<WholeRun> =>
  getOrMake(runs, name, () => openWholeRun(sharedPath("golden", "pipelines", name)));
/** These runs are short: nothing is put down to rounding. */
const exact = async (): Promise<RoundingSpread> => ({ quiet: 0, loss: () => 0, evaluation: () => 0 });

/** On a CPU, TorchEasyRec departs from its own mathematics here: docs/torcheasyrec.md. */
const departures: Readonly<Record<string, string>> = {
  c013: "a weighted mean",
  c032: "a frozen table of the dense kernel",
  c043: "means beside a weighted feature",
};

describe.skipIf(cases.length === 0).each(["compiled", "wasm"] as const)("pipelines on the %s engine", (engine) => {
  const beyond = async (run: WholeRun): Promise<string[]> => {
    const { checks } = await checkWholeRun(run, engine, exact);
    expect(checks.length).toBeGreaterThan(20);
    return checks.filter(({ share }) => !(share <= 1)).map(({ name }) => name);
  };
  const like = (run: WholeRun): WholeRun => {
    const { spec } = run;
    return { ...run, spec: { ...spec, training: { ...spec.training, like: "torcheasyrec" } } };
  };

  it.each(cases.filter((name) => !(name in departures)))(
    "%s is TorchEasyRec's, and so it is with `like`",
    async (name) => {
      const run = await open(name);
      expect(await beyond(run)).toEqual([]);
      expect(await beyond(like(run))).toEqual([]);
    },
  );

  it.each(Object.entries(departures).filter(([name]) => cases.includes(name)))(
    "%s is TorchEasyRec's with `like` only: %s",
    async (name) => {
      const run = await open(name);
      expect((await beyond(run)).length).toBeGreaterThan(5);
      expect(await beyond(like(run))).toEqual([]);
    },
  );
});
