/** The house rules that tools check: format, lint, and the types of the tests and tools (the build checks the sources'). */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { projects } from "../scripts/projects.mjs";
import { compiler } from "../scripts/setup.mjs";

const root = path.resolve(__dirname, "..");

function node(...args: string[]): Promise<string> {
  const env = { ...process.env, GOGC: "400" }; // the compiler's collector would take a quarter of its time
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root, env }, (error, out, err) => resolve(error ? `${out}${err}` : ""));
  });
}

it("sources, tests and scripts are formatted and free of lint", async () => {
  expect(await node("node_modules/@biomejs/biome/bin/biome", "ci", "--colors=off", "--error-on-warnings")).toBe("");
});

/** Projects with the same options, by these: as one program, which reads what all use once. */
function projectsByOptions(): string[][] {
  const groups = new Map<string, string[]>();
  for (const folder of projects()) {
    const { compilerOptions } = JSON.parse(readFileSync(path.join(root, folder, "tsconfig.json"), "utf8"));
    const { rootDir, outDir, tsBuildInfoFile, ...options } = compilerOptions;
    const key = JSON.stringify(options);
    groups.set(key, [...(groups.get(key) ?? []), folder]);
  }
  return [...groups.values()];
}

it.each(projectsByOptions().map((folders) => [folders.join(", "), folders] as const))(
  "the types of %s hold under the strict compiler",
  async (_, folders) => {
    const config = path.join(root, "out", "types", `${folders.join("-").replaceAll(path.sep, "-")}.json`);
    const [sources, packages] = [path.join(root, "src"), path.join(root, "src/packages.d.ts")];
    mkdirSync(path.dirname(config), { recursive: true });
    // The build checks the sources: here their compiled declarations take their place.
    const built = { composite: true, rootDir: sources, outDir: path.join(root, "dist") };
    const reference = config.replace(/json$/, "sources.json");
    const options = path.join(root, "tsconfig.json");
    writeFileSync(reference, JSON.stringify({ extends: options, compilerOptions: built, include: [sources] }));
    const include = [...folders.map((folder) => path.join(root, folder)), packages];
    const compilerOptions = { rootDir: root, noEmit: true, incremental: false, tsBuildInfoFile: null };
    const first = path.join(root, folders[0]!, "tsconfig.json");
    const references = [{ path: reference }];
    writeFileSync(config, JSON.stringify({ extends: first, compilerOptions, include, references }));
    expect(await node(compiler(), "--singleThreaded", "-p", config)).toBe("");
  },
);
