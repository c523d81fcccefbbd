/** The kernel for Jupyter, installed and removed. */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/util/files/package-root.js";
import { type DoctorFinding, examineKernel, locate } from "../../src/kernel/doctor.js";
import { installKernel, uninstallKernel } from "../../src/kernel/install.js";
import { kernelMain } from "../../src/kernel/kernel-spec.js";
import { emptyFolder } from "./notebook/notebook-files.js";

function below(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

describe("installing", () => {
  it("writes a kernel that starts by absolute paths, the extension with plotly.js, and papermill's translator", async () => {
    const prefix = emptyFolder();
    const files = await installKernel({ prefix });
    const data = path.join(prefix, "share", "jupyter");
    expect(files.map((file) => path.relative(data, file)).sort()).toEqual(below(data));
    const spec = JSON.parse(readFileSync(path.join(data, "kernels/pepnet/kernel.json"), "utf8"));
    expect(spec).toMatchObject({
      argv: [
        ...(process.platform === "win32" ? [] : ["/bin/sh", path.join(packageRoot, "src/kernel/assets/start.sh")]),
        process.execPath,
        "--expose-internals",
        kernelMain,
        "--connection-file",
        "{connection_file}",
      ],
      display_name: "TypeScript (PEPNet)",
      language: "typescript",
      interrupt_mode: "signal",
    });
    const extension = path.join(data, "labextensions/pepnet-plotly");
    expect(JSON.parse(readFileSync(path.join(extension, "package.json"), "utf8")).name).toBe("pepnet-plotly");
    expect(statSync(path.join(extension, "static/plotly.min.js")).size).toBeGreaterThan(1_000_000);
    expect(existsSync(path.join(data, "pepnet/papermill/pepnet_papermill.py"))).toBe(true);
  });

  it("again changes nothing", async () => {
    const dataDir = emptyFolder();
    const first = await installKernel({ dataDir });
    const contents = first.map((file) => readFileSync(file, "base64"));
    expect(await installKernel({ dataDir })).toEqual(first);
    expect(first.map((file) => readFileSync(file, "base64"))).toEqual(contents);
    expect(below(dataDir)).toHaveLength(first.length);
  });

  it("under another name is beside the first, and each is removed alone", async () => {
    const dataDir = emptyFolder();
    await installKernel({ dataDir });
    const first = below(dataDir);
    await installKernel({ dataDir, name: "pepnet-old" });
    await installKernel({ dataDir, name: "pepnet-old" });
    const spec = JSON.parse(readFileSync(path.join(dataDir, "kernels/pepnet-old/kernel.json"), "utf8"));
    expect(spec.display_name).toBe("TypeScript (PEPNet, pepnet-old)");
    const findings = await examineKernel({ dataDir, name: "pepnet-old" });
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
    await uninstallKernel({ dataDir, name: "pepnet-old" });
    expect(below(dataDir)).toEqual(first);
  });

  it("refuses to replace another program's kernel", async () => {
    const dataDir = emptyFolder();
    const spec = path.join(dataDir, "kernels/pepnet/kernel.json");
    mkdirSync(path.dirname(spec), { recursive: true });
    writeFileSync(spec, "{}");
    await expect(installKernel({ dataDir })).rejects.toThrow("another program");
    expect(readFileSync(spec, "utf8")).toBe("{}");
  });

  it("says where it cannot write", async () => {
    const dataDir = path.join(emptyFolder(), "file");
    writeFileSync(dataDir, "");
    await expect(installKernel({ dataDir })).rejects.toThrow("cannot be installed there");
    if (process.platform !== "linux") return;
    await expect(installKernel({ dataDir: "/proc/pepnet" })).rejects.toThrow("cannot be installed there");
  });
});

describe("the doctor", () => {
  const wrong = (findings: readonly DoctorFinding[]): string[] =>
    findings.filter(({ ok }) => !ok).map(({ check, found, fix }) => `${check}: ${found} (${fix})`);

  it("finds nothing wrong after an installation, and has run a cell", async () => {
    const prefix = emptyFolder();
    await installKernel({ prefix });
    const findings = await examineKernel({ prefix });
    expect(wrong(findings)).toEqual([]);
    expect(findings.map(({ found }) => found).join()).toContain("a cell ran");
  });

  it("says what is missing, changed or another program's, and the command that fixes it", async () => {
    const dataDir = emptyFolder();
    expect(wrong(await examineKernel({ dataDir })).join()).toContain(`pepnet kernel install --data-dir ${dataDir}`);
    await installKernel({ dataDir });
    const translator = path.join(dataDir, "pepnet/papermill/pepnet_papermill.py");
    rmSync(translator);
    writeFileSync(path.join(dataDir, "labextensions/pepnet-plotly/static/remoteEntry.js"), "// changed");
    const [files = "", ...others] = wrong(await examineKernel({ dataDir }));
    expect(files).toContain(`${translator} is missing`);
    expect(files).toContain("remoteEntry.js differs");
    expect(others).toEqual([]);
    await installKernel({ dataDir });
    const spec = path.join(dataDir, "kernels/pepnet/kernel.json");
    const moved = readFileSync(spec, "utf8").replace(JSON.stringify(process.execPath), '"/gone/bin/node"');
    writeFileSync(spec, moved);
    expect(wrong(await examineKernel({ dataDir })).join()).toContain("/gone/bin/node does not exist");
    writeFileSync(spec, moved.replace(/ *"--expose-internals",\n/, ""));
    expect(wrong(await examineKernel({ dataDir })).join()).toContain("uses an earlier version's command");
    writeFileSync(spec, JSON.stringify({ argv: ["python"], display_name: "Python 3" }));
    expect(wrong(await examineKernel({ dataDir })).join()).toContain('the kernel "Python 3", from another program');
    writeFileSync(spec, "{");
    expect(wrong(await examineKernel({ dataDir })).join()).toContain("cannot be read");
  });

  it("says where another kernel of the name hides this one", async () => {
    const [first, second] = [emptyFolder(), emptyFolder()];
    await installKernel({ dataDir: first });
    await installKernel({ dataDir: second });
    const before = process.env["JUPYTER_PATH"];
    try {
      process.env["JUPYTER_PATH"] = [first, second].join(path.delimiter);
      expect(wrong(await examineKernel({ dataDir: second })).join()).toContain(
        `${path.join(first, "kernels/pepnet")} comes first`,
      );
      const beside = async (): Promise<DoctorFinding | undefined> =>
        (await examineKernel({ dataDir: second })).find(({ check }) => check === "Python's plotly beside it");
      expect(await beside()).toBeUndefined();
      mkdirSync(path.join(second, "labextensions/jupyterlab-plotly"), { recursive: true });
      writeFileSync(path.join(second, "labextensions/jupyterlab-plotly/package.json"), "{}");
      expect(await beside()).toMatchObject({ ok: true });
      const old = path.join(first, "labextensions/pepnet-plotly/static/figures.js"); // Jupyter loads the first
      writeFileSync(old, readFileSync(old, "utf8").replaceAll("application/vnd.pepnet.figure+json", ""));
      expect(await beside()).toMatchObject({ ok: false, found: `${old} is of an earlier version` });
    } finally {
      if (before === undefined) delete process.env["JUPYTER_PATH"];
      else process.env["JUPYTER_PATH"] = before;
    }
  });
});

describe("a Python environment", () => {
  const environment = (): { prefix: string; packages: string } => {
    const prefix = emptyFolder();
    const packages = path.join(prefix, "lib/python3.11/site-packages");
    mkdirSync(path.join(packages, "papermill"), { recursive: true });
    return { prefix, packages };
  };
  const papermill = (findings: readonly DoctorFinding[]): DoctorFinding | undefined =>
    findings.find(({ check }) => check === "papermill's parameters");

  it("gets a link to papermill's translator, which the doctor misses and removal takes away", async () => {
    const { prefix, packages } = environment();
    await installKernel({ prefix });
    const link = path.join(packages, "pepnet-papermill.pth");
    const target = path.resolve(packages, readFileSync(link, "utf8").trim());
    expect(existsSync(path.join(target, "pepnet_papermill.py"))).toBe(true);
    expect(papermill(await examineKernel({ prefix }))?.ok).toBe(true);
    rmSync(link);
    expect(papermill(await examineKernel({ prefix }))).toMatchObject({
      ok: false,
      fix: `pepnet kernel install --prefix ${prefix}`,
    });
    await installKernel({ prefix });
    expect(await uninstallKernel({ prefix })).toContain(link);
    expect(existsSync(link)).toBe(false);
  });

  it("that is active is where the doctor looks, as Jupyter does", async () => {
    const { prefix } = environment();
    await installKernel({ prefix });
    const before = { venv: process.env["VIRTUAL_ENV"], data: process.env["JUPYTER_DATA_DIR"] };
    try {
      process.env["VIRTUAL_ENV"] = prefix;
      process.env["JUPYTER_DATA_DIR"] = emptyFolder();
      const findings = await examineKernel();
      expect(findings.filter(({ ok }) => !ok)).toEqual([]);
      expect(findings[1]?.found).toContain(prefix);
      await installKernel({ prefix, name: "other" });
      await uninstallKernel({ prefix });
      await installKernel();
      rmSync(path.join(prefix, "lib/python3.11/site-packages/pepnet-papermill.pth"), { force: true });
      expect(papermill(await examineKernel())).toMatchObject({ ok: false });
    } finally {
      for (const [name, value] of [
        ["VIRTUAL_ENV", before.venv],
        ["JUPYTER_DATA_DIR", before.data],
      ] as const) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });
});

describe("removing", () => {
  it("takes what was written, and leaves what others wrote", async () => {
    const dataDir = emptyFolder();
    const other = path.join(dataDir, "kernels/python3/kernel.json");
    mkdirSync(path.dirname(other), { recursive: true });
    writeFileSync(other, "{}");
    const mine = path.join(dataDir, "kernels/pepnet/notes.txt");
    const files = await installKernel({ dataDir });
    writeFileSync(mine, "the user's");
    expect((await uninstallKernel({ dataDir })).sort()).toEqual([...files].sort());
    expect(below(dataDir)).toEqual(["kernels/pepnet/notes.txt", "kernels/python3/kernel.json"]);
    expect(await uninstallKernel({ dataDir })).toEqual([]);
  });

  it("of one of two kernels keeps the extension for the other", async () => {
    const dataDir = emptyFolder();
    await installKernel({ dataDir });
    await installKernel({ dataDir, name: "pepnet-next" });
    await uninstallKernel({ dataDir, name: "pepnet-next" });
    expect(existsSync(path.join(dataDir, "labextensions/pepnet-plotly/static/remoteEntry.js"))).toBe(true);
    await uninstallKernel({ dataDir });
    expect(below(dataDir)).toEqual([]);
  });
});

describe("the place", () => {
  it("is the active environment's where that is asked for", () => {
    const before = { VIRTUAL_ENV: process.env["VIRTUAL_ENV"], CONDA_PREFIX: process.env["CONDA_PREFIX"] };
    try {
      process.env["VIRTUAL_ENV"] = "/some/venv";
      expect(locate({ sysPrefix: true }).folder).toBe(path.join("/some/venv", "share", "jupyter"));
      delete process.env["VIRTUAL_ENV"];
      delete process.env["CONDA_PREFIX"];
      expect(() => locate({ sysPrefix: true }).folder).toThrow("no Python environment is active");
    } finally {
      for (const [name, value] of Object.entries(before)) if (value !== undefined) process.env[name] = value;
    }
  });
});
