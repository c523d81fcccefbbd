/** Links of the Markdown pages and of the notebooks' text lead somewhere. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { checkLinks, pages } from "../../scripts/markdown.mjs";

const files = pages();

const root = path.resolve(__dirname, "../..");

describe("commands", () => {
  const { scripts } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const manual = readFileSync(path.join(root, "CONTRIBUTING.md"), "utf8");

  it("of every page name npm scripts that are there", () => {
    for (const { path: page, value } of files.filter((file) => file.path !== "CHANGELOG.md")) {
      const code = [...value.matchAll(/```[\s\S]*?```|`[^`]+`/g)].join("\n");
      for (const [, script] of code.matchAll(/npm run ([\w:-]+)/g)) expect(scripts, page).toHaveProperty([script!]);
    }
  });

  it("of CONTRIBUTING.md name tests and folders that are there", () => {
    const named = [...manual.matchAll(/ -- (test\/[\w/.-]+)|vitest run (test\/[\w/.-]+)/g)].map(([, a, b]) => a ?? b!);
    expect(named.length).toBeGreaterThan(3);
    for (const file of named) expect(existsSync(path.join(root, file)), file).toBe(true);
  });

  it("that people expect are in CONTRIBUTING.md", () => {
    for (const name of ["format", "lint", "typecheck", "build", "watch", "goldens"]) {
      expect(scripts).toHaveProperty([name]);
      expect(manual).toContain(`npm run ${name}`);
    }
  });
});

describe("links", () => {
  it("name files and headings that are there", async () => {
    expect(files.map((file) => file.path)).toEqual(
      expect.arrayContaining(["README.md", "docs/gates.md", "bench/README.md", "notebooks/quickstart.ipynb"]),
    );
    expect((await checkLinks(files)).broken).toEqual([]);
  });

  it("to the web are https", async () => {
    const { external } = await checkLinks(files);
    expect(external.length).toBeGreaterThan(0);
    expect(external.filter(({ url }) => !URL.canParse(url) || new URL(url).protocol !== "https:")).toEqual([]);
  });

  it("that lead nowhere are found: a file, a heading here, a heading elsewhere, in a notebook too", async () => {
    const value = "# Here\n\n[a](nowhere.md) [b](#there) [c](gates.md#no-such-heading) [d](gates.md) [e](#here)\n";
    const { broken } = await checkLinks([
      ...files,
      { path: "docs/made-up.md", value },
      { path: "notebooks/made-up.ipynb", value: "[f](../xyz/qqq.md)" },
    ]);
    expect(broken.sort()).toEqual([
      "docs/made-up.md:3: Cannot find file `nowhere.md`",
      "docs/made-up.md:3: Cannot find heading for `#no-such-heading` in `gates.md`",
      "docs/made-up.md:3: Cannot find heading for `#there`; did you mean `here`",
      "notebooks/made-up.ipynb:1: Cannot find file `../xyz/qqq.md`",
    ]);
  });
});
