// A plugin of typedoc for `npm run docs`: groups the names of the reference by their folder, and names guides by their
// headings.
import { Comment, CommentTag, Converter, ReflectionKind } from "typedoc";

/** Beginnings of paths in src/, the first that fits, and the group of what is there. */
const groups = [
  ["api/model/types", "Model"],
  ["api/model/model", "Model"],
  ["builder/optimizers", "Optimisers and learning rates"],
  ["builder/learning-rates", "Optimisers and learning rates"],
  ["builder", "Model"],
  ["nn", "Custom layers"],
  ["spec/layer", "Custom layers"],
  [/^(data|samples|api\/(data|model\/recipes))\//, "Data"],
  [/^(api\/(training|run\/fit|model\/load-run)|train)/, "Training"],
  [/^(gates|api\/(results\/(gates|counterfactual|explanation|field-ranking)|run\/options))/, "Gates"],
  [/^(ablation|api\/study)/, "Ablations"],
  [/^(config|api\/torcheasyrec)/, "TorchEasyRec"],
  [/^(serve|api\/prediction)/, "Serving"],
  [/^api\/(run|results)/, "Runs and evaluation"],
  ["metrics", "Metrics"],
  [/^(charts|report|port\/|api\/)/, "Charts, tables, reports"],
  ["errors", "Errors"],
  ["engine", "Engines"],
  [/^(spec|util)/, "Specs: models as data"],
];

export const categoryOrder = [
  ...["Model", "Optimisers and learning rates", "Data", "Training", "Runs and evaluation", "Gates", "Ablations"],
  ...["Charts, tables, reports", "TorchEasyRec", "Serving", "Custom layers", "Metrics", "Errors", "Engines"],
  ...["Specs: models as data", "*"],
];

export function grouped(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    for (const page of context.project.documents ?? []) page.name = headingOf(page) ?? page.name;
    for (const module of context.project.children ?? []) {
      for (const reflection of module.children ?? []) putInGroup(reflection);
    }
  });
}

/** The text of a page's first heading. */
function headingOf(page) {
  const text = page.content.map((part) => part.text).join("");
  return /^# (.+)$/m.exec(text)?.[1];
}

function putInGroup(reflection) {
  const source = (reflection.sources ?? reflection.signatures?.[0]?.sources)?.[0]?.fullFileName;
  const file = source === undefined ? null : (/[\\/]src[\\/](.+)$/.exec(source)?.[1] ?? "").replaceAll("\\", "/");
  const group = file === null ? undefined : groups.find(([start]) => fits(file, start))?.[1];
  if (group === undefined) return;
  for (const target of reflection.kindOf(ReflectionKind.FunctionOrMethod) ? reflection.signatures : [reflection]) {
    target.comment ??= new Comment();
    target.comment.blockTags.push(new CommentTag("@category", [{ kind: "text", text: group }]));
  }
}

const fits = (file, start) => (typeof start === "string" ? file.startsWith(start) : start.test(file));
