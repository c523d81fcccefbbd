// A plugin of typedoc for `npm run docs`: groups the names of the reference by their folder, names guides by their
// headings, and adds the types that exported ones mention.
import path from "node:path";
import { Comment, CommentTag, Context, Converter, PageEvent, ReflectionKind } from "typedoc";
import ts from "typescript";

/** Beginnings of paths in src/, the first that fits, and the group of what is there. */
const groups = [
  ["api/model/types", "Model"],
  ["api/model/model", "Model"],
  ["core/builder/optimizers", "Optimisers and learning rates"],
  ["core/builder/learning-rates", "Optimisers and learning rates"],
  ["core/builder", "Model"],
  ["core/nn", "Custom layers"],
  ["core/spec/cross-network", "Custom layers"],
  ["core/spec/layer", "Custom layers"],
  [/^(core\/(data|samples)|api\/(data|model\/recipes))\//, "Data"],
  [/^(api\/(training|run\/fit|model\/load-run)|core\/train|lab\/(days|launch))/, "Training"],
  [/^(lab\/gates|api\/(results\/(gates|counterfactual|explanation)|run\/options))/, "Gates"],
  [/^(lab\/ablation|api\/study)/, "Ablations"],
  [/^(core\/config|api\/torcheasyrec)/, "TorchEasyRec"],
  [/^(core\/serve|api\/prediction)/, "Serving"],
  [/^api\/(run|results)/, "Runs and evaluation"],
  ["core/metrics", "Metrics"],
  [/^(lab\/(views|report)|core\/port|api)\//, "Charts, tables, reports"],
  ["core/errors", "Errors"],
  ["core/engine", "Engines"],
  [/^core\/(spec|util)/, "Specs: models as data"],
];

/** The guides by the door of the landing page that leads to them, in the order in which a reader needs them. */
const guides = {
  Learn: ["concepts", "at-a-glance"],
  Do: [
    "how-to",
    "symptoms",
    "data",
    "pandas",
    "beside-python",
    "features",
    "priors",
    "first-evening",
    "large-data",
    "training",
    "days",
    "launch",
    "metrics",
    "what-a-verdict-means",
    "audit",
    "conflicts",
    "worth",
    "domains",
    "gates",
    "importance",
    "ablations",
    "benchmark",
    "report",
    "runs",
    "reproducible-notebooks",
    "serving",
  ],
  "Come from TorchEasyRec": ["torcheasyrec", "cluster"],
  中文: ["concepts.zh-CN", "first-evening.zh-CN"],
  "Look up": ["command-line", "engine", "kernels", "package", "packages", "promises", "migrating-0.2"],
};
const places = Object.entries(guides).flatMap(([door, names]) => names.map((name) => ({ door, page: `${name}.md` })));

/** The place of a guide in the navigation. Throws if it has none. */
export function guidePlace(page) {
  const place = places.findIndex((each) => each.page === page);
  if (place < 0)
    throw new Error(`docs/${page} has no place in the site's navigation: add it to scripts/typedoc-grouped.mjs`);
  return place;
}

export const categoryOrder = [
  ...Object.keys(guides),
  "Model",
  "Optimisers and learning rates",
  "Data",
  "Training",
  "Runs and evaluation",
  "Gates",
  "Ablations",
  "Charts, tables, reports",
  "TorchEasyRec",
  "Serving",
  "Custom layers",
  "Metrics",
  "Errors",
  "Engines",
  "Specs: models as data",
  "*",
];

/**
 * Types that exported ones mention and no entry exports get a module of their own: nobody imports them, and a reader
 * of a result wants to know what its parts are.
 */
function mentionedTypes(app) {
  const mentions = [];
  const { createSymbolReference } = Context.prototype;
  Context.prototype.createSymbolReference = function (symbol, context, name) {
    mentions.push({ symbol, place: context.scope });
    return createSymbolReference.call(this, symbol, context, name);
  };
  return (context) => {
    const left = new Set(app.options.getValue("intentionallyNotExported"));
    const parts = context.createDeclarationReflection(ReflectionKind.Module, undefined, undefined, "mentioned types");
    parts.comment = new Comment([{ kind: "text", text: "Types of parts, which no code has to name." }]);
    context.finalizeDeclarationReflection(parts);
    const within = context.withScope(parts);
    for (const program of context.programs) {
      within.setActiveProgram(program);
      app.converter.permitDeferredConversion();
      // The loop reaches what types that it adds mention.
      for (const { symbol, place } of mentions) {
        const isDocumented = context.getReflectionFromSymbol(symbol) !== undefined;
        const isPart = !isDocumented && !isHidden(place) && !left.has(symbol.name) && isOwnType(symbol, program);
        if (isPart) app.converter.convertSymbol(within, symbol);
      }
      app.converter.finalizeDeferredConversion();
      within.setActiveProgram(undefined);
    }
  };
}

/** Private or internal, or part of such. */
function isHidden(reflection) {
  if (reflection === undefined) return false;
  const { flags, name, comment, parent } = reflection;
  return flags.isPrivate || name.startsWith("#") || comment?.hasModifier("@internal") || isHidden(parent);
}

/** A type that a file of the sources exports. */
function isOwnType({ flags, declarations }, program) {
  const declaration = declarations?.[0];
  const file = declaration?.getSourceFile();
  const isType = flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias | ts.SymbolFlags.Class);
  const isOwn = program.getSourceFiles().includes(file) && file.fileName.includes("/src/");
  return isType && isOwn && ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Export;
}

export function grouped(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, mentionedTypes(app), 1000); // before what is internal is removed
  app.renderer.on(PageEvent.END, (page) => {
    const up = "../".repeat(page.url.split("/").length - 1);
    page.contents = page.contents?.replaceAll('href="door:', `href="${up}`);
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    const pages = context.project.documents ?? [];
    const titles = new Map(pages.map((page) => [fileOf(context, page), headingOf(page) ?? page.name]));
    for (const page of pages) {
      const file = fileOf(context, page);
      page.name = titles.get(file);
      putIn(page, places[guidePlace(file)].door);
      nameLinks(page.content, titles);
    }
    for (const module of context.project.children ?? []) {
      putIn(module, "Look up");
      for (const reflection of module.children ?? []) putInGroup(reflection);
    }
  });
}

