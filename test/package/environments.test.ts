/** The environments for Binder, conda, Docker and devcontainers name what exists here, in the versions that tests use. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../src/core/util/files/package-root.js";

const text = (name: string): string => readFileSync(path.join(packageRoot, name), "utf8");
// Read as text: an import would make a Python environment for this test.
const labList = /labPackages = \[([^\]]*)\]/.exec(text("scripts/python-env.mjs"))![1]!;
const labPackages = [...labList.matchAll(/"([^"]+)"/g)].map(([, name]) => name);
const dockerfile = text("Dockerfile");
const postBuild = path.join(packageRoot, "binder/postBuild");
const oldestNode = Number(/\d+/.exec(JSON.parse(text("package.json")).engines.node)![0]);

test("environment.yml has Python, Node and the packages of `npm run lab`", () => {
  const packages = [...text("binder/environment.yml").matchAll(/^ {2}- (.*)$/gm)].map(([, name]) => name!);
  const [channel, python, node, ...others] = packages;
  expect(labPackages.length).toBeGreaterThan(2);
  expect(channel).toBe("conda-forge");
  expect(python).toMatch(/^python=3\.\d+$/);
  expect(Number(/^nodejs=(\d+)$/.exec(node!)?.[1])).toBeGreaterThanOrEqual(oldestNode);
  expect(others).toEqual(labPackages);
});

test("the Dockerfile has them too, runs what is here, and ends in a program of them", () => {
  expect(Number(/^FROM node:(\d+)/m.exec(dockerfile)?.[1])).toBeGreaterThanOrEqual(oldestNode);
  const installed = /pip install([^&]*)/.exec(dockerfile)![1]!;
  expect([...installed.matchAll(/"([^"]+)"/g)].map(([, name]) => name)).toEqual(labPackages);
  const scripts = [...dockerfile.matchAll(/^RUN sh (\S+)$/gm)].map(([, name]) => name!);
  expect(scripts).toEqual(["binder/postBuild"]);
  expect(dockerfile).toMatch(/^CMD \["jupyter", "lab", /m);
  const ignored = text(".dockerignore").split("\n");
  for (const name of text(".gitignore").split("\n")) expect(ignored).toContain(name);
});

test("the devcontainer builds a stage of the Dockerfile, and runs a script that is here", () => {
  const { build, postCreateCommand } = JSON.parse(text(".devcontainer/devcontainer.json"));
  expect(existsSync(path.join(packageRoot, ".devcontainer", build.dockerfile))).toBe(true);
  expect(dockerfile).toMatch(new RegExp(`^FROM .* AS ${build.target}$`, "m"));
  expect(postCreateCommand).toBe("sh binder/postBuild");
  // Both stages name the environment that the script adds the kernel to.
  expect(/CONDA_PREFIX=(\S+)/.exec(dockerfile)![1]).toBe(/-m venv (\S+)/.exec(dockerfile)![1]);
});

test.skipIf(process.platform === "win32")(
  "postBuild compiles the sources and adds the kernel to the environment",
  () => {
    expect(statSync(postBuild).mode & 0o111).not.toBe(0);
    const folder = mkdtempSync(path.join(tmpdir(), "pepnet-post-build-"));
    mkdirSync(path.join(folder, "bin"));
    const node = path.join(folder, "bin", "node");
    writeFileSync(node, `#!/bin/sh\nprintf '%s|' "$@" >> '${folder}/said'\n`, { mode: 0o755 });
    const env = { PATH: `${path.dirname(node)}:/usr/bin:/bin` };
    execFileSync("/bin/sh", [postBuild], { env: { ...env, CONDA_PREFIX: "/opt/conda" } });
    const said = readFileSync(path.join(folder, "said"), "utf8");
    expect(said).toContain("|dist/kernel/cli/main.js|kernel|install|--prefix|/opt/conda|");
    const code = said.split("|").find((word) => word.includes("import("))!;
    const file = /\/(scripts\/[\w.-]+)`/.exec(code)![1]!;
    expect(text(file)).toMatch(/^export async function setUp\(/m);
    const without = spawnSync("/bin/sh", [postBuild], { env, encoding: "utf8" });
    expect(without.status).not.toBe(0);
    expect(without.stderr).toContain("conda activate pepnet");
  },
);
