/** The house rules that tools check: format, lint, and the types of the tests and tools (the build checks the sources'). */
import { execFile } from "node:child_process";
import path from "node:path";
import { expect, it } from "vitest";
import { projects } from "../scripts/projects.mjs";
import { compiler } from "../scripts/setup.mjs";

const root = path.resolve(__dirname, "..");

function node(...args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root }, (error, out, err) => resolve(error ? `${out}${err}` : ""));
  });
}

it("sources, tests and scripts are formatted and free of lint", async () => {
  expect(await node("node_modules/@biomejs/biome/bin/biome", "ci", "--colors=off", "--error-on-warnings")).toBe("");
});

it.each(projects())(
  "the types of %s hold under the strict compiler",
  async (folder) => {
    expect(await node(compiler(), "-p", folder, "--noEmit")).toBe("");
  },
  240_000,
);
