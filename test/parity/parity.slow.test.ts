/** `npm run parity`: what it passes, what it must fail, and how it says so. */
import { readFileSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { hasShared, sharedPath } from "../shared.js";
import { folder, parity, written } from "./parity-runs.js";

afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(!hasShared)("folders of a whole run", () => {
  const file = (name: string) => sharedPath("golden", "whole-run", name);
  const steps = JSON.parse(hasShared ? readFileSync(file("losses.json"), "utf8") : "[]").slice(0, 3);
  for (const name of ["pipeline.config", "train.parquet", "init.safetensors"]) {
    if (hasShared) symlinkSync(file(name), path.join(folder, name));
  }

  test("losses are followed step by step, and one that is off is named", async () => {
    written("losses.json", steps);
    const good = await parity(folder);
    expect(good.code).toBe(0);
    expect(good.lines.slice(0, 2).map((line) => line.split(":")[0]?.split(" · ")[1])).toEqual(["compiled", "wasm"]);
    steps[2].binary_cross_entropy_cvr *= 1.0002;
    written("losses.json", steps);
    const { code, lines } = await parity(folder);
    expect(code).toBe(1);
    expect(lines[0]).toMatch(
      /· compiled: largest difference .* in losses\[2\]\.binary_cross_entropy_cvr .*1 of 6 too far/,
    );
  });
});
