/** The reference that `npm run docs` writes: without a warning, complete, its links alive, its examples compiling. */
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { inflateSync } from "node:zlib";
import { Application, LogLevel, type ProjectReflection, ReflectionKind } from "typedoc";
import { afterAll, beforeAll, expect, it } from "vitest";
import { guideSections } from "../../scripts/docs-sections.mjs";
import { type Example, faultsOf } from "./typescript-blocks.js";

const root = path.resolve(__dirname, "../..");
let folder: string;
let app: Application;
let project: ProjectReflection;
const said: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "pepnet-docs-"));
  const config = { options: path.join(root, "typedoc.config.mjs"), logLevel: LogLevel.Warn, skipErrorChecking: true };
  app = await Application.bootstrapWithPlugins(config);
  app.logger.log = (message: string, level: LogLevel) => {
    if (level >= LogLevel.Warn) said.push(message);
  };
  const entries = app.getEntryPoints(); // once: each time, their program is made and checked again
  app.getEntryPoints = () => entries;
  project = (await app.convert()) as ProjectReflection;
  app.validate(project);
  await app.generateDocs(project, folder);
});
afterAll(() => rm(folder, { recursive: true }));

it("is made without a warning", () => {
  expect(said).toEqual([]);
});

it("has every section of the guides that its search offers", () => {
  expect(guideSections(folder).length).toBeGreaterThan(200);
});

it("has every name that pepnet and its parts export", () => {
  const entries = app.getEntryPoints() ?? [];
  expect(entries).toHaveLength(5);
  for (const entry of entries) {
    const checker = entry?.program.getTypeChecker();
    const symbol = checker?.getSymbolAtLocation(entry?.sourceFile as never);
    const exported = checker?.getExportsOfModule(symbol as never).map(({ name }) => name) ?? [];
    expect(exported.length).toBeGreaterThan(3);
    const module = project.children?.find(({ name }) => name === moduleName(entry.displayName));
    const documented = module?.children?.map(({ name }) => name) ?? [];
    // TF.js has a reference of its own.
    expect(exported.filter((name) => name !== "tf" && !documented.includes(name))).toEqual([]);
  }
});

/** `pepnet/metrics` of the entry `core/metrics/public`. */
function moduleName(entry: string): string {
  return entry === "index" ? "pepnet" : `pepnet/${entry.replace("/public", "").split("/").at(-1)}`;
}

it("has no link that leads nowhere", () => {
  const pages = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".html"));
  const text = new Map(pages.map((name) => [path.join(folder, name), readFileSync(path.join(folder, name), "utf8")]));
  const files = new Set(readdirSync(folder, { recursive: true, encoding: "utf8" }).map((n) => path.join(folder, n)));
  const ids = new Map([...text].map(([file, html]) => [file, new Set(matches(html, /\sid="([^"]+)"/g))]));
  const broken: string[] = [];
  for (const [file, html] of text) {
    for (const link of matches(html.replace(/<script[\s\S]*?<\/script>/g, ""), /\s(?:href|src)="([^"]+)"/g)) {
      if (/^(https?:|data:)/.test(link)) continue;
      const [page, anchor] = link.replaceAll("&amp;", "&").split("#") as [string, string?];
      const target =
        page === "" ? file : path.resolve(path.dirname(file), decodeURIComponent(page).replace(/\?.*/, ""));
      const alive =
        files.has(target) && (!anchor || !ids.has(target) || ids.get(target)?.has(decodeURIComponent(anchor)));
      if (!alive) broken.push(`${path.relative(folder, file)}: ${link}`);
    }
  }
  expect(broken).toEqual([]);
});

it("has examples that compile", () => {
  const examples: Example[] = Object.values(project.reflections).flatMap((reflection) =>
    (reflection.comment?.blockTags ?? [])
      .filter(({ tag }) => tag === "@example")
      .map(({ content }) => ({
        place: `${ReflectionKind.singularString(reflection.kind)} ${reflection.getFullName()}`,
        code: content.map(({ text }) => text.replace(/^```\w*$|^<caption>.*/gm, "")).join(""),
      })),
  );
  expect(examples.length).toBeGreaterThan(30);
  expect(faultsOf(examples)).toEqual([]);
});

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] as string);
}

it("has a search that finds guides by their text, and every guide in the navigation under a door", () => {
  const inflated = (name: string, variable: string): unknown => {
    const text = readFileSync(path.join(folder, "assets", name), "utf8");
    const data = new RegExp(`window\\.${variable} = "([^"]+)"`).exec(text)![1]!;
    return JSON.parse(inflateSync(Buffer.from(data, "base64")).toString());
  };
  const { rows, index } = inflated("search.js", "searchData") as {
    rows: { name: string }[];
    index: { invertedIndex: [term: string, places: Record<string, unknown>][] };
  };
  const entries = index.invertedIndex.filter(([term]) => term.startsWith("jupyt"));
  const refs = entries.flatMap(([, { _index, ...fields }]) =>
    Object.values(fields).flatMap((places) => Object.keys(places as object)),
  );
  const guidesFound = refs.map((ref) => rows[Number(ref)]!.name);
  expect(guidesFound).toContain("The command line");
  const navigation = inflated("navigation.js", "navigationData") as { text: string; children: { text: string }[] }[];
  expect(navigation.map(({ text }) => text)).toEqual(["Learn", "Do", "Come from TorchEasyRec", "中文", "Look up"]);
  const guides = readdirSync(path.join(root, "docs")).filter((name) => name.endsWith(".md") && name !== "README.md");
  expect(navigation.flatMap(({ children }) => children)).toHaveLength(guides.length + 6); // the package, its four parts and the types that these mention
});

it("names a link to a guide by the guide's title, not by its file", () => {
  const pages = readdirSync(path.join(folder, "documents")).map((name) => path.join(folder, "documents", name));
  const links = pages.flatMap((name) => matches(readFileSync(name, "utf8"), />([\w.-]+\.md)<\/a>/g));
  expect(links).toEqual([]);
});

it("has a landing page with three doors", () => {
  const html = readFileSync(path.join(folder, "index.html"), "utf8");
  expect(matches(html, /<div class="door">[\s\S]*?<h2 id="([\w-]+)"/g)).toEqual(["learn", "do", "look-up"]);
});
