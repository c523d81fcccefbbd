/** The suggested model as code, and built. */
import { DataError } from "../../../errors/index.js";
import { stringLiteral } from "../../../util/text/code-text.js";
import { pepnet } from "../model.js";
import type { AnyModel } from "../types.js";
import { type BuilderCall, callCode, callResult } from "./builder-call.js";
import type { ColumnProfile } from "./column-profile.js";

/** Domains up to this number have towers each. */
const mostDomains = 50;

/** The domain column, and its count or names. */
export interface SuggestedDomains {
  readonly column: string;
  readonly domains: number | readonly string[];
}

/** Everything that the code says. */
export interface ModelPlan {
  readonly features: readonly BuilderCall[];
  /** Each label's column, and the label. */
  readonly labels: readonly (readonly [name: string, label: string | BuilderCall])[];
  readonly domains: SuggestedDomains | null;
  /** Features that identify users and items. */
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

/** The model's code, without imports. */
export function planCode(plan: ModelPlan): string {
  const { features, labels, domains } = plan;
  const lines = [
    "const model = pepnet()",
    "  .features(",
    ...features.map((call) => `    ${callCode(call)},`),
    "  )",
    `  .labels(${labels.map(([, label]) => (typeof label === "string" ? stringLiteral(label) : callCode(label))).join(", ")})`,
  ];
  if (domains !== null) {
    const { column } = domains;
    const named = typeof domains.domains === "number" ? domains.domains : listCode(domains.domains);
    lines.push(`  .group("domain", [${stringLiteral(column)}])`, "  .epnet()");
    lines.push(`  .domains(${stringLiteral(column)}, ${named})`);
  }
  if (plan.keys.length > 0) {
    lines.push(`  .group("uia", ${listCode(plan.keys)})`, `  .ppnet({ hidden: [${hiddenUnits(plan).join(", ")}] })`);
  }
  for (const [name] of labels) {
    const units = towerUnits(plan).join(", ");
    lines.push(`  .tower(${stringLiteral(name)}, (t) => t.label(${stringLiteral(name)}).mlp(${units}).bce().auc())`);
  }
  return `${lines.join("\n")};`;
}

/** Builds the model of a plan. */
export function planModel(plan: ModelPlan): AnyModel {
  const { features, labels, domains, keys } = plan;
  let model = pepnet() as unknown as AnyModel;
  model = model.features(...features.map(callResult));
  model = model.labels(...labels.map(([, label]) => (typeof label === "string" ? label : callResult(label))));
  if (domains !== null) {
    model = model.group("domain", [domains.column]).epnet().domains(domains.column, domains.domains);
  }
  if (keys.length > 0) model = model.group("uia", keys).ppnet({ hidden: hiddenUnits(plan) });
  for (const [name] of labels) {
    model = model.tower(name, (t) =>
      t
        .label(name)
        .mlp(...towerUnits(plan))
        .bce()
        .auc(),
    );
  }
  return model;
}

/** Layers that grow with the rows. With PPNet, its hidden layers come first. */
function hiddenUnits({ rows }: ModelPlan): readonly number[] {
  if (rows < 20_000) return [64, 32];
  return rows < 1_000_000 ? [128, 64] : [256, 128];
}

function towerUnits(plan: ModelPlan): readonly number[] {
  return plan.keys.length > 0 ? [32] : hiddenUnits(plan);
}

function listCode(values: readonly string[]): string {
  return `[${values.map((value) => stringLiteral(value)).join(", ")}]`;
}
