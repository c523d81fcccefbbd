/** The audit of models: planted faults, sound models, and what cannot be told. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AnyModel, loadModel, loadRun, pepnet, type Run } from "../../../src/index.js";
import { auditJudges, auditOf, measuredPlace } from "../../../src/lab/gates/audit-checks.js";
import type { AuditCheckName, Severity } from "../../../src/types.js";
import { wholeTitle } from "../../whole-title.js";
import { auditRows, baseModel, baseWorld, edited, falseAlarms, missedFaults, trained } from "./audited.js";

let run: Run;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-audit-"));
  run = await trained(baseWorld(4));
});
afterAll(async () => {
  await run.dispose();
  await rm(folder, { recursive: true });
});

describe("planted faults and sound models", () => {
  it("are found and named, at least 48 of 50", async () => {
    const all = [await missedFaults(1), await missedFaults(2, true)];
    expect(all.reduce((sum, { planted }) => sum + planted, 0)).toBeGreaterThanOrEqual(50);
    expect(all.flatMap(({ missed }) => missed).slice(2)).toEqual([]);
  });

  it("raise no alarm in twelve kinds of sound models", async () => {
    expect(await falseAlarms(Array.from({ length: 12 }, (_, at) => at + 1))).toEqual([]);
  });
});

describe("an audit", () => {
  it("says what it checked, and where a model is nearest to a fault", async () => {
    const audit = await run.audit();
    expect(audit.findings).toEqual([]);
    expect(audit.gaps).toEqual([]);
    expect(audit.checks.map(({ name }) => name)).toEqual([
      "not finite",
      "no gradient",
      "never trained",
      "untrained towers",
      "constant predictions",
      "large weights",
      "large inputs",
      "large logits",
      "dead units",
      "untouched rows",
      "unequal losses",
      "one id decides",
      "equal rows",
      "constant column",
      "shifted rows",
      "other labels",
      "unrelated ids",
      "exchanged towers",
      "saturated gates",
      "still gates",
      "constant gates",
    ]);
    const chart = await audit.chart();
    expect(chart.title).toBe("No fault among 21 checks on 1,500 rows");
    expect(audit.table().caption).toBe(chart.title);
    expect(audit.rows()).toEqual([]);
    const checks = audit.table("checks").rows();
    expect(checks.find(({ check }) => check === "untrained towers")).toMatchObject({
      places: 6,
      findings: 0,
      size: 0,
    });
    expect(String(checks.find(({ check }) => check === "large logits")!["message"])).toMatch(/^1% of the logits are/);
    expect(() => audit.table("faults" as "gaps")).toThrow(/one of "findings", "checks", "gaps"/);
  });

  it("names a fault, with its numbers and what may help", async () => {
    const broken = await edited(run, (weights) => {
      for (const [name, { data }] of weights) if (/_task_tower\.2\.linear\.weight/.test(name)) data.fill(0);
    });
    const audit = await broken.audit();
    expect(audit.named("constant predictions")).toEqual(["ctr in search"]);
    expect(audit.findings.map(({ severity, judge, path }) => [severity, judge, path])).toEqual([
      ["serious", "constant predictions", "ctr in search"],
      ["serious", "no gradient", "tower ctr in search"],
    ]);
    const [constant, cut] = audit.rows();
    expect(cut).toMatchObject({
      message:
        "2 of 3 layers get a gradient of exactly 0 on 1,500 rows: tower ctr in search, layer 1; tower ctr in search, layer 2",
      fix: "look for dead units, a stopped gradient, a weight of 0 or a layer that ignores its input",
    });
    expect(constant!["message"]).toMatch(/^the logits of \d+ rows have a standard deviation of 0\.0$/);
    expect(wholeTitle(await audit.chart())).toMatch(/^2 faults on 1,500 rows; constant predictions: ctr in search; /);
    await broken.dispose();
  });

  it("is the same of a loaded run; of TorchEasyRec's files without their start, it says what is unknown", async () => {
    await run.save(path.join(folder, "run"));
    const loaded = await loadRun(path.join(folder, "run"));
    const audit = await run.audit();
    expect((await loaded.audit(run.validation)).facts).toEqual(audit.facts);
    await writeFile(path.join(folder, "pipeline.config"), (run.model as AnyModel).train({ seed: 99 }).toConfig());
    const weights = path.join(folder, "run", "weights.safetensors");
    const imported = await pepnet.fromTorchEasyRec({ config: path.join(folder, "pipeline.config"), weights });
    const { findings, gaps, checks } = await imported.audit(run.validation);
    expect(findings).toEqual([]);
    expect(gaps.map(({ what }) => what)).toEqual([
      "whether the training had labels like these",
      "whether training changed layers, towers and rows",
    ]);
    expect(checks.map(({ name }) => name)).not.toContain("untouched rows");
    for (const each of [loaded, imported]) await each.dispose();
  });

  it("of an exported model sees predictions and inputs only", async () => {
    const large = await trained({ ...baseWorld(5), train: auditRows(600, 5).map((row) => ({ ...row, price: 5000 })) });
    await large.export(path.join(folder, "served"));
    const served = await loadModel(path.join(folder, "served"));
    const rows = auditRows(600, 6).map((row) => ({ ...row, price: 5000 }));
    const audit = await served.audit(rows);
    expect(audit.named("large inputs")).toEqual(["price"]);
    expect(audit.checks.map(({ name }) => name)).toContain("constant predictions");
    expect(audit.gaps).toContainEqual({ what: "weights, gradients and gates", reason: expect.any(String) });
    await served.dispose();
    await large.dispose();
  });

  it("stops when it is aborted", async () => {
    await expect(run.audit(null, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  });
});

describe("what rows cannot tell is a gap", () => {
  const gapsOf = async (rows: ReturnType<typeof auditRows>) => {
    const { gaps, findings } = await run.audit(rows);
    return { findings, gaps: gaps.map(({ what, reason }) => `${what}: ${reason}`) };
  };

  it("with too few rows, and rows of one class", async () => {
    const few = await gapsOf(auditRows(60, 4).map((row) => ({ ...row, buy: 0 })));
    expect(few.findings).toEqual([]);
    expect(few.gaps).toContain("gradients, units and losses: cannot be told with 60 rows: 100 would be needed");
    const { gaps } = await gapsOf(auditRows(900, 4).map((row) => ({ ...row, buy: 0 })));
    expect(gaps).toEqual([
      "whether cvr follows its labels: cannot be told: 0 rows of a class, 50 would be needed",
      "the loss of cvr: cannot be told: its labels are of one class",
    ]);
  });

  it("with one domain, and with equal rows", async () => {
    const one = await gapsOf(auditRows(900, 4).map((row) => ({ ...row, scene: 0 })));
    expect(one.findings).toEqual([]);
    expect(one.gaps).toContain("whether ctr in live is constant: cannot be told with 0 rows: 100 would be needed");
    const equal = await gapsOf(
      auditRows(900, 4).map(({ scene, clk, buy }) => ({ ...auditRows(1, 4)[0]!, scene: scene!, clk: clk!, buy: buy! })),
    );
    expect(equal.gaps).toContain("whether ctr in feed is constant: cannot be told: all its rows are equal");
    expect(
      equal.findings.filter(({ judge }) => judge === "constant predictions" || judge === "one id decides"),
    ).toEqual([]);
  });

  it("with ids that hardly occur twice, and without steps to judge averages by", async () => {
    const pairs = new Map(auditRows(900, 4).map((row) => [`${row["scene"]} ${row["user"]}`, row]));
    const rare = await gapsOf([...pairs.values()]);
    expect(rare.gaps.filter((gap) => gap.includes("decides"))).toEqual([
      expect.stringMatching(/^whether user decides alone: cannot be told: 0 rows of \d+ share their value/),
    ]);
    const averaged = await trained({ ...baseWorld(4), model: baseModel(4).train({ emaDecay: 0.5 }) });
    const bare = await edited(averaged, () => {});
    expect((await averaged.audit()).checks.map(({ name }) => name)).toContain("late averages");
    expect((await bare.audit()).gaps.map(({ what }) => what)).toContain("averaged weights");
    await averaged.dispose();
    await bare.dispose();
  });
});

/** Every check, as its type says. */
const severities: Readonly<Record<AuditCheckName, Severity>> = {
  "not finite": "serious",
  "no gradient": "serious",
  "never trained": "serious",
  "untrained towers": "serious",
  "constant predictions": "serious",
  "large weights": "moderate",
  "large inputs": "moderate",
  "large logits": "moderate",
  "dead units": "moderate",
  "untouched rows": "moderate",
  "unequal losses": "moderate",
  "late averages": "moderate",
  "one id decides": "moderate",
  "equal rows": "serious",
  "constant column": "moderate",
  "other labels": "serious",
  "shifted rows": "serious",
  "unrelated ids": "serious",
  "exchanged towers": "serious",
  "saturated gates": "moderate",
  "still gates": "minor",
  "constant gates": "minor",
};

it("every check has the severity that its fault deserves", () => {
  const { checks } = auditOf(
    0,
    Object.keys(severities).map((name) => measuredPlace(name as AuditCheckName, "", 0, "")),
  );
  expect(checks.map(({ name }) => name)).toEqual(auditJudges.map(({ name }) => name));
  for (const { name, severity } of checks) expect(severity).toBe(severities[name]);
});
