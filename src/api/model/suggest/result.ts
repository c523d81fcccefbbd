/** The result of `suggestModel`: code, the model, and a reason per column. */
import { commentLine } from "../../../util/text/code-text.js";
import type { Sheet } from "../../../views/index.js";
import { type DisplayBundle, Result, tables } from "../../output/index.js";
import type { AnyModel } from "../types.js";
import { type ModelPlan, planCode, planModel } from "./model-plan.js";

/** A column with its features. */
export interface SuggestedColumn {
  /** The column's name. */
  readonly column: string;
  /** The names of its features; none: it is a label or left out. */
  readonly features: readonly string[];
  /** Why. */
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
    return planModel(this.#plan);
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
    return tables().makeSheet<SuggestedColumn>(
      `${this.#source}: columns and their features`,
      [
        { key: "column", heading: "column", kind: "text", value: ({ column }) => column },
        { key: "features", heading: "features", kind: "text", value: ({ features }) => features.join(", ") },
        { key: "reason", heading: "reason", kind: "text", value: ({ reason }) => reason },
      ],
      this.columns,
    );
  }

  /** The code, with the reason for each column in a comment. */
  text(): string {
    const width = Math.max(...this.columns.map(({ column }) => column.length));
    const reasons = this.columns.map(({ column, reason }) => commentLine(`${column.padEnd(width)}  ${reason}`));
    return [...reasons, this.code].join("\n");
  }

  /** The code, and the reasons as a table. */
  override async bundle(): Promise<DisplayBundle> {
    const { escapeHtml } = await import("../../../render/index.js");
    const table = await super.bundle();
    const html = `<pre style="font-size:12px;overflow-x:auto">${escapeHtml(this.code)}</pre>${table["text/html"]}`;
    return { "text/html": html, "text/plain": this.text() };
  }
}
