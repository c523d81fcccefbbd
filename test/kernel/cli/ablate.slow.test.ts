import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Outcome, pepnetIn, pepnetUntil, writeProject } from "./command.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-ablate-"));
  vi.stubEnv("PEPNET_CACHE", path.join(folder, "cache"));
  await writeProject(folder);
});
afterAll(() => {
  vi.unstubAllEnvs();
  return rm(folder, { recursive: true });
});

const data = ["--config", "pipeline.config", "--train", "test.parquet", "--eval", "test.parquet"];
const ablate = (...args: string[]): Promise<Outcome> => pepnetIn(folder, "ablate", ...data, ...args);
const few = ["--seeds", "2", "--edit", '{"train_config.num_epochs": 1}'];

describe("pepnet ablate", () => {
  it("compares variants of a config's model, tells each run and difference, and trains nothing twice", async () => {
    const args = ["--vary", "epnet.gamma=1,2", "--vary", "switches.gatePlacement=input,output", ...few];
    const first = await ablate(...args, "--markdown", "study.md", "--report", "study.html");
    expect(first.code).toBe(0);
    expect(first.err).toContain("note: left out: epnet.gamma 2, switches.gatePlacement output is the model itself");
    const lines = first.out.trimEnd().split("\n");
    expect(lines.filter((line) => line.startsWith("run "))).toHaveLength(8);
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^run variant="epnet\.gamma 1, switches\.gatePlacement input" seed=1 kept=false done=\d planned=8$/,
      ),
    );
    // Three variants, two tasks, all rows and two domains.
    const differences = lines.filter((line) => line.startsWith("difference "));
    expect(differences).toHaveLength(18);
    expect(differences[1]).toMatch(
      /task=click domain=0 domain_name=feed metric=auc seeds=2 mean=[\d.]+ difference=\S+ low=\S+ high=\S+ verdict="no difference/,
    );
    expect(await readFile(path.join(folder, "study.md"), "utf8")).toMatch(/\| the model \| click \| AUC \| {2}\| – \|/);
    expect(await readFile(path.join(folder, "study.html"), "utf8")).toContain("Variants compared with the model");
    const again = await ablate(...args, "--json");
    const events = again.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.filter(({ event, kept }) => event === "run" && kept === "true")).toHaveLength(8);
    expect(events.filter(({ event }) => event === "difference")).toHaveLength(18);
  });

  it("stops what is settled, and takes either a number of seeds or a limit", async () => {
    const args = ["--vary", "train.dense.lr=1e30", "--seeds-at-most", "8", "--parallel", "1"];
    const limited = await ablate(...args);
    expect(limited.out).toContain('stopped variant="train.dense.lr 1e+30" seeds=3 why="no run finished"');
    const both = await ablate("--vary", "ppnet.gamma=1", "--seeds", "2", "--seeds-at-most", "4");
    expect(both.code).toBe(2);
    expect(both.err).toMatch(/--seeds-at-most.*cannot be used with.*--seeds/);
  });

  it("compares the tasks that are asked about, by what matters", async () => {
    const { out } = await ablate("--vary", "epnet.gamma=1", ...few, "--tasks", "like", "--matters", "0.9");
    const differences = out.split("\n").filter((line) => line.startsWith("difference "));
    expect(differences).toHaveLength(3);
    expect(differences.every((line) => line.includes("task=like"))).toBe(true);
    expect(differences[0]).toMatch(/verdict="equivalent/);
    const wrong = await ablate("--vary", "epnet.gamma=1", "--tasks", "lke", "--matters", "few");
    expect(wrong.code).toBe(1);
    expect(wrong.err).toMatch(/ablate\.matters: number out of range[\s\S]*NaN[\s\S]*> 0/);
  });

  it("keeps what is done when it is stopped", async () => {
    const args = ["--vary", "ppnet.gamma=1,3,4,5", "--seeds", "30", "--parallel", "1"];
    const code = await pepnetUntil(folder, /done=3 /, (child) => child.kill("SIGINT"), "ablate", ...data, ...args);
    expect(code).toBe(130);
    const rest = await ablate("--vary", "ppnet.gamma=1,3", "--seeds", "1");
    expect(rest.out.match(/kept=true/g)).toHaveLength(3);
  });

  it("says what is wrong with a setting, a list or a file", async () => {
    const misspelt = await ablate("--vary", "epnet.gama=1");
    expect(misspelt.code).toBe(1);
    expect(misspelt.err).toMatch(/no setting "epnet.gama"[\s\S]*did you mean "gamma"/);
    expect((await ablate("--vary", "epnet.gamma")).err).toContain("such as epnet.gamma=1,2,4");
    expect((await ablate("--vary", "ppnet.hidden=[64")).err).toContain('"[64" is not a list of values');
    expect((await ablate()).code).toBe(2);
    expect((await ablate("--vary", "__proto__=1", "--vary", "toString.x=2")).err).toContain('no setting "__proto__"');
    const lost = await ablate("--vary", "epnet.gamma=1", ...few, "--markdown", "no/such/folder.md");
    expect(lost.err).toContain("cannot write the Markdown");
  });
});
