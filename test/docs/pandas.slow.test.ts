/** docs/pandas.md runs from top to bottom with a real pandas; so do columns of every type that its table names. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { runNotebook } from "../../src/kernel/notebook/execute.js";
import { joinLines } from "../../src/kernel/notebook/format.js";
import { cell, notebook, open, save } from "../kernel/notebook/notebook-files.js";
import { python } from "../kernel/python.js";

/** Columns as pandas makes them, and what a data set must have of their first two rows. */
const typed = {
  code: `
import numpy as np
frame = pd.DataFrame({
    "whole": [1, 2], "small": np.array([1, 2], "int8"), "part": [0.5, None], "flag": [True, False],
    "Int64": pd.array([7, None], "Int64"), "boolean": pd.array([True, None], "boolean"),
    "text": ["a", None], "object": np.array(["a", "é"], dtype=object), "category": pd.Categorical(["x", None]),
    "day": pd.to_datetime(["2026-01-02", "2026-01-03T04:05:06.5"], format="ISO8601"),
    "zoned": pd.to_datetime(["2026-01-02T00:00+08:00", None], utc=True).tz_convert("Asia/Shanghai"),
    "ids": [[1, 2], []],
}, index=pd.Index(["p", "q"], name="key"))
frame.to_parquet("typed.parquet")`,
  rows: [
    {
      whole: 1,
      small: 1,
      part: 0.5,
      flag: true,
      Int64: 7,
      boolean: true,
      text: "a",
      object: "a",
      category: "x",
      day: "2026-01-02T00:00:00.000Z",
      zoned: "2026-01-01T16:00:00.000Z",
      ids: [1, 2],
      key: "p",
    },
    {
      whole: 2,
      small: 2,
      part: null,
      flag: false,
      Int64: null,
      boolean: null,
      text: null,
      object: "é",
      category: null,
      day: "2026-01-03T04:05:06.500Z",
      zoned: null,
      ids: [],
      key: "q",
    },
  ],
};

/** What the page promises of its frames. */
const promised = `
assert list(predictions.columns) == ["user_id", "scene", "logits_ctr", "probs_ctr"], predictions.columns
assert (predictions["user_id"] == log["user_id"]).all() and log["ctr"].between(0, 1).all()
evaluation, gates = pd.read_parquet("evaluation.parquet"), pd.read_parquet("gates.parquet")
assert set(evaluation["task"]) == {"ctr"} and evaluation["auc"].between(0, 1).all(), evaluation
assert len(gates) > 0 and gates["mean"].dtype == "float64", gates
assert list(best["variant"]) == ["gamma 1", "the model"] and best["difference"].dtype == "float64", best`;

it.skipIf(python === null)("every block of pandas.md runs as it stands, and types arrive", async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-pandas-"));
  try {
    const page = await readFile(path.resolve(__dirname, "../../docs/pandas.md"), "utf8");
    const inPython: string[] = [];
    const runPython = (code: string) =>
      cell(
        `require("node:child_process").execFileSync(${JSON.stringify(python)}, ["-c", ${JSON.stringify(code)}], { encoding: "utf8" })`,
      );
    const cells = [...page.matchAll(/^```(python|ts)\n([\s\S]*?)^```$/gm)].map(([, language, code]) => {
      if (language === "ts") return cell(code!);
      const whole = [...inPython, code!].join("\n");
      inPython.push(code!.replace(/^.*to_parquet.*$/m, "")); // an open file must not change
      return runPython(whole);
    });
    expect(inPython.length).toBe(3);
    cells.push(runPython([...inPython, promised, typed.code].join("\n")));
    cells.push(cell('console.log(JSON.stringify(await (await dataset("typed.parquet")).toRows()))'));
    const file = save(folder, "page.ipynb", notebook(...cells));
    expect(await runNotebook(file)).toEqual({ ok: true, outPath: file });
    const [output] = open(file).cells.at(-1)!.outputs as unknown as { text: string[] }[];
    expect(JSON.parse(joinLines(output!.text))).toEqual(typed.rows);
  } finally {
    await rm(folder, { recursive: true });
  }
});
