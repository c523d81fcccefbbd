/** Notebooks verified: what differs is said, what no two runs share is not. */

import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, vi } from "vitest";
import { verifyCommand } from "../../../src/kernel/cli/notebook.js";
import { runNotebook } from "../../../src/kernel/notebook/execute.js";
import type { Output } from "../../../src/kernel/notebook/format.js";
import { environmentDifferences, recordedProvenance, verifyNotebook } from "../../../src/kernel/notebook/verify.js";
import type { DataRecord } from "../../../src/kernel/opened-files.js";
import { cell, emptyFolder, notebook, open, save } from "./notebook-files.js";

describe("the surroundings", () => {
  const recorded = {
    versions: { pepnet: "0.1.0", node: "20.1.0" },
    git: { commit: "0123456789abcdef", dirty: false },
    seeds: [{ use: "fit", seed: 7 }],
    data: [{ name: "data/log.csv", bytes: 3, sha256: "aa" }],
    machine: { platform: "linux x64", cpu: "one", cores: 2, memoryGb: 8 },
  };

  it("differ in nothing, or each difference is said", () => {
    expect(environmentDifferences(recorded, recorded)).toEqual([]);
    expect(
      environmentDifferences(recorded, {
        ...recorded,
        versions: { pepnet: "0.1.0", node: "22.0.0" },
        git: { commit: "0123456789abcdef", dirty: true },
        seeds: [{ use: "fit", seed: 8 }],
        data: [{ name: "elsewhere/log.csv", bytes: 3, sha256: "bb" }],
        machine: { ...recorded.machine, cpu: "two" },
      }),
    ).toEqual([
      "node 20.1.0 → 22.0.0",
      "git: 0123456789 → 0123456789 with changes",
      "machine: cpu one → two",
      "seeds: fit 7 → fit 8",
      "data: data/log.csv has other contents",
    ]);
    expect(environmentDifferences(null, recorded)[0]).toContain("no valid record of its environment");
    const [{ sha256: _, ...unhashed }] = recorded.data as [DataRecord];
    expect(environmentDifferences({ ...recorded, data: [unhashed] }, recorded)).toEqual([]);
    expect(environmentDifferences({ ...recorded, data: [{ ...unhashed, bytes: 4 }] }, recorded)).toEqual([
      "data: data/log.csv has other contents",
    ]);
  });

  it("are read from a notebook of any client: of `notebook run`, or of outputs and the kernel's language", () => {
    const { seeds, data, ...around } = recorded;
    const shown = (pepnet?: object): Output => ({
      output_type: "execute_result",
      execution_count: 1,
      data: { "text/plain": "1" },
      metadata: pepnet === undefined ? {} : { pepnet },
    });
    const [{ sha256: _, ...unhashed }] = data as [DataRecord];
    const cells = [
      { ...cell("1"), outputs: [shown()] },
      { ...cell("2"), outputs: [shown({ seeds: [], data: [unhashed] })] },
      { ...cell("3"), outputs: [shown({ seeds, data }), shown({ seeds, data })] },
    ];
    const language_info = { name: "typescript", pepnet: around };
    expect(recordedProvenance({ cells, metadata: { language_info } })).toEqual(recorded);
    expect(recordedProvenance({ cells: [], metadata: { language_info, pepnet: recorded } })).toEqual(recorded);
    const stale = { ...recorded, seeds: [{ use: "fit", seed: 1 }] };
    expect(recordedProvenance({ cells, metadata: { language_info, pepnet: stale } })).toEqual(recorded);
    expect(recordedProvenance({ cells, metadata: { language_info: { name: "typescript" } } })).toBeNull();
    expect(recordedProvenance({ cells, metadata: {} })).toBeNull();
  });
});

