/** Notebooks verified: what differs is said, what no two runs share is not. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { DataRecord } from "../../src/kernel/provenance.js";
import type { Output } from "../../src/notebook/format.js";
import { runNotebook, verifyNotebook } from "../../src/notebook/index.js";
import { environmentDifferences } from "../../src/notebook/verify/environment.js";
import { compareOutputs } from "../../src/notebook/verify/outputs.js";
import { recordedProvenance } from "../../src/notebook/verify/recorded.js";
import { cell, emptyFolder, notebook, open, save } from "./notebook-files.js";

function shown(data: Record<string, unknown>): Output {
  return { output_type: "display_data", data, metadata: {} };
}

function printed(text: string): Output {
  return { output_type: "stream", name: "stdout", text };
}

function compare(recorded: Output, now: Output, tolerance = 1e-6): string[] {
  const differences = compareOutputs([recorded], [now], { tolerance, onIgnored: () => {} });
  return differences.map(({ form, where, kind }) => `${form} ${where ?? ""} ${kind}`.replace("  ", " "));
}

describe("outputs are the same", () => {
  it.each([
    ["Trained in 12.3 s, 8,000 rows/s, 1 min left", "Trained in 9 s, 12,345 rows/s, 20 s left"],
    ["12 of 27 runs, 2 min left", "12 of 27 runs, 1 h 12 min left"],
    ["fits: about 59 s (50 s to 1 min 4 s)", "fits: about 3 days 4 h (1 day to 4 days)"],
    ["{ auc: 0.5, seconds: 1.25, 'rows/s': 800 }", "{ auc: 0.5, seconds: 13, 'rows/s': 90.5 }"],
    ["saved /home/ann/out/run.json", "saved /data/run.json"],
    ["at 2026-01-02T03:04:05Z", `at ${new Date().toISOString()}`],
    ["10%\r50%\r100%\ndone", "3%\r100%\ndone"],
    ["a     1\n──────  ──\nb   2", "a 1\n────  ──\nb 2"],
    ["loss 0.123456789", "loss 0.123456790"],
    [
      "step  seconds   auc\n────  ───────  ────\n   1     12.5  0.70",
      "step  seconds   auc\n────  ───────  ────\n   1      1.5  0.70",
    ],
  ])("%j and %j", (recorded, now) => {
    expect(compare(printed(recorded), printed(now))).toEqual([]);
  });

  it("where a figure's data are, whatever its picture; and what lies along an axis of time", () => {
    const figure = (seconds: number[]) => ({
      data: [{ x: seconds, y: [1, 2] }],
      layout: { xaxis: { title: { text: "seconds" } }, title: { text: `after ${seconds[1]} s` } },
    });
    const bundle = (seconds: number[], png: string) =>
      shown({ "application/vnd.plotly.v1+json": figure(seconds), "image/png": png, "text/plain": "figure" });
    expect(compare(bundle([1, 2], "AAAA"), bundle([1.5, 9], "BBBB"))).toEqual([]);
  });

  it("in HTML but for the times of a table", () => {
    const table = (seconds: string, auc: string) =>
      shown({
        "text/html": `<table><tr><th>AUC</th><th>ms</th></tr><tr><td>${auc}</td><td>${seconds}</td></tr></table>`,
      });
    expect(compare(table("12", "0.7"), table("800", "0.7"))).toEqual([]);
    expect(compare(table("12", "0.7"), table("800", "0.8"))).toEqual(["text/html element 12 number"]);
  });

  it("within a tolerance that is given, which forgives the last digit of a rounded number too", () => {
    expect(compare(printed("auc 0.7720"), printed("auc 0.7721"))).toEqual(["stdout line 1 number"]);
    expect(compare(printed("auc 0.7720 of 0.001"), printed("auc 0.7721 of 0.002"), 1e-3)).toEqual([]);
    expect(compare(printed("auc 0.7720"), printed("auc 0.7820"), 1e-3)).toEqual(["stdout line 1 number"]);
  });
});

describe("outputs differ", () => {
  const figure = { data: [{ y: [1, 2, 3], name: "loss" }], layout: { title: { text: "Loss" } } };
  const plotly = "application/vnd.plotly.v1+json";

  it.each([
    ["a number", printed("rows 100,000"), printed("rows 100,001"), ["stdout line 1 number"]],
    ["a word", printed("a\nb"), printed("a\nc"), ["stdout line 2 text"]],
    ["a line more", printed("a"), printed("a\nb"), ["stdout line 2 unexpected"]],
    ["nothing printed", printed("a"), printed(""), ["stdout missing"]],
    [
      "a date that is data",
      printed("from 1998-01-02 03:04"),
      printed("from 1998-01-03 03:04"),
      ["stdout line 1 number"],
    ],
    ["a picture alone", shown({ "image/png": "AAAA" }), shown({ "image/png": "BBBB" }), ["image/png picture"]],
    [
      "a form that is gone",
      shown({ "text/plain": "x", [plotly]: figure }),
      shown({ "text/plain": "x" }),
      [`${plotly} missing`],
    ],
    [
      "a value of a figure",
      shown({ [plotly]: figure }),
      shown({ [plotly]: { ...figure, data: [{ y: [1, 2.001, 3], name: "loss" }] } }),
      [`${plotly} data[0].y[1] number`],
    ],
    [
      "a point of a figure",
      shown({ [plotly]: figure }),
      shown({ [plotly]: { ...figure, data: [{ y: [1, 2], name: "loss" }] } }),
      [`${plotly} data[0].y missing`],
    ],
    [
      "a figure's words",
      shown({ [plotly]: figure }),
      shown({ [plotly]: { ...figure, layout: { title: { text: "Gain" } } } }),
      [`${plotly} layout.title.text text`],
    ],
    [
      "an error",
      { output_type: "error", ename: "TypeError", evalue: "x", traceback: [] } as Output,
      { output_type: "error", ename: "RangeError", evalue: "x", traceback: [] } as Output,
      ["error line 1 text"],
    ],
  ])("by %s", (_, recorded, now, said) => {
    expect(compare(recorded, now)).toEqual(said);
  });
});

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
        cell("console.log('took', Math.random(), 's')"),
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
    expect(same).toMatchObject({ ok: true, environment: [], timesIgnored: 1 });
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

  it("without outputs has nothing to verify", async () => {
    const file = save(emptyFolder(), "bare.ipynb", notebook(cell("1")));
    await expect(verifyNotebook(file)).rejects.toThrow("has no outputs to compare with");
  });
});
