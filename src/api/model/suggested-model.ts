import type { Feature } from "../../builder/feature.js";
import { dateFeature, idFeature } from "../../builder/id-feature.js";
import { type Label, label } from "../../builder/learning-rates.js";
import { missingFeature, rawFeature } from "../../builder/raw-feature.js";
import type { ColumnSummary } from "../../data/summary/describe.js";
import type { RawColumn } from "../../data/table/column.js";
import type { Table } from "../../data/table/table.js";
import { DataError } from "../../errors/index.js";
import { commentLine, stringLiteral } from "../../util/near.js";
import type { Sheet } from "../../views/view.js";
import { type DisplayBundle, Result, tables } from "../result.js";
import { pepnet } from "./model.js";
import type { AnyModel } from "./types.js";

/** A value in code: texts, numbers, lists, options, and calls. */
type Argument = string | number | boolean | readonly Argument[] | BuilderCall | { readonly [name: string]: Argument };

/** A call of a builder, and the methods that follow it. */
export interface BuilderCall {
  /** The function of `pepnet`; `t`: the steps of a tower. */
  readonly start: "pepnet" | "idFeature" | "rawFeature" | "missingFeature" | "dateFeature" | "label" | "t";
  readonly values: readonly Argument[];
  readonly methods: readonly (readonly [name: string, ...values: Argument[]])[];
}

type Step = (...values: readonly unknown[]) => unknown;

const starts = { pepnet, idFeature, rawFeature, missingFeature, dateFeature, label } as unknown as Readonly<
  Record<Exclude<BuilderCall["start"], "t">, Step>
>;

function callCode({ start, values, methods }: BuilderCall): string {
  const first = start === "t" ? "(t) => t" : `${start}(${values.map(argumentCode).join(", ")})`;
  return first + methods.map(([name, ...options]) => `.${name}(${options.map(argumentCode).join(", ")})`).join("");
}

/** The value that the call returns. */
export function callResult<Value = Feature<string> & Label<string>>({ start, values, methods }: BuilderCall): Value {
  const follow = (first: unknown): unknown =>
    methods.reduce((at, [name, ...options]) => (at as Record<string, Step>)[name]!(...options.map(result)), first);
  return (start === "t" ? follow : follow(starts[start](...values.map(result)))) as Value;
}

function isCall(value: Argument): value is BuilderCall {
  return typeof value === "object" && "start" in value && "methods" in value;
}

function result(value: Argument): unknown {
  return isCall(value) ? callResult(value) : value;
}

function argumentCode(value: Argument): string {
  if (typeof value === "string") return stringLiteral(value);
  if (typeof value !== "object") return typeof value === "number" && value >= 10_000 ? grouped(value) : String(value);
  if (isCall(value)) return callCode(value);
  if (Array.isArray(value)) return `[${value.map(argumentCode).join(", ")}]`;
  const fields = Object.entries(value as Record<string, Argument>).map(
    ([name, each]) => `${name}: ${argumentCode(each)}`,
  );
  return `{ ${fields.join(", ")} }`;
}

function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, "_");
}

const mostDomains = 50;

export interface SuggestedDomains {
  readonly column: string;
  readonly domains: number | readonly string[];
}

export interface ModelPlan {
  readonly features: readonly BuilderCall[];
  /** Each label's column, and the label. */
  readonly labels: readonly (readonly [name: string, label: string | BuilderCall])[];
  readonly domains: SuggestedDomains | null;
  readonly keys: readonly string[];
  readonly rows: number;
}

/** The count or names of a column's domains. Throws a DataError if it has too many, or cannot be numbered from 0. */
export function suggestedDomains(column: string, { summary, sample }: ColumnProfile): SuggestedDomains {
  const { distinct, min, max, type } = summary;
  const integers = type === "integer" && min !== null && max !== null && min >= 0;
  if (sample.kind === "number" && type === "boolean") return { column, domains: ["false", "true"] };
  if (sample.kind === "text" && distinct >= 1 && distinct <= mostDomains) {
    const used = new Set(sample.codes);
    return { column, domains: sample.words.filter((_, code) => used.has(code)).sort() };
  }
  if (integers && max! < mostDomains) return { column, domains: max! + 1 };
  throw new DataError({
    path: `column "${column}"`,
    message: "this column does not suggest domains",
    received: `${type}, ${distinct} values`,
    expected: `text or whole numbers from 0, of at most ${mostDomains} values`,
    fix: "choose a column with fewer values, or leave `domain` out",
  });
}

function modelCall(plan: ModelPlan): BuilderCall {
  const { features, labels, domains, keys } = plan;
  const methods: [name: string, ...values: Argument[]][] = [
    ["features", ...features],
    ["labels", ...labels.map(([, each]) => each)],
  ];
  if (domains !== null) {
    methods.push(["group", "domain", [domains.column]], ["epnet"], ["domains", domains.column, domains.domains]);
  }
  if (keys.length > 0) methods.push(["group", "uia", keys], ["ppnet", { hidden: hiddenUnits(plan) }]);
  const towerUnits = keys.length > 0 ? [32] : hiddenUnits(plan);
  for (const [name] of labels) {
    const steps: BuilderCall["methods"] = [["label", name], ["mlp", ...towerUnits], ["bce"], ["auc"]];
    methods.push(["tower", name, { start: "t", values: [], methods: steps }]);
  }
  return { start: "pepnet", values: [], methods };
}

function planCode(plan: ModelPlan): string {
  const lines = modelCall(plan).methods.map(([name, ...values]) => {
    const code = values.map(argumentCode);
    if (name !== "features") return `  .${name}(${code.join(", ")})`;
    return ["  .features(", ...code.map((feature) => `    ${feature},`), "  )"].join("\n");
  });
  return `const model = pepnet()\n${lines.join("\n")};`;
}

