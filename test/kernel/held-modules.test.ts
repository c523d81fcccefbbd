/** The modules that a snapshot holds are those that the compiler would find again. */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { foundModule, holdingFiles } from "../../src/kernel/compiler/held-files.js";

const folder = mkdtempSync(path.join(os.tmpdir(), "pepnet-held-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A project whose types of Node import "buffer", which is not a package there. */
function heldProject(name: string): { file: string; packages: string } {
  const packages = path.join(folder, name, "node_modules");
  const types = path.join(packages, "@types", "node");
  mkdirSync(types, { recursive: true });
  const file = path.join(types, "fs.d.ts");
  holdingFiles(() => foundModule(file, "buffer", () => ({ resolvedModule: undefined })));
  return { file, packages };
}

const again = (file: string): unknown =>
  foundModule(file, "buffer", () => ({ resolvedModule: { resolvedFileName: "found again" } as never })).resolvedModule;

it("are not looked for while no package was added", () => {
  const { file } = heldProject("same");
  expect(again(file)).toBeUndefined();
});

it.each(["buffer", path.join("@types", "buffer")])("are looked for after %s was installed", (added) => {
  const { file, packages } = heldProject(`with ${added.replace(path.sep, " ")}`);
  mkdirSync(path.join(packages, added));
  expect(again(file)).toEqual({ resolvedFileName: "found again" });
});

it("are looked for once packages appear in a folder above", () => {
  const { file } = heldProject(path.join("workspace", "packages", "one"));
  mkdirSync(path.join(folder, "workspace", "node_modules"));
  expect(again(file)).toEqual({ resolvedFileName: "found again" });
});

it("are looked for by files and imports that the snapshot does not hold", () => {
  const { file } = heldProject("other");
  expect(foundModule(file, "stream", () => ({ resolvedModule: undefined, found: 1 }))).toHaveProperty("found");
  const other = file.replace("fs", "net");
  expect(foundModule(other, "buffer", () => ({ resolvedModule: undefined, found: 1 }))).toHaveProperty("found");
});
