/** Models to compare PEPNet with: pure functions from its spec to another's, with the same features and towers. */
import { SpecError } from "../errors/index.js";
import {
  type BaselineSpec,
  defaultMlp,
  emptySpec,
  everyGroup,
  type GroupName,
  type GroupSpec,
  groupFeatures,
  hasPpnet,
  type ModelSpec,
  type PpnetSpec,
  type SwitchesSpec,
  type TowerSpec,
} from "../spec/model.js";
import { optionProblems } from "../spec/option.js";
import { epnetOptions, ppnetOptions } from "../spec/tables.js";
import { checkKnown, checkNumber, checkOptions, show, unknownName } from "../spec/validate/checks.js";
import { layerProblems } from "../spec/validate/mlp.js";
import { domainCountProblems, domainProblems, groupProblems, sequenceProblems } from "../spec/validate/sequences.js";
import { stringLiteral } from "../util/code-text.js";
import { deepFreeze } from "../util/json.js";
import { listNames } from "../util/names.js";
import { groupSequences, type SequenceEncoder } from "./sequences.js";
import { ratios } from "./tower.js";
import { step } from "./with-tower.js";

/** The maximum number of experts, and of hidden units. */
const most = 256;

/** A model without gates: shared embeddings, hidden layers per task, a tower per task and domain. */
export function withoutGates(spec: ModelSpec): ModelSpec {
  return withSwitches(spec, { epnet: false, ppnet: false });
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

function assertMany(kind: string, name: string, count: number, usual: number): void {
  const fix = `${kind}({ ${name}: ${usual} })`;
  const problems = checkNumber(`${kind}.${name}`, count, { least: 1, most, integer: true });
  if (problems.length > 0) throw new SpecError(problems.map((problem) => ({ ...problem, fix })));
}

function withoutDomains(): SpecError {
  return new SpecError({ path: "domains", message: "the model has no domains", fix: "add .domains(column, names)" });
}

/** A separate model for each domain, without gates. @throws SpecError for a model without domains */
export function withModelPerDomain(spec: ModelSpec): ModelSpec {
  const parts = Array.from({ length: spec.domains?.count ?? 0 }, (_, domain) => [domain]);
  return withModelsApart(withSwitches(withoutGates(spec), { sharedTowers: true }), { parts });
}

/** A separate model for each part of the domains. @throws SpecError for a model without domains */
export function withModelsApart(spec: ModelSpec, parts: Pick<BaselineSpec, "parts" | "halved">): ModelSpec {
  if (spec.domains === null) throw withoutDomains();
  return withBaseline(spec, { kind: "apart", ...parts });
}

function withBaseline(spec: ModelSpec, baseline: BaselineSpec): ModelSpec {
  return deepFreeze({ ...spec, baseline });
}

/** Options of a group. `F`: the model's features. */
export interface GroupOptions<F extends string> {
  /** Encoders of behaviour sequences, whose results follow the features: `[din("clicks", { … })]`. */
  readonly sequences?: readonly SequenceEncoder<F, F>[];
}

export function withGroup(
  spec: ModelSpec,
  name: GroupName,
  features: readonly string[],
  options: GroupOptions<string> = {},
): ModelSpec {
  const path = `groups.${name}`;
  if (!everyGroup.includes(name)) throw new SpecError(unknownName(path, "group", name, everyGroup));
  if (spec.groups.some((group) => group.name === name)) {
    throw new SpecError({
      path,
      message: `duplicate group "${name}"`,
      received: `.group(${stringLiteral(name)}, ${show(features)})`,
      expected: "each group only once",
      fix: "pass all its features in one call",
    });
  }
  checkOptions(path, options, ["sequences"]);
  const sequences = groupSequences(spec, name, options.sequences ?? []);
  const plain = { name, features: [...features], extra: {} };
  const group: GroupSpec = sequences === null ? plain : { ...plain, sequences };
  return step(spec, { groups: [...spec.groups, group] }, (next) => [
    ...groupProblems(next, group),
    ...sequenceProblems(next),
  ]);
}

/** Settings of EPNet. */
export interface EpnetOptions {
  /** Hidden units of the gate, ideally between dim(domain) and dim(all). Default: dim(all). */
  readonly hidden?: number;
  /** The gate's maximum value. Default: 2, so that an untrained gate is near 1. */
  readonly gamma?: number;
}

export function withEpnet(spec: ModelSpec, options: EpnetOptions = {}): ModelSpec {
  requireGroup(spec, "domain", "EPNet", `.group("domain", [features that identify the domain])`);
  checkOptions("epnet", options, ["hidden", "gamma"]);
  const epnet = { hidden: options.hidden ?? spec.epnet.hidden, gamma: options.gamma ?? spec.epnet.gamma };
  return step(spec, { epnet }, () => optionProblems("epnet", epnet, epnetOptions));
}

/** Settings of PPNet. Defaults: ReLU, gamma 2, no dropout. */
export interface PpnetOptions extends Partial<Pick<PpnetSpec, "activation" | "gamma">> {
  /** Units of the hidden layers; each layer has a gate of the same width. */
  readonly hidden: readonly number[];
  /** One ratio for all layers, or one per layer. */
  readonly dropout?: number | readonly number[];
}

export function withPpnet(spec: ModelSpec, options: PpnetOptions = { hidden: [] }): ModelSpec {
  requireGroup(spec, "uia", "PPNet", `.group("uia", [user, item and author features])`);
  checkOptions("ppnet", options, ["hidden", "activation", "dropout", "gamma"]);
  const expected = "hidden units, such as [512, 256]";
  if (!Array.isArray(options.hidden)) {
    throw new SpecError({
      path: "ppnet.hidden",
      message: "PPNet's layers are required",
      received: show(options.hidden),
      expected,
      fix: ".ppnet({ hidden: [512, 256] })",
    });
  }
  const ppnet: PpnetSpec = {
    hidden: [...options.hidden],
    activation: options.activation ?? emptySpec.ppnet.activation,
    dropout: ratios(options.dropout),
    gamma: options.gamma ?? spec.ppnet.gamma,
  };
  if (ppnet.hidden.length === 0) {
    throw new SpecError({ path: "ppnet.hidden", message: "PPNet without layers", received: "[]", expected });
  }
  return step(spec, { ppnet }, () => layerProblems("ppnet", ppnet, ppnetOptions));
}

/**
 * Adds a tower per domain to each task. The value of `column`, from 0, selects the tower; the column also becomes a
 * label field (TorchEasyRec requires it). `domains`: their count or names. Throws {@link SpecError} unless the column
 * is a feature or a label, and if it is an id feature with another number of buckets.
 */
export function withDomains(spec: ModelSpec, column: string, domains: number | readonly string[]): ModelSpec {
  if (spec.domains !== null) {
    throw new SpecError({
      path: "domains",
      message: "a second domain column",
      received: `.domains(${stringLiteral(column)}, …) after .domains(${stringLiteral(spec.domains.column)}, …)`,
      expected: "one domain column",
      fix: "cross both into one column of the data",
    });
  }
  const names = typeof domains === "number" ? null : [...domains];
  const chosen = { column, count: typeof domains === "number" ? domains : domains.length, names };
  const labels = spec.labels.includes(column) ? spec.labels : [...spec.labels, column];
  const columns = [...new Set([...spec.features.map((feature) => feature.name), ...spec.labels])];
  const otherwise = "declare it with .features(…) or .labels(…) first";
  return step(spec, { domains: chosen, labels }, (next) => [
    ...checkKnown("domains.column", column, columns, "feature or label", otherwise),
    ...domainProblems(chosen),
    ...domainCountProblems(next, chosen),
  ]);
}

/**
 * Replaces the domain column, or removes it: in EPNet's gate, and for the towers. The old column stays a feature.
 * `domains`: as for {@link withDomains}, or null if there are too many for a tower each.
 */
export function withOtherDomain(
  spec: ModelSpec,
  column: string | null,
  domains: number | readonly string[] | null = null,
): ModelSpec {
  const old = spec.domains?.column;
  const others = (groupFeatures(spec, "domain") ?? []).filter((name) => name !== old);
  const features = column === null ? others : [...others.filter((name) => name !== column), column];
  const groups = spec.groups.flatMap((group): GroupSpec[] => {
    if (group.name !== "domain") return [group];
    return features.length === 0 ? [] : [{ ...group, features }];
  });
  const labels = spec.labels.filter((name) => name !== old || spec.towers.some(({ label }) => label === name));
  const next = deepFreeze({ ...spec, groups, labels, domains: null });
  if (column === null) return next;
  const gated = groupFeatures(next, "domain") === null ? withGroup(next, "domain", features) : next;
  return domains === null ? gated : withDomains(gated, column, domains);
}

export function withSwitches(spec: ModelSpec, switches: Partial<SwitchesSpec>): ModelSpec {
  const switchNames = Object.keys(emptySpec.switches);
  return step(spec, { switches: { ...spec.switches, ...switches } }, () =>
    Object.entries(switches).flatMap(([name, value]) => switchProblems(name, value, switchNames)),
  );
}

/** Names of presets: see {@link Model.preset}. */
export type PresetName = "paper" | "torcheasyrec";

/** `paper`: the paper's gates, on each layer's input; `torcheasyrec`: every switch as in TorchEasyRec. */
export function withPreset(spec: ModelSpec, preset: PresetName): ModelSpec {
  const { switches } = emptySpec;
  const presets: Readonly<Record<PresetName, SwitchesSpec>> = {
    paper: { ...switches, gatePlacement: "input" },
    torcheasyrec: switches,
  };
  if (Object.hasOwn(presets, preset)) return withSwitches(spec, presets[preset]);
  throw new SpecError({
    ...unknownName("switches", "preset", preset, Object.keys(presets)),
    expected: `"paper" or "torcheasyrec"`,
  });
}

function switchProblems(name: string, value: unknown, switchNames: readonly string[]) {
  const path = `switches.${name}`;
  if (!switchNames.includes(name)) return [unknownName(path, "switch", name, switchNames)];
  const allowed: readonly unknown[] = name === "gatePlacement" ? ["output", "input"] : [true, false];
  if (allowed.includes(value)) return [];
  const expected = allowed.map(show).join(" or ");
  return [{ path, message: "not a value of this switch", received: show(value), expected }];
}

function requireGroup(spec: ModelSpec, name: GroupName, module: string, fix: string): void {
  if (groupFeatures(spec, name) !== null) return;
  throw new SpecError({
    path: `groups.${name}`,
    message: `${module} needs the group "${name}"`,
    received:
      spec.groups.length === 0 ? "no groups" : `the groups ${listNames(spec.groups.map((group) => group.name))}`,
    expected: `a group "${name}" before .${module.toLowerCase()}(…)`,
    fix: `add ${fix} first`,
  });
}
