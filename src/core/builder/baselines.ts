/** Models to compare PEPNet with: pure functions from its spec to another's, with the same features and towers. */
import { SpecError } from "../errors/index.js";
import { type BaselineSpec, defaultMlp, emptySpec, hasPpnet, type ModelSpec, type TowerSpec } from "../spec/model.js";
import { checkNumber } from "../spec/validate/checks.js";
import { deepFreeze } from "../util/json.js";
import { withSwitches } from "./with-modules.js";

/** A model without gates: shared embeddings, hidden layers per task, a tower per task and domain. */
export function withoutGates(spec: ModelSpec): ModelSpec {
  return withSwitches(spec, { epnet: false, ppnet: false });
}

/** The network that domains and tasks share up to the tasks' layers: no gates, and one tower per task for all domains. */
export function withOneNetwork(spec: ModelSpec): ModelSpec {
  return withSwitches(withoutGates(spec), { sharedTowers: true });
}

/** A logistic regression per binary task on the model's features, which a study fits in place of a network. */
export function withLogisticRegression(spec: ModelSpec): ModelSpec {
  return withBaseline(withOneNetwork(spec), { kind: "logistic" });
}

/** A model without gates whose hidden layers are experts. @throws SpecError for a model without PPNet's layers */
export function withExperts(
  spec: ModelSpec,
  baseline: Pick<BaselineSpec, "experts" | "taskExperts"> & { readonly kind: "mmoe" | "ple" },
): ModelSpec {
  const { kind, ...counts } = baseline;
  for (const [name, experts] of Object.entries(counts)) assertMany(kind, name, experts, 4);
  if (!hasPpnet(spec) || spec.ppnet.hidden.length === 0) {
    throw new SpecError({
      path: kind,
      message: "an expert has the sizes of PPNet's layers, but the model has none",
      expected: "a model with PPNet",
      fix: 'add .group("uia", […]).ppnet({ hidden: [128, 64] })',
    });
  }
  return withBaseline(withoutGates(spec), baseline);
}

/** A model without gates whose towers begin with PPNet's layers. @throws SpecError for a model without domains */
export function withStar(spec: ModelSpec, auxiliary: number): ModelSpec {
  assertMany("star", "auxiliary", auxiliary, 32);
  if (spec.domains === null) throw withoutDomains();
  const { hidden, dropout, activation } = hasPpnet(spec) ? spec.ppnet : emptySpec.ppnet;
  const perLayer = (rates: readonly number[], layers: number): readonly number[] =>
    rates.length === layers ? rates : Array<number>(layers).fill(rates[0] ?? 0);
  const towers = spec.towers.map((tower): TowerSpec => {
    const base = tower.mlp ?? { ...defaultMlp, hidden: [], activation };
    const rates = [...perLayer(dropout, hidden.length), ...perLayer(base.dropout, base.hidden.length)];
    const mlp = { ...base, hidden: [...hidden, ...base.hidden], dropout: rates };
    return { ...tower, mlp: mlp.hidden.length === 0 ? null : mlp };
  });
  const groups = spec.groups.filter(({ name }) => name !== "uia");
  const bare = { ...withoutGates(spec), groups, towers, ppnet: emptySpec.ppnet };
  return withBaseline(withSwitches(bare, { sharedTowers: false }), { kind: "star", auxiliary });
}

/** A separate model for each domain, without gates. @throws SpecError for a model without domains */
export function withModelPerDomain(spec: ModelSpec): ModelSpec {
  const parts = Array.from({ length: spec.domains?.count ?? 0 }, (_, domain) => [domain]);
  return withModelsApart(withOneNetwork(spec), { parts });
}

/** A separate model for each part of the domains. @throws SpecError for a model without domains */
export function withModelsApart(spec: ModelSpec, parts: Pick<BaselineSpec, "parts" | "halved">): ModelSpec {
  if (spec.domains === null) throw withoutDomains();
  return withBaseline(spec, { kind: "apart", ...parts });
}

/** The maximum number of experts, and of hidden units. */
const most = 256;

function assertMany(kind: string, name: string, count: number, usual: number): void {
  const fix = `${kind}({ ${name}: ${usual} })`;
  const problems = checkNumber(`${kind}.${name}`, count, { least: 1, most, integer: true });
  if (problems.length > 0) throw new SpecError(problems.map((problem) => ({ ...problem, fix })));
}

function withoutDomains(): SpecError {
  return new SpecError({ path: "domains", message: "the model has no domains", fix: "add .domains(column, names)" });
}

function withBaseline(spec: ModelSpec, baseline: BaselineSpec): ModelSpec {
  return deepFreeze({ ...spec, baseline });
}
