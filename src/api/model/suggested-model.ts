/** The domains and sizes of a suggested model, and the calls that build it. */
import type { ColumnProfile } from "../../core/data/summary/column-profiles.js";
import { DataError } from "../../core/errors/index.js";
import { emptySpec } from "../../core/spec/model.js";
import { resolveTraining } from "../../core/spec/training.js";
import { commentLine } from "../../core/util/code-text.js";
import type { Sheet } from "../../lab/views/view.js";
import { type DisplayBundle, Result, tables } from "../result.js";
import { type AlikeColumns, alikeCode, alikeReasons, featureCalls } from "./alike-columns.js";
import { type Argument, argumentCode, type BuilderCall, callResult } from "./builder-calls.js";
import { pepnet } from "./model.js";
import { isSmall, pieceWidth, vectorWidth } from "./suggested-features.js";
import type { SuggestedPriors } from "./suggested-priors.js";
import type { AnyModel } from "./types.js";

const mostDomains = 50;
/** Rows of a domain, on average, from which EPNet's gate can learn it. */
const leastDomainRows = 10;
/** Weights of a layer of EPNet's gate; a wider one would take most of the time. */
const mostGateWeights = 400_000;

export interface SuggestedDomains {
  readonly column: string;
  /** `null`: too many for towers of their own. */
  readonly domains: number | readonly string[] | null;
}

export interface PlanSizes {
  readonly domains: SuggestedDomains | null;
  readonly keys: readonly string[];
  readonly rows: number;
}

export interface ModelPlan extends PlanSizes {
  /** In the order of the code. */
  readonly features: readonly AlikeColumns[];
  /** Each label's column, and the label. */
  readonly labels: readonly (readonly [name: string, label: string | BuilderCall])[];
}

/** The count or names of a column's domains. Throws a DataError if there are none. */
export function suggestedDomains(column: string, profile: ColumnProfile): SuggestedDomains {
  const domains = domainsOf(column, profile);
  if (domains !== null) return domains;
  const { type, distinct } = profile.summary;
  throw new DataError({
    path: `column "${column}"`,
    message: "this column does not suggest domains",
    received: `${type}, ${distinct} values`,
    expected: `text or whole numbers from 0, of at most ${mostDomains} values`,
    fix: "choose a column with fewer values, or leave `domain` out",
  });
}

/** The same; `null`: rows hardly share them, or they are not numbered from 0. */
export function domainsOf(column: string, { summary, sample, filled }: ColumnProfile): SuggestedDomains | null {
  const { distinct, min, max, type } = summary;
  const integers = type === "integer" && min !== null && max !== null && min >= 0;
  if (sample.kind === "number" && type === "boolean") return { column, domains: ["false", "true"] };
  if (sample.kind === "text" && distinct >= 1 && distinct <= mostDomains) {
    const used = new Set(sample.codes);
    return { column, domains: sample.words.filter((_, code) => used.has(code)).sort() };
  }
  if (integers && max! < mostDomains) return { column, domains: max! + 1 };
  const isShared = distinct > mostDomains && leastDomainRows * distinct <= filled;
  return isShared && (type === "integer" || sample.kind === "text") ? { column, domains: null } : null;
}

function modelCall(plan: ModelPlan): BuilderCall {
  const { features, labels, domains, keys } = plan;
  const methods: [name: string, ...values: Argument[]][] = [
    ["features", ...featureCalls(features)],
    ["labels", ...labels.map(([, each]) => each)],
  ];
  if (domains !== null) {
    const hidden = gateUnits(inputWidth(plan));
    methods.push(["group", "domain", [domains.column]], hidden === null ? ["epnet"] : ["epnet", { hidden }]);
    if (domains.domains !== null) methods.push(["domains", domains.column, domains.domains]);
    if (sharesTower(plan)) methods.push(["switches", { sharedTowers: true }]);
  }
  if (keys.length > 0) methods.push(["group", "uia", keys], ["ppnet", { hidden: hiddenUnits(plan) }]);
  const small = isSmall(plan.rows);
  const layers: readonly Argument[] = [
    ...(keys.length > 0 ? [32] : small ? [256] : hiddenUnits(plan)),
    ...(small ? [{ dropout: 0.2 }] : []),
  ];
  for (const [name] of labels) {
    const steps: BuilderCall["methods"] = [["label", name], ["mlp", ...layers], ["bce"], ["auc"]];
    methods.push(["tower", name, { start: "t", values: [], methods: steps }]);
  }
  methods.push(["train", trainingOptions(plan)]);
  return { start: "pepnet", values: [], methods };
}

/** Of EPNet's gate; `null`: as many as inputs, which ranked better, as long as they are few. @param width of the inputs */
export function gateUnits(width: number): number | null {
  const most = 2 ** Math.floor(Math.log2(mostGateWeights / width));
  return most < width ? most : null;
}

function inputWidth({ features, rows }: ModelPlan): number {
  return featureCalls(features).reduce((sum, { methods }) => {
    const names = methods.map(([name]) => name);
    return sum + (names.includes("embedding") ? vectorWidth(rows) : names.includes("piecewise") ? pieceWidth : 1);
  }, 0);
}

