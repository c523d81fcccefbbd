/** What an installation brings: docs/packages.md lists it, under licences that allow it, and nothing must run. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { behind, packagesPage, productionPackages, reasons } from "../../scripts/packages.mjs";

const root = path.resolve(__dirname, "../..");
const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
const all: readonly { name: string; license: string; script: boolean }[] = productionPackages();

/** Sizes differ between platforms. */
const withoutSizes = (page: string): string => page.replace(/^(\| [^|]+ \| [^|]+ \| [^|]+ \|) [\d.]+ \|/gm, "$1 |");

test("docs/packages.md is what `npm run packages` writes", () => {
  const page = readFileSync(path.join(root, "docs/packages.md"), "utf8");
  expect(withoutSizes(page)).toBe(withoutSizes(packagesPage(() => "0.0")));
});

test("each dependency has a reason", () => {
  const names = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
  expect(Object.keys(reasons).sort()).toEqual(names.sort());
});

test("packages that are behind the newest version have a reason, and others none", () => {
  for (const [name, [newest]] of Object.entries(behind.packages)) {
    const { version } = productionPackages().find(
      (each) => each.name === name && each.place === `node_modules/${name}`,
    )!;
    const parts = (text: string): number[] => text.split(".").map(Number);
    const at = parts(version).findIndex((part, index) => part !== parts(newest!)[index]);
    const fix = `${name} ${version} is not behind ${newest}: remove its reason`;
    expect(parts(version)[at], fix).toBeLessThan(parts(newest!)[at]!);
  }
});

test("licences allow use in closed and open programs: no GPL", () => {
  const allowed =
    /^\(?(MIT|MIT-0|ISC|Apache-2\.0|BSD-[23]-Clause|MPL-2\.0|Python-2\.0|CC0-1\.0)( (AND|OR) [\w.-]+)*\)?$/;
  const font = "SEE LICENSE IN README.md AND LICENSE"; // Bitstream Vera's
  expect(all.filter(({ license }) => !allowed.test(license) && license !== font)).toEqual([]);
  expect(all.filter(({ license }) => /GPL/.test(license))).toEqual([]);
});

test("only these have install scripts, and nothing needs them", () => {
  expect(all.filter(({ script }) => script).map(({ name }) => name)).toEqual(["onnxruntime-node", "zeromq"]);
  expect(readFileSync(path.join(root, ".npmrc"), "utf8")).toContain("ignore-scripts=true");
});
