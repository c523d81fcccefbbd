// The site of `npm run docs`: guides (docs/) and the reference of what `pepnet` and `pepnet/nn` export.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { OptionDefaults } from "typedoc";
import { categoryOrder, grouped, guidePlace } from "./scripts/typedoc-grouped.mjs";

/** The guides in the order of the navigation; a page without a place there fails the build. */
const pages = readdirSync(new URL("docs", import.meta.url))
  .filter((name) => name.endsWith(".md") && name !== "README.md")
  .sort((a, b) => guidePlace(a) - guidePlace(b));

/** Members of `LossSpec` and `MetricSpec`, which show their content. */
const registered = ["losses", "metrics"].flatMap((registry) => {
  const text = readFileSync(new URL(`src/core/spec/${registry}.ts`, import.meta.url), "utf8");
  return [...text.matchAll(/^export (?:interface|type) (\w+Spec)\b(?: =)? \{/gm)].map(([, name]) => name);
});

/** In the header of every page; the plugin makes these addresses relative to the page. */
const links = {
  Learn: "door:documents/PEPNet_in_pictures.html",
  Do: "door:documents/How_to.html",
  "Look up": "door:modules/pepnet.html",
};

/** Links to sources need a remote; without one, typedoc would warn. */
const hasRemote = spawnSync("git", ["remote", "get-url", "origin"], { cwd: new URL(".", import.meta.url) }).status === 0;

/** @type {Partial<import("typedoc").TypeDocOptions>} */
export default {
  name: "pepnet",
  entryPoints: ["src/index.ts", "src/core/metrics/public.ts", "src/core/nn/public.ts", "src/types.ts", "src/lab/widgets/public.ts"],
  tsconfig: "tsconfig.json",
  out: "out/docs",
  customCss: "scripts/typedoc.css",
  readme: "scripts/landing.md",
  searchInDocuments: true,
  searchCategoryBoosts: { Learn: 3, Do: 3, "Come from TorchEasyRec": 3, "Look up": 3 },
  navigationLinks: links,
  projectDocuments: pages.map((page) => `docs/${page}`),
  plugin: [grouped],
  categoryOrder,
  categorizeByGroup: false,
  navigation: { includeCategories: true, includeGroups: false },
  headings: { readme: false, document: false },
  excludeExternals: true,
  excludeInternal: true,
  excludePrivate: true,
  disableSources: !hasRemote,
  githubPages: false,
  highlightLanguages: [...OptionDefaults.highlightLanguages, "protobuf", "python"],
  includeVersion: true,
  sort: ["kind", "source-order"],
  kindSortOrder: ["Document", "Module", "Namespace", "Variable", "Function", "Class", "Interface", "TypeAlias"],
  validation: { notExported: true, invalidLink: true, invalidPath: true, notDocumented: true, rewrittenLink: true },
  treatWarningsAsErrors: true,
  // A field whose name and type say everything needs no words.
  requiredToBeDocumented: ["Enum", "Variable", "Function", "Class", "Interface", "Method", "TypeAlias"],
  // Types of rows and of names are computed by small steps, which editors resolve.
  intentionallyNotExported: [
    ...registered,
    "UntypedSource",
    "Flat",
    "Without",
    "JoinedName",
    "RowOfObjects",
    "RowOfColumns",
    "RowOfTypes",
    "RowOfDerived",
    "RowOfJoin",
    "RowOfGroups",
    "RowOfTimes",
    "RowOfCounts",
    "RowOfMeans",
    "RowOfPivot",
    "GroupName",
    "GroupCells",
    "TimeCell",
    "RowWith",
    "End",
    "RowFunction",
    "RowOfPriors",
    "KeyName",
    "Names",
    "AnyName",
    "Fixed",
    "ListedName",
    "VariantName",
    "SettingPath",
    "VariantOfColumns",
    "ChangeName",
    "UserName",
    "OptionalRows",
  ],
};
