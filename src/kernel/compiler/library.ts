/** Adds the library's names when a cell first needs them: reading their types takes a third of a kernel's start. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { packageEntries } from "../../core/util/files/package-root.js";
import { isClass } from "./completions.js";
import type { Declarations } from "./declarations.js";

/** Names that notebooks can use without an import: the starting points. So short names such as `quantile` stay free. */
export const notebookValues: readonly string[] = [
  "pepnet",
  "dataset",
  "suggestModel",
  "suggestDomain",
  "suggestPriors",
  "loadRun",
  "loadModel",
  "idFeature",
  "rawFeature",
  "comboFeature",
  "missingFeature",
  "dateFeature",
  "ageFeature",
  "label",
  "sequenceFeature",
  "din",
  "simpleAttention",
  "multiWindowDin",
  "selfAttention",
  "adam",
  "adamw",
  "partialRowwiseAdam",
  "adagrad",
  "rowwiseAdagrad",
  "sgd",
  "adadelta",
  "rmsprop",
  "swapDomain",
  "everyDomain",
  "freezeGate",
  "moduleOff",
  "taobaoLike",
  "movielens100k",
  "movielensDomains",
  "movielensSizes",
  "sampleFolder",
  "table",
  "plot",
  "slider",
  "select",
  "toggle",
  "text",
  "button",
  "row",
  "column",
  "live",
];

export const notebookTypes: readonly string[] = ["Dataset", "Model", "Run", "Study"];

const mentioned = new RegExp(`(?<![\\w$])(?:${[...notebookValues, ...notebookTypes].join("|")})(?![\\w$])`);

export class Library {
  #prelude: Prelude | null = null;
  #problem: unknown = null;
  #isLoaded = false;

  constructor(private readonly require: (id: string) => unknown) {}

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  takeProblem(): string | null {
    const problem = this.#problem;
    this.#problem = null;
    if (problem === null) return null;
    return `pepnet could not be loaded, so its names are missing: ${(problem as Error)?.message ?? String(problem)}\n`;
  }

  isMentioned(code: string): boolean {
    return mentioned.test(code);
  }

  load(variables: Record<string, unknown>, { names }: Declarations): void {
    if (this.#isLoaded) return;
    this.#isLoaded = true;
    try {
      this.#prelude = loadPrelude(this.require);
      for (const [name, value] of Object.entries(this.#prelude.values)) if (!names.has(name)) variables[name] = value;
    } catch (error) {
      this.#problem = error;
    }
  }

  declaredWith(declarations: Declarations): Declarations {
    return this.#prelude === null ? declarations : declarations.with(this.#prelude.declaration(declarations.names));
  }
}

export interface Prelude {
  readonly values: Readonly<Record<string, unknown>>;
  declaration(others: ReadonlySet<string>): string;
}

/** What a notebook loads: the package, and its parts by name. If several entries export a name, the first of them declares it. */
const entries = ["pepnet", "pepnet/widgets", "pepnet/types"];

export function loadPrelude(load: (id: string) => unknown): Prelude {
  const files = packageEntries();
  const global = new Set([...notebookValues, ...notebookTypes]);
  const declared = new Set<string>();
  const values: Record<string, unknown> = {};
  const parts = entries.map((name) => {
    const all = load(name) as Record<string, unknown>;
    const names = [...Object.keys(all), ...exportedNames(files.get(name)!)];
    const fresh = [...new Set(names)].filter((each) => !declared.has(each));
    for (const each of fresh) declared.add(each);
    const listed = fresh.filter((each) => global.has(each));
    // A class among the listed types is also a value.
    for (const each of listed) if (each in all) values[each] = all[each];
    // Types that a cell may name without an import.
    const types = fresh.filter((each) => !global.has(each) && (!(each in all) || isClass(all[each])));
    return { name, listed, types };
  });
  return {
    values,
    declaration: (others) =>
      parts
        .map(({ name, listed, types }) => {
          const free = (names: readonly string[]): string[] => names.filter((each) => !others.has(each));
          return `${importStatement("import", free(listed), name)}${importStatement("import type", free(types), name)}`;
        })
        .join(""),
  };
}

function importStatement(keyword: string, names: readonly string[], from: string): string {
  return names.length === 0 ? "" : `${keyword} { ${names.join(", ")} } from "${from}";\n`;
}

/** The entries of the package declare nothing themselves: they list names of other files, or such files (`*`). */
export function exportedNames(file: string): string[] {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const listed = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(
    ([, list]) => list!.match(/[\w$]+(?=\s*(?:,|$))/g) ?? [],
  );
  const whole = [...text.matchAll(/^export (?:type )?\* from "(.*)\.js";/gm)].flatMap(([, name]) => {
    const declarations = readFileSync(path.join(path.dirname(file), `${name}.d.ts`), "utf8");
    return [...declarations.matchAll(/^export (?:declare )?(?:abstract )?\w+ (\w+)/gm)].map(([, each]) => each!);
  });
  return [...listed, ...whole];
}