/** Whether a task has one tower for all domains: without PPNet, on most small tables, towers of their own ranked no better. */
export function sharesTower({ domains, keys, rows }: PlanSizes): boolean {
  return domains !== null && domains.domains !== null && keys.length === 0 && isSmall(rows);
}

/** On small tables larger and fewer steps, and weights averaged over 0.4 epochs: a higher AUC for less time. */
function trainingOptions({ rows }: ModelPlan): Readonly<Record<string, Argument>> {
  if (!isSmall(rows)) return { outputBias: "rate" };
  const batchSize = Math.min(1024, 2 * resolveTraining(emptySpec.training, rows).batchSize);
  const emaDecay = Math.max(0.5, Number((1 - (2.5 * batchSize) / rows).toFixed(3)));
  return { dense: { start: "adam", values: [0.006], methods: [] }, batchSize, emaDecay, outputBias: "rate" };
}

/** Of PPNet, or of the towers of large tables. */
function hiddenUnits({ rows }: ModelPlan): readonly number[] {
  if (rows < 20_000) return [64, 32];
  return rows < 1_000_000 ? [128, 64] : [256, 128];
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
  /** Priors, or statistics of codes in rows without times, that help beyond noise; `null`: none. */
  readonly priors: SuggestedPriors | null;
  readonly #plan: ModelPlan;
  readonly #source: string;

  /** Use {@link suggestModel}. @internal */
  constructor(
    plan: ModelPlan,
    source: string,
    columns: readonly SuggestedColumn[],
    priors: SuggestedPriors | null = null,
  ) {
    super();
    this.priors = priors;
    this.#plan = plan;
    this.#source = source;
    const lines = modelCall(plan).methods.map(([name, ...values]) => {
      if (name === "features") return ["  .features(", ...plan.features.flatMap(alikeCode), "  )"].join("\n");
      return `  .${name}(${values.map((value) => argumentCode(value)).join(", ")})`;
    });
    this.code = `const model = pepnet()\n${lines.join("\n")};`;
    this.columns = columns;
  }

  /** The model that the code builds, with any names. Paste the code for names that the editor checks. */
  get model(): AnyModel {
    return callResult<AnyModel>(modelCall(this.#plan), { pepnet });
  }

  /** The import of the functions that the code uses, for scripts; notebooks need none. */
  get imports(): string {
    const calls = [
      ...featureCalls(this.#plan.features),
      ...this.#plan.labels.flatMap(([, label]) => (typeof label === "string" ? [] : [label])),
    ];
    const more = "dense" in trainingOptions(this.#plan) ? ["adam"] : [];
    return `import { ${[...new Set(["pepnet", ...more, ...calls.map(({ start }) => start)])].sort().join(", ")} } from "pepnet";`;
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

  /** The same suggestion with priors. @internal */
  withPriors(priors: SuggestedPriors | null): SuggestedModel {
    return priors === null ? this : new SuggestedModel(this.#plan, this.#source, this.columns, priors);
  }

  /** The code, with the reason for each column in a comment, or for those that are alike if there are many. */
  text(): string {
    const groups = alikeReasons(this.columns);
    const width = Math.max(...groups.map(({ columns }) => columns.length));
    const reasons = groups.map(({ columns, reason }) => commentLine(`${columns.padEnd(width)}  ${reason}`));
    return [...reasons, ...this.#gateReasons(), ...this.#priorsLines(), this.code].join("\n");
  }

  #priorsLines(): string[] {
    if (this.priors === null) return [];
    const { code, reason, variable } = this.priors;
    return [reason, `${code} Then suggestModel(${variable}, …) once more`].map(commentLine);
  }

  /** Why the towers and gates are as they are. */
  #gateReasons(): string[] {
    const { domains, keys, rows } = this.#plan;
    const hidden = gateUnits(inputWidth(this.#plan));
    const few = `one tower for all values of "${domains?.column}", more than ${mostDomains}: towers of their own would have few rows`;
    const reasons: readonly (readonly [isTrue: boolean, text: string])[] = [
      [domains?.domains === null, few],
      [
        sharesTower(this.#plan),
        "one tower for all domains, since this table is small; a tower each: model.switches({ sharedTowers: false })",
      ],
      [
        domains !== null && hidden !== null,
        `EPNet's gate has ${hidden} hidden units: as many as its inputs would take most of the time`,
      ],
      [domains === null, 'no EPNet: it needs a domain, such as { domain: "scene" }'],
      [keys.length === 0, 'no PPNet: it needs ids, such as { user: "user_id", item: "item_id" }'],
      [
        isSmall(rows),
        "rows are few: model.fit(train, { validation, seeds: 3 }) averages three trainings, which adds 0.000 to 0.014 of AUC on small public tables",
      ],
    ];
    return reasons.flatMap(([isTrue, text]) => (isTrue ? [commentLine(text)] : []));
  }

  /** The code, and the reasons as a table. */
  override async bundle(): Promise<DisplayBundle> {
    const { escapeHtml } = await import("../../core/util/escape.js");
    const table = await super.bundle();
    const code = [...this.#priorsLines(), this.code].join("\n");
    const html = `<pre style="font-size:12px;overflow-x:auto">${escapeHtml(code)}</pre>${table["text/html"]}`;
    return { "text/html": html, "text/plain": this.text() };
  }
}