/** Layers that grow with the rows. With PPNet, its hidden layers come first. */
function hiddenUnits({ rows }: ModelPlan): readonly number[] {
  if (rows < 20_000) return [64, 32];
  return rows < 1_000_000 ? [128, 64] : [256, 128];
}

/** Rows that are read for the finer questions. */
const sampleRows = 20_000;
/** Larger tables are described by this many of their rows. */
const describedRows = 1_000_000;

export interface ColumnProfile {
  readonly summary: ColumnSummary;
  readonly rows: number;
  readonly filled: number;
  readonly sample: RawColumn;
  /** Mean number of words of a text; 0 for other columns. */
  readonly words: number;
  /** Share of texts with a `|`. */
  readonly several: number;
  /** Quantiles of a number: 1%, 50% and 99%; `null` for other columns. */
  readonly quantiles: readonly [low: number, middle: number, high: number] | null;
  readonly isDate: boolean;
  /** Whether some times are not at midnight. */
  readonly hasClock: boolean;
}

/** Every column of a table, by name. */
export async function columnProfiles(table: Table): Promise<ReadonlyMap<string, ColumnProfile>> {
  const { describe } = await import("../../data/summary/describe.js");
  const { textAsTimes } = await import("../../data/table/table.js");
  const whole = spaced(table, describedRows);
  const { columns } = await describe(whole);
  const read = await spaced(whole, sampleRows).read(
    columns.filter(({ type }) => type !== "other").map(({ name }) => name),
  );
  const profiles = new Map<string, ColumnProfile>();
  for (const summary of columns) {
    const sample = read.get(summary.name);
    if (sample === undefined) continue;
    const words = sample.kind === "text" ? sample.words : [];
    const times = sample.kind === "number" && sample.type === "timestamp" ? sample : textAsTimes(sample);
    profiles.set(summary.name, {
      summary,
      rows: whole.rows,
      filled: whole.rows - summary.missing,
      sample,
      words: words.length === 0 ? 0 : words.reduce((sum, word) => sum + word.split(/\s+/).length, 0) / words.length,
      several: words.length === 0 ? 0 : words.filter((word) => word.includes("|")).length / words.length,
      quantiles: quantilesIn(sample),
      isDate: times !== null,
      hasClock: (times?.values ?? []).some((time) => Number.isFinite(time) && time % 86_400_000 !== 0),
    });
  }
  return profiles;
}

function spaced(table: Table, count: number): Table {
  if (table.rows <= count) return table;
  return table.take(Int32Array.from({ length: count }, (_, at) => Math.floor((at * table.rows) / count)));
}

function quantilesIn(column: RawColumn): ColumnProfile["quantiles"] {
  if (column.kind !== "number") return null;
  const { values, valid } = column;
  const finiteValues = Float64Array.from(values).filter((value, row) => Number.isFinite(value) && valid?.[row] !== 0);
  if (finiteValues.length === 0) return null;
  finiteValues.sort();
  const at = (share: number): number => finiteValues[Math.floor(share * (finiteValues.length - 1))]!;
  return [at(0.01), at(0.5), at(0.99)];
}

/** A column with its features. */
export interface SuggestedColumn {
  readonly column: string;
  /** The names of its features; none: it is a label or left out. */
  readonly features: readonly string[];
  readonly reason: string;
}

/** A first model: code to paste and edit, the same model built, and the reason for each column. */
export class SuggestedModel extends Result {
  /** The model as TypeScript, without imports. */
  readonly code: string;
  /** Every column in the order of the data, with its features and the reason. */
  readonly columns: readonly SuggestedColumn[];
  readonly #plan: ModelPlan;
  readonly #source: string;

  /** Use {@link suggestModel}. @internal */
  constructor(plan: ModelPlan, source: string, columns: readonly SuggestedColumn[]) {
    super();
    this.#plan = plan;
    this.#source = source;
    this.code = planCode(plan);
    this.columns = columns;
  }

  /** The model that the code builds, with any names. Paste the code for names that the editor checks. */
  get model(): AnyModel {
    return callResult<AnyModel>(modelCall(this.#plan));
  }

  /** The import of the functions that the code uses, for scripts; notebooks need none. */
  get imports(): string {
    const calls = [
      ...this.#plan.features,
      ...this.#plan.labels.flatMap(([, label]) => (typeof label === "string" ? [] : [label])),
    ];
    return `import { ${[...new Set(["pepnet", ...calls.map(({ start }) => start)])].sort().join(", ")} } from "pepnet";`;
  }

  /** @internal */
  sheet(): Sheet {
    const { col, sheetFrom } = tables();
    return sheetFrom(`${this.#source}: columns and their features`, this.columns, [
      col.text("column", ({ column }) => column),
      col.text("features", ({ features }) => features.join(", ")),
      col.text("reason", ({ reason }) => reason),
    ]);
  }

  /** The code, with the reason for each column in a comment. */
  text(): string {
    const width = Math.max(...this.columns.map(({ column }) => column.length));
    const reasons = this.columns.map(({ column, reason }) => commentLine(`${column.padEnd(width)}  ${reason}`));
    return [...reasons, this.code].join("\n");
  }

  /** The code, and the reasons as a table. */
  override async bundle(): Promise<DisplayBundle> {
    const { escapeHtml } = await import("../../util/escape.js");
    const table = await super.bundle();
    const html = `<pre style="font-size:12px;overflow-x:auto">${escapeHtml(this.code)}</pre>${table["text/html"]}`;
    return { "text/html": html, "text/plain": this.text() };
  }
}
