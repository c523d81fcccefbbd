/**
 * `pepnet new --jupyter`, with a Python that only notes what it is asked for: JupyterLab is a download. The kernel that
 * it installs is the one that `test/kernel/lab.slow.test.ts` runs in JupyterLab.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const main = path.resolve(__dirname, "../../../dist/kernel/cli/main.js");
const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "pepnet-new-jupyter-")));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A small log: the generated sample takes seconds to suggest a model for, which new.slow.test.ts does. */
const log = path.join(folder, "log.csv");
const own = ["--data", log, "--labels", "click", "--no-roles"];
beforeAll(() => writeFileSync(log, `item,click\n${"1,0\n2,1\n3,0\n2,1\n".repeat(40)}`));

/** Makes a project with a Python that ends `-m pip` with an exit code; `null`: with no Python at all. */
function make(name: string, pipCode: number | null) {
  const bin = path.join(folder, `bin-${name}`);
  const calls = path.join(folder, `${name}.calls`);
  mkdirSync(bin);
  const python = path.join(bin, "python3");
  if (pipCode !== null) {
    writeFileSync(
      python,
      `#!/bin/sh
printf '%s\\n' "$*" >> '${calls}'
if [ "$2" = venv ]; then /bin/mkdir -p "$3/bin" && /bin/cp '${python}' "$3/bin/python"; fi
if [ "$2" = pip ]; then exit ${pipCode}; fi
`,
    );
    chmodSync(python, 0o755);
  }
  const options = { cwd: folder, encoding: "utf8", env: { ...process.env, PATH: bin, PEPNET_CACHE: bin } } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, "new", name, "--jupyter", ...own], options);
  return { status, stdout, stderr, calls: existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : [] };
}

test("JupyterLab is in the project's own environment, with the kernel and its extension", () => {
  const { status, stdout, stderr, calls } = make("my-project", 0);
  expect([status, stderr]).toEqual([0, ""]);
  const environment = path.join(folder, "my-project", ".venv");
  expect(calls.slice(1)).toEqual([
    `-m venv ${environment}`,
    "-m pip install --quiet --disable-pip-version-check jupyterlab>=4.4,<5",
  ]);
  const jupyter = path.join(environment, "share", "jupyter");
  const kernel = JSON.parse(readFileSync(path.join(jupyter, "kernels", "pepnet", "kernel.json"), "utf8"));
  expect(kernel.argv.filter((part: string) => path.isAbsolute(part)).every(existsSync)).toBe(true);
  expect(existsSync(path.join(jupyter, "labextensions", "pepnet-plotly", "package.json"))).toBe(true);
  const { metadata } = JSON.parse(readFileSync(path.join(folder, "my-project", "first.ipynb"), "utf8"));
  expect([metadata.kernelspec.name, metadata.kernelspec.display_name]).toEqual(["pepnet", kernel.display_name]);
  expect(stdout).toContain(`${path.join(".venv", "bin", "jupyter")} lab first.ipynb`);
});

test("without Python nothing is written", () => {
  const { status, stderr } = make("none", null);
  expect(status).toBe(1);
  expect(stderr).toMatch(/no Python 3\.9 or newer[\s\S]*apt install python3-venv/);
  expect(existsSync(path.join(folder, "none"))).toBe(false);
});

test("without the package index the project remains, and its README says how to add JupyterLab", () => {
  const { status, stderr } = make("offline", 3);
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /-m pip install failed[\s\S]*exit code 3[\s\S]*complete without JupyterLab, and its README\.md/,
  );
  expect(existsSync(path.join(folder, "offline", "first.ipynb"))).toBe(true);
  expect(readFileSync(path.join(folder, "offline", "README.md"), "utf8")).toContain(".venv/bin/pip install jupyterlab");
});
