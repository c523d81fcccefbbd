/** The package as a user installs it: from the registry alone, into CommonJS, modules and TypeScript. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { publint } from "publint";
import type * as TypeScript from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cell as makeCell, notebook as makeNotebook } from "../kernel/notebook/notebook-files.js";
import { cellProgram, commonjsProgram, moduleNames, moduleProgram, typedLayer, typedProgram } from "./programs.js";
import { installedProject, node, npm, type Project, root, succeeds, type typescripts } from "./project.js";

let project: Project;
beforeAll(async () => {
  project = await installedProject();
});
afterAll(() => project?.remove());

const modules = (...names: string[]): string => path.join(project.folder, "node_modules", ...names);

/** `npx pepnet …` in a folder of the project. */
const pepnetIn = (folder: string, ...args: string[]) => node(folder, modules(".bin", "pepnet"), ...args);

/** Writes a file and gives its name. */
function file(folder: string, name: string, content: string): string {
  writeFileSync(path.join(folder, name), content);
  return name;
}

describe("installed with install scripts on", () => {
  test("it is whole, and nothing came from outside the registry", async () => {
    await succeeds(npm(project.folder, "ls", "--all"));
    const binaries = modules("onnxruntime-node", "bin", "napi-v6", process.platform, process.arch);
    expect(existsSync(binaries)).toBe(true);
    expect(existsSync(path.join(binaries, "libonnxruntime_providers_cuda.so"))).toBe(false);
    expect(existsSync(modules("@tensorflow", "tfjs-node"))).toBe(false);
    const platforms = ["aix", "android", "darwin", "freebsd", "linux", "win32"];
    for (const place of [modules("onnxruntime-node", "bin", "napi-v6"), modules("zeromq", "build")]) {
      const present = platforms.flatMap((platform) => {
        const folder = path.join(place, platform);
        return existsSync(folder) ? readdirSync(folder).map((arch) => [platform, arch]) : [];
      });
      expect(present).toEqual([[process.platform, process.arch]]);
    }
  });

  test("publint and are-the-types-wrong find nothing", async () => {
    const { messages } = await publint({ pkgDir: modules("pepnet"), level: "suggestion", pack: false });
    expect(messages).toEqual([]);
    const attw = path.join(root, "node_modules/@arethetypeswrong/cli/dist/index.js");
    await succeeds(node(root, attw, project.tarball));
  });
});

describe.each(["commonjs", "module"] as const)("in a project of kind %s", (kind) => {
  test("a model is trained on the compiled engine, exported and served", async () => {
    const name = kind === "module" ? "train.js" : "train.cjs";
    file(project[kind], name, kind === "module" ? moduleProgram : commonjsProgram);
    const { out } = await succeeds(node(project[kind], name));
    expect(JSON.parse(out)).toEqual({ run: 200, served: 200 });
  });

  test("a notebook runs", async () => {
    const name = file(project[kind], "cells.ipynb", JSON.stringify(makeNotebook(makeCell(cellProgram))));
    await succeeds(pepnetIn(project[kind], "notebook", "run", name));
    const { cells } = JSON.parse(readFileSync(path.join(project[kind], name), "utf8"));
    expect(cells[0].outputs.at(-1)).toMatchObject({ data: { "text/plain": ["2"] } });
  });
});

test("a module imports every value by its name", async () => {
  const { out } = await succeeds(node(project.module, file(project.module, "names.js", moduleNames)));
  expect(JSON.parse(out)).toEqual({ missing: [], whole: true, nn: ["function", "function"], sum: [2, 3] });
});

test("the command prints a config and installs the kernel", async () => {
  const config = path.join(root, "configs/pepnet_taobao.config");
  const { out } = await succeeds(pepnetIn(project.commonjs, "config", "print", config));
  expect(out).toContain("pepnet {");
  await succeeds(pepnetIn(project.commonjs, "kernel", "install", "--data-dir", "data"));
  const spec = JSON.parse(readFileSync(path.join(project.commonjs, "data/kernels/pepnet/kernel.json"), "utf8"));
  expect(spec.argv.some((word: string) => word.startsWith(modules("pepnet", "dist")))).toBe(true);
});

test("the links of its guides lead to files that it includes", () => {
  const folder = modules("pepnet");
  const guides = [
    "README.md",
    ...readdirSync(path.join(folder, "docs")).flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : [])),
  ];
  const broken = guides.flatMap((guide) => {
    const links = [...readFileSync(path.join(folder, guide), "utf8").matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)];
    return links.flatMap(([, link]) => {
      const target = path.resolve(folder, path.dirname(guide), link!);
      return existsSync(target) ? [] : [`${guide}: ${link}`];
    });
  });
  expect(broken).toEqual([]);
});

test("where onnxruntime-node was left out, models train on wasm, and serving says how to install it", async () => {
  const folder = modules("onnxruntime-node");
  renameSync(folder, `${folder}-aside`);
  try {
    const { code, err } = await node(project.commonjs, file(project.commonjs, "without.cjs", commonjsProgram));
    expect(code).not.toBe(0); // TF.js's wasm backend makes it 7
    expect(err).toContain('the slower engine "wasm" is used');
    expect(err).toMatch(
      /onnxruntime-node, which runs compiled and exported models, is not installed[\s\S]*npm install --ignore-scripts onnxruntime-node@\d/,
    );
  } finally {
    renameSync(`${folder}-aside`, folder);
  }
});