describe("a notebook", () => {
  it("carries seeds, data and machine; passes as it was run; and fails where it was tampered with", async () => {
    const folder = emptyFolder();
    writeFileSync(path.join(folder, "log.csv"), "user,clk\n1,0\n2,1\n3,1\n");
    const file = save(
      folder,
      "study.ipynb",
      notebook(
        cell('let file = "log.csv";\nlet factor = 1;', "parameters"),
        cell(
          "const data = await dataset(file);\nconst { a } = await data.split({ a: 2, b: 1 }, { seed: 5 });\na.rows * factor",
        ),
        cell("Math.random()", "verify-skip"),
        cell("console.log('took', 3, 's')"),
        cell("throw new Error('on purpose')"),
        cell("'went on'"),
      ),
    );
    await runNotebook(file, { parameters: { factor: 10 }, allowErrors: true });
    const done = open(file);
    expect(done.metadata["pepnet"]).toMatchObject({
      versions: { node: process.versions.node, "onnxruntime-node": expect.any(String) },
      seeds: [{ use: "split", seed: 5 }],
      data: [{ name: expect.stringMatching(/^(log\.csv|.*\/log\.csv)$/), bytes: 21 }],
      machine: { platform: `${process.platform} ${process.arch}` },
    });
    expect(JSON.stringify(done.metadata)).not.toContain(path.dirname(folder));

    const same = await verifyNotebook(file);
    expect(same.cells.map(({ cell, verdict }) => `${cell} ${verdict}`)).toEqual([
      "1 same",
      "2 same",
      "3 same",
      "4 skipped",
      "5 same",
      "6 same",
      "7 same",
    ]);
    expect(same).toMatchObject({ ok: true, environment: [], skipped: 1 });
    expect(same.cells.flatMap(({ ignored }) => ignored)).toEqual([]);
    expect(same.cells[3]!.differences).toHaveLength(1);
    expect(open(file)).toEqual(done);

    const [, , third, , , , last] = done.cells;
    third!.outputs = [
      { output_type: "execute_result", execution_count: 3, metadata: {}, data: { "text/plain": "21" } },
    ];
    last!.outputs = [];
    save(folder, "tampered.ipynb", done);
    const other = await verifyNotebook(path.join(folder, "tampered.ipynb"));
    expect(other.ok).toBe(false);
    expect(other.cells.filter(({ verdict }) => verdict === "differs")).toMatchObject([
      {
        cell: 3,
        source: "const data = await dataset(file);",
        differences: [{ kind: "number", recorded: "21", now: "20" }],
      },
      { cell: 7, differences: [{ kind: "unexpected", now: "'went on'" }] },
    ]);
  });

  it("is the same whether its training was cached or not, but for a line that says so", async () => {
    const folder = emptyFolder();
    const fit = `const data = await dataset(taobaoLike({ rows: 2000, seed: 1 }).columns);
      const run = await pepnet().features(idFeature("user_id").hash(100).embedding(4)).labels("clk")
        .tower("ctr", (t) => t.label("clk").mlp(4).bce()).fit(data, { cache: true, epochs: 1 });`;
    const file = save(folder, "cached.ipynb", notebook(cell(fit), cell("run"), cell("await run.evaluate()")));
    const own = path.join(folder, "own-cache");
    // With the kernel's snapshot: each kernel would start without one.
    const snapshots = path.join(process.env["PEPNET_CACHE"]!, "snapshots");
    const empty = (): void => {
      rmSync(own, { recursive: true, force: true });
      mkdirSync(own);
      symlinkSync(snapshots, path.join(own, "snapshots"));
    };
    empty();
    vi.stubEnv("PEPNET_CACHE", own);
    try {
      await runNotebook(file);
      const [line, none] = [/^from the cache: an equal training ended on .{16}$/, "not cached"];
      const cached = async () => {
        const { ok, cells } = await verifyNotebook(file);
        expect(ok, JSON.stringify(cells)).toBe(true);
        return cells[0]!.ignored.filter(({ form }) => form === "stdout");
      };
      expect(await cached()).toMatchObject([{ recorded: none, now: expect.stringMatching(line) }]);
      await runNotebook(file);
      empty();
      expect(await cached()).toMatchObject([{ recorded: expect.stringMatching(line), now: none }]);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it("is compared in cells without a source too, and in each stream and picture that a file can hold", async () => {
    const folder = emptyFolder();
    const file = save(folder, "plain.ipynb", notebook(cell("1 + 1"), cell(""), cell("console.error('two')")));
    await runNotebook(file);
    expect((await verifyNotebook(file)).cells.map(({ verdict }) => verdict)).toEqual(["same", "same"]);
    const planted = open(file);
    planted.cells[1]!.outputs = [{ output_type: "stream", name: "stdout", text: "AUC 0.99" }];
    planted.cells[2]!.outputs!.push({ output_type: "stream", name: "stdlog", text: "AUC 0.99" });
    save(folder, "planted.ipynb", planted);
    const { ok, cells } = await verifyNotebook(path.join(folder, "planted.ipynb"));
    expect(ok).toBe(false);
    expect(cells).toMatchObject([
      { cell: 1, verdict: "same" },
      { cell: 2, source: "", verdict: "differs", differences: [{ form: "stdout", kind: "missing" }] },
      { cell: 3, verdict: "differs", differences: [{ form: "stdlog", kind: "missing" }] },
    ]);
  });

  it("exits with 3 if a cell was skipped, 0 if that is allowed, and 1 if another cell differs", async () => {
    const folder = emptyFolder();
    const file = save(folder, "skips.ipynb", notebook(cell("1 + 1"), cell("Math.random()", "verify-skip")));
    await runNotebook(file);
    const run = async (name: string, ...args: string[]): Promise<{ code: unknown; text: string }> => {
      const log = vi.spyOn(console, "log").mockImplementation(() => {});
      const before = process.exitCode;
      process.exitCode = undefined;
      await verifyCommand().parseAsync([path.join(folder, name), ...args], { from: "user" });
      const result = { code: process.exitCode, text: log.mock.calls.join("\n") };
      process.exitCode = before;
      log.mockRestore();
      return result;
    };
    const skipped = await run("skips.ipynb");
    expect(skipped).toMatchObject({ code: 3, text: expect.stringContaining("1 cells are the same, 1 not compared") });
    expect(skipped.text).not.toContain("✓");
    expect(skipped.text).toMatch(/cell 2 {2}skipped by its tag; it differs\n.*\n +recorded +0\.\d+\n +now +0\.\d+/);
    expect(await run("skips.ipynb", "--allow-skipped")).toMatchObject({ code: undefined });
    const planted = open(file);
    planted.cells[0]!.outputs = [];
    save(folder, "planted.ipynb", planted);
    expect(await run("planted.ipynb", "--allow-skipped")).toMatchObject({ code: 1 });
  });

  it("without outputs has nothing to verify", async () => {
    const file = save(emptyFolder(), "bare.ipynb", notebook(cell("1")));
    await expect(verifyNotebook(file)).rejects.toThrow("has no outputs to compare with");
  });
});
