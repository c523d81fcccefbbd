/** docs/torcheasyrec.md: its commands run on its config and rows of the real TorchEasyRec, and print what the page shows. */
import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasShared, sharedPath } from "../shared.js";

const root = path.resolve(__dirname, "../..");
const page = readFileSync(path.join(root, "docs/torcheasyrec.md"), "utf8");
const blocks = (kind: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map((match) => match[1] as string);

/** The config that the page starts from. */
const config = blocks("protobuf")[0]!;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-torcheasyrec-"));
});
afterAll(() => rm(folder, { recursive: true }));

function pepnet(args: string): { status: number | null; said: string } {
  // Quoted arguments of the page hold no spaces but inside of JSON; none of them is in a block.
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(root, "dist/kernel/cli/main.js"), ...args.split(" ")],
    { cwd: folder, encoding: "utf8" },
  );
  return { status, said: stdout + stderr };
}

describe.skipIf(!hasShared)("the first hour of a TorchEasyRec user", () => {
  it("goes as the page says", () => {
    for (const file of ["train.parquet", "eval.parquet"]) {
      copyFileSync(sharedPath("golden", "whole-run-din", file), path.join(folder, file));
    }
    writeFileSync(path.join(folder, "pipeline.config"), config);
    const commands = blocks("sh").flatMap((block) =>
      block.split("\n").filter((line) => line.startsWith("npx pepnet ")),
    );
    expect(commands.length).toBeGreaterThan(6);
    const said = new Map<string, string>();
    for (const command of commands) {
      const { status, said: text } = pepnet(command.slice("npx pepnet ".length));
      // `config diff` ends with 1 where configs differ, as diff does.
      const expected = command.includes("config diff") ? 1 : 0;
      expect({ command, status, text }).toEqual({ command, status: expected, text });
      said.set(command, text);
    }
    const [shown, , checked, , evaluated, differs] = blocks("text") as string[];
    const all = [...said.values()].join("\n");
    for (const line of `${shown}${checked}${evaluated}${differs}`.trim().split("\n")) expect(all).toContain(line);
  });

  it("refuses as the page says", () => {
    writeFileSync(path.join(folder, "bad.config"), config.replace("ppnet_hidden_units", "ppnet_hiden_units"));
    writeFileSync(path.join(folder, "lamb.config"), config.replace("adagrad_optimizer", "lamb_optimizer"));
    const bad = pepnet("config print bad.config");
    const lamb = pepnet("train --config lamb.config --out runs/lamb");
    expect([bad.status, lamb.status]).toEqual([1, 1]);
    const [, wrong, , refused] = blocks("text") as string[];
    for (const line of wrong?.trim().split("\n") ?? []) expect(bad.said).toContain(line.trim());
    expect(lamb.said).toContain(refused?.trim());
  });
});