test("tfjs-node, which is not installed along, is asked for by its version", async () => {
  const program = commonjsProgram.replace("steps: 4", 'steps: 4, engine: "tfjs-node"');
  const { err } = await node(project.commonjs, file(project.commonjs, "tfjs-node.cjs", program));
  expect(err).toMatch(/tfjs-node is not installed[\s\S]*npm install @tensorflow\/tfjs-node@4\.22\.0/);
});

/** Kinds of project: folder, `module`, `moduleResolution`, and which packages of types they name. */
const oldest = ["commonjs", "commonjs", "node10", []] as const;
const node16 = ["module", "node16", "node16", ["node"]] as const;
const bundler = ["module", "esnext", "bundler", []] as const;
const others = [
  ["commonjs", "node16", "node16", []],
  ["module", "nodenext", "nodenext", ["node"]],
] as const;

const versions = [
  ["5.0", [oldest, node16, bundler]],
  ["5.4", [oldest, node16, bundler]],
  ["5.9", [node16, bundler]],
  ["6", [oldest, node16, bundler, ...others]],
] as const;

/** In CI, the oldest and the newest. */
test.each(process.env["PEPNET_LONG"] ? versions : [versions[0], versions[3]])(
  "TypeScript %s: declarations are valid and exact under every resolution, with the types of Node and without",
  (version, kinds) => {
    for (const [kind, module, moduleResolution, types] of kinds) {
      expect(diagnostics(version, kind, { module, moduleResolution, types })).toEqual([]);
    }
  },
);

test("a program that misuses the declarations is found", () => {
  const [kind, module, moduleResolution, types] = bundler;
  const wrong = 'import { adam } from "pepnet";\nadam("fast");\n';
  expect(diagnostics("6", kind, { module, moduleResolution, types }, wrong)).toEqual([
    expect.stringMatching(/program\.ts[\s\S]*'"?string"?' is not assignable|"fast"/),
  ]);
});

// The last: it adds packages to the project.
test("danfojs-node, with the override of docs/package.md, installs from the registry alone and its frames open", async () => {
  const guide = readFileSync(path.join(root, "docs/package.md"), "utf8");
  const { overrides } = JSON.parse(/```json\n([\s\S]*?)```/.exec(guide)![1]!);
  const { folder } = project;
  const before = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  file(folder, "package.json", JSON.stringify({ ...before, overrides }));
  await succeeds(npm(folder, "install", "--no-audit", "--no-fund", "danfojs-node"));
  await succeeds(npm(folder, "ls", "--all"));
  const program = `
const { dataset } = require("pepnet");
const { DataFrame } = require("danfojs-node");
dataset(new DataFrame({ a: [1, 2, 3] })).then(async (data) => console.log((await data.toDanfo(DataFrame)).shape));`;
  const { out } = await succeeds(node(folder, file(folder, "frame.cjs", program)));
  expect(out).toContain("[ 3, 1 ]");
});

type Version = keyof typeof typescripts | keyof typeof ours;

/** Compilers that this repository has. */
const ours = { "5.0": "typescript-oldest", "6": "typescript" } as const;

interface Compiler {
  readonly version: Version;
  readonly ts: typeof TypeScript;
  /** By the file's name and how it was to be parsed. */
  readonly parsed: Map<string, TypeScript.SourceFile | undefined>;
}

/** The compiler that was used last: each keeps hundreds of megabytes. */
let compiler: Compiler | undefined;

function compilerOf(version: Version): Compiler {
  const folder =
    version in ours
      ? path.join(root, "node_modules", ours[version as keyof typeof ours])
      : modules(`typescript-${version}`);
  if (compiler?.version !== version) compiler = { version, ts: require(folder), parsed: new Map() };
  return compiler;
}

/**
 * What the compiler says of the programs and of every declaration that they reach, except TypeScript's own libraries.
 * Kinds of project share what their compiler parses alike, as the projects of an editor do.
 */
function diagnostics(
  version: Version,
  kind: "commonjs" | "module",
  resolution: { module: string; moduleResolution: string; types: readonly string[] },
  text: string = typedProgram,
): string[] {
  const folder = path.join(project[kind], `typescript-${version}-${Object.values(resolution).flat().join("-")}`);
  mkdirSync(folder, { recursive: true });
  file(folder, "program.ts", text);
  // TF.js's WebGPU types contradict the `dom` library of TypeScript 6: a layer needs `skipLibCheck` there.
  if (version !== "6") file(folder, "layer.ts", typedLayer);
  const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true };
  const deprecated = version === "6" ? { ignoreDeprecations: "6.0" } : {};
  const json = { noEmit: true, target: "es2022", skipLibCheck: false, ...strict, ...deprecated, ...resolution };
  const { ts, parsed } = compilerOf(version);
  const { options, fileNames, errors } = ts.parseJsonConfigFileContent(
    { compilerOptions: json, include: ["*.ts"] },
    ts.sys,
    folder,
    undefined,
    path.join(folder, "tsconfig.json"), // packages of types are looked for from here
  );
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) => {
    if (!name.endsWith(".d.ts")) return read(name, ...rest);
    const key = `${name} ${JSON.stringify(rest[0])}`;
    if (!parsed.has(key)) parsed.set(key, read(name, ...rest));
    return parsed.get(key);
  };
  const program = ts.createProgram(fileNames, options, host);
  const sources = program.getSourceFiles().filter((source) => !program.isSourceFileDefaultLibrary(source));
  const found = [
    ...errors,
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...sources.flatMap((source) => [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ]),
  ];
  return found.map((each) => ts.formatDiagnostic(each, host));
}
