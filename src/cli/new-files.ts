import type { SuggestedModel } from "../api/index.js";
import { kernelDisplayName, notebookKernelspec } from "../kernel/index.js";
import { markdownCode, shellWord, stringLiteral } from "../util/text/code-text.js";

export interface ProjectFacts {
  readonly name: string;
  readonly pepnet: string;
  /** The data's path, relative to the project, with `/`. */
  readonly data: string;
  readonly labels: readonly string[];
  readonly domain: string | undefined;
  readonly user: string | undefined;
  readonly suggestion: SuggestedModel;
  /** The model as a TorchEasyRec config; `null` if it has none. */
  readonly config: string | null;
}

export function projectFiles(facts: ProjectFacts): ReadonlyMap<string, string> {
  const files = new Map([
    ["package.json", json(manifest(facts))],
    ["tsconfig.json", json(typescriptSettings)],
    [".gitignore", "node_modules\n.venv\n.ipynb_checkpoints\nruns\nout\n"],
    ["README.md", readme(facts)],
    ["first.ipynb", json(notebook(facts))],
    ["train.ts", script(facts)],
  ]);
  if (facts.config !== null) files.set("configs/model.config", facts.config);
  return files;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function manifest({ name, pepnet, data, config }: ProjectFacts): object {
  const check = { check: `pepnet data check ${scriptWord(data)} --config configs/model.config` };
  return {
    name:
      name
        .toLowerCase()
        .replace(/[^a-z0-9._-]+/g, "-")
        .replace(/^[._-]+/, "") || "project",
    private: true,
    type: "module",
    scripts: {
      start: "pepnet notebook run first.ipynb --html out/first.html",
      ...(config === null ? {} : check),
      doctor: "pepnet doctor",
    },
    dependencies: { pepnet },
  };
}

function scriptWord(word: string): string {
  return shellWord(word) === word ? word : `"${word.replace(/["\\$`]/g, "\\$&")}"`;
}

const typescriptSettings = {
  compilerOptions: {
    target: "es2022",
    module: "esnext",
    moduleResolution: "bundler",
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    types: ["node"],
  },
  include: ["*.ts"],
};

function readme({ name, data, config }: ProjectFacts): string {
  const check =
    config === null ? "" : "npm run check                         # the data against configs/model.config\n";
  return `# ${/^[\w .-]+$/.test(name) ? name : markdownCode(name)}

\`first.ipynb\` opens ${markdownCode(data)}, trains a first PEPNet and shows what its gates do. \`train.ts\` does the same as a program.

\`\`\`sh
npx pepnet notebook run first.ipynb   # runs the notebook; no Python needed
${check}npx pepnet doctor                     # whether everything works on this machine
\`\`\`

In JupyterLab or VS Code, select the kernel "${kernelDisplayName}". \`npx pepnet kernel install\` adds it to your Jupyter. For a Jupyter of the project's own:

\`\`\`sh
python3 -m venv .venv
.venv/bin/pip install jupyterlab
npx pepnet kernel install --prefix .venv
.venv/bin/jupyter lab first.ipynb
\`\`\`
`;
}

type Cell = readonly ["markdown" | "code", string];

function notebook(facts: ProjectFacts): object {
  const cells = notebookCells(facts).map(([kind, source], at) => ({
    cell_type: kind,
    id: `cell-${at + 1}`,
    metadata: {},
    source: source.split(/(?<=\n)/),
    ...(kind === "code" ? { execution_count: null, outputs: [] } : {}),
  }));
  const info = { name: "typescript", file_extension: ".ts", mimetype: "text/typescript" };
  return { cells, metadata: { kernelspec: notebookKernelspec(), language_info: info }, nbformat: 4, nbformat_minor: 5 };
}

function notebookCells({ data, labels, domain, user, suggestion }: ProjectFacts): Cell[] {
  // The model's rules make labels of text.
  const counted = labels.filter((label) => suggestion.model.spec.derived?.[label] === undefined);
  const choices = [
    ...(counted.length === 0 ? [] : [`labels: [${counted.map((label) => stringLiteral(label)).join(", ")}]`]),
    ...(domain === undefined ? [] : [`domain: ${stringLiteral(domain)}`]),
  ];
  const described = choices.length === 0 ? "" : `{ ${choices.join(", ")} }`;
  const cells: Cell[] = [
    ["markdown", "# A first model\n\nRun the cells from top to bottom, then change them."],
    ["code", `const data = await dataset(${stringLiteral(data)});\nawait data.describe(${described});`],
    ["markdown", "## The model\n\nSuggested from the columns. Edit it: names are checked as you type."],
    ["code", suggestion.code],
    ["code", "await data.check(model);"],
    ["markdown", "## Training\n\nA fifth of the rows is held out for the test."],
    ["code", "const { train, test } = await data.split({ train: 8, test: 2 });\nconst run = await model.fit(train);"],
    ["code", "await run.evaluate(test);"],
  ];
  if (domain !== undefined || user !== undefined) {
    cells.push(["markdown", "## What the gates do"], ["code", "await run.gates(test);"]);
  }
  cells.push(["code", 'await run.save("runs/first");']);
  return cells;
}

function script({ data, suggestion }: ProjectFacts): string {
  const imports = suggestion.imports.replace("{ ", "{ dataset, ");
  return `// node train.ts (Node 22.18 or newer)
${imports}

const data = await dataset(${stringLiteral(data)});
${suggestion.code}
const { train, test } = await data.split({ train: 8, test: 2 });
const run = await model.fit(train);
console.log((await run.evaluate(test)).toMarkdown());
await run.save("runs/program");
`;
}
