/** Cells that share the program of a snapshot, whose files are without contents, are compiled as cells without one. */

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/util/files/package-root.js";

const folder = mkdtempSync(path.join(os.tmpdir(), "pepnet-deferred-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Compiled {
  readonly output?: string;
  readonly declarations?: string;
  readonly problems: readonly unknown[];
  readonly info?: string;
  /** Programs that the compiler had created for the cells so far. */
  readonly programs: number;
}

/** Converts cells one after another in a process of its own, from files that were held before in another folder. */
function convert(cells: readonly string[], { isHeld = true, change = "" } = {}): Compiled[] {
  const [first, second] = ["first", "second"].map((name) => path.join(folder, name));
  for (const each of [first!, second!]) mkdirSync(each, { recursive: true });
  const program = `
    const compiler = ${JSON.stringify(path.join(packageRoot, "dist", "kernel", "compiler"))};
    const typescript = require(${JSON.stringify(require.resolve("typescript"))});
    typescript.sys.getCurrentDirectory = () => process.cwd();
    const { createAbstractBuilder } = typescript;
    let programs = 0;
    const counted = { ...typescript, createAbstractBuilder: (...rest) => (programs++, createAbstractBuilder(...rest)) };
    require.cache[require.resolve(${JSON.stringify(require.resolve("typescript"))})].exports = counted;
    const { holdingFiles } = require(compiler + "/held-files.js");
    const { createCompiler } = require(compiler + "/typescript.js");
    const { quickInfoText } = require(compiler + "/quick-info.js");
    if (${isHeld}) holdingFiles(() => { const held = createCompiler(); held.convert("", "[1].map(String)"); held.close(); });
    process.chdir(${JSON.stringify(second)});
    ${change}
    programs = 0;
    const { convert, inspect } = createCompiler();
    let declarations = "";
    const all = ${JSON.stringify(cells)}.map((cell) => {
      const at = cell.lastIndexOf("/*?*/");
      const info = at < 0 ? undefined : quickInfoText(inspect(declarations, cell, at - 1));
      const { output, declOutput, diagnostics } = convert(declarations, cell);
      if (diagnostics.length === 0) declarations = declOutput;
      const problems = diagnostics.map(({ code, messageText, start, end }) => [code, messageText, start, end]);
      return { output, declarations: declOutput, problems, info, programs };
    });
    process.stdout.write(JSON.stringify(all), () => process.exit());`;
  return JSON.parse(execFileSync(process.execPath, ["-e", program], { cwd: first, encoding: "utf8" }));
}

const cells = [
  "const doubles = [1, 2].map((each) => 2 * each);\ndoubles",
  'import fs from "node:fs";\nconst bytes = fs.readFileSync("a");',
  "fs.readFileSync/*?*/",
  "fs.readFil('a')",
  'import { createServer, type Server } from "http";\nconst server: Server = createServer((request) => request.url);',
  'import { createServer as plain } from "node:net";\nconst socket = plain();',
  'import { readFile } from "fs/promises";\nconst text = await readFile("a", "utf8");',
  "const id = crypto.randomUUID();\nconst keys = crypto.subtle.generateKey;",
  "crypto/*?*/",
  "const answer = await fetch('x');\nconst body = await answer.json();",
  "const agent = (new Request('x')).headers.get('a');",
  'import { EventEmitter, once } from "node:events";\nclass Bus extends EventEmitter {}\nconst bus = new Bus();',
  'import { pipeline, Readable } from "node:stream";\nconst flow = Readable.from([1]);\nflow.pip(1);',
  "const timer = setTimeout(() => {}, 1);\ntimer.unref/*?*/",
  "const where = new URL('a:b').pathname + process.env.HOME + Buffer.from('a').length;",
  "type Options = import('node:child_process').SpawnOptions;\nconst options: Options = { cwd: 1 };",
  'import { styleText } from "node:util";\nconst red = styleText("red", "a");',
  'import { nothing } from "node:zlib";',
  'import * as workers from "node:worker_threads";\nconst { port1 } = new workers.MessageChannel();',
];

describe("cells that share a snapshot's program", () => {
  const held = convert(cells);
  it("have the code, declarations, problems and information of others", () => {
    const plain = (all: readonly Compiled[]) => all.map(({ programs: _, ...rest }) => rest);
    expect(plain(held)).toEqual(plain(convert(cells, { isHeld: false })));
    expect(held[2]!.info).toContain("Returns the contents of the `path`");
    expect(held[3]!.problems).toHaveLength(1);
  });

  it("make no program of their own, in any folder, also if they import Node's modules", () => {
    expect(held.map(({ programs }) => programs)).toEqual(cells.map(() => 0));
  });

  it("make one if a file has changed since, or a package was installed", () => {
    const older = `const fs = require("fs"); const { statSync } = fs;
      fs.statSync = (file, ...rest) => {
        const stats = statSync(file, ...rest);
        return String(file).endsWith("NAME") && stats ? Object.assign(stats, { mtimeMs: 1 }) : stats;
      };`;
    for (const name of ["lib.es2015.core.d.ts", "node_modules"])
      expect(convert(["1 + 1"], { change: older.replace("NAME", name) })[0]!.programs).toBe(1);
  });
});