/** The text of a page's first heading. */
function headingOf(page) {
  const text = page.content.map((part) => part.text).join("");
  return /^# (.+)$/m.exec(text)?.[1];
}

/** `data.md` */
function fileOf(context, page) {
  return path.basename(context.project.files.getReflectionPath?.(page) ?? `${page.name}.md`);
}

/** Links that show a file's name, for readers of the folder, show the page's title on the site. */
function nameLinks(content, titles) {
  for (const part of content) {
    if (part.kind !== "text") continue;
    part.text = part.text.replace(/\[([\w.-]+\.md)\](?=\($)/, (link, file) =>
      titles.has(file) ? `[${titles.get(file)}]` : link,
    );
  }
}

function putIn(reflection, category) {
  reflection.comment ??= new Comment();
  reflection.comment.blockTags.push(new CommentTag("@category", [{ kind: "text", text: category }]));
}

function putInGroup(reflection) {
  const source = (reflection.sources ?? reflection.signatures?.[0]?.sources)?.[0]?.fullFileName;
  const file = source === undefined ? null : (/[\\/]src[\\/](.+)$/.exec(source)?.[1] ?? "").replaceAll("\\", "/");
  const group = file === null ? undefined : groups.find(([start]) => fits(file, start))?.[1];
  if (group === undefined) return;
  for (const target of reflection.kindOf(ReflectionKind.FunctionOrMethod) ? reflection.signatures : [reflection]) {
    putIn(target, group);
  }
}

const fits = (file, start) => (typeof start === "string" ? file.startsWith(start) : start.test(file));
