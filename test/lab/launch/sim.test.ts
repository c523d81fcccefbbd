import { appendFileSync } from "node:fs";
import { it } from "vitest";
import { launchOf, trueCrossing } from "./planted.js";

it("pays", async () => {
  for (let seed = 401; seed <= 420; seed++) {
    const world = { rows: 30_000, twin: 0.8, seed };
    const truth = await trueCrossing(world, 0.02, 12);
    const { from, gains } = (await launchOf(world, { matters: 0.02, rows: [300, 1000, 3000] })).ownTower(
      "from feed",
      "ctr",
    )!;
    appendFileSync(
      "/tmp/launch-sim4.txt",
      `pays ${seed} ${truth.toFixed(0)} ${[from.value, from.low, from.high].map((v) => v?.toFixed(0)).join(" ")} ${gains.map(({ gain }) => `${gain.value!.toFixed(4)}±${(gain.high! - gain.value!).toFixed(4)}`).join(" ")}\n`,
    );
  }
}, 3_000_000);
