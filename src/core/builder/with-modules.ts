/** Groups, EPNet, PPNet, domains and switches of a model, as pure steps from one spec to the next. */
import { SpecError } from "../errors/index.js";
import {
  emptySpec,
  everyGroup,
  type GroupName,
  type GroupSpec,
  groupFeatures,
  type ModelSpec,
  type PpnetSpec,
  type SwitchesSpec,
} from "../spec/model.js";
import { optionProblems } from "../spec/option.js";
import { epnetOptions, ppnetOptions } from "../spec/tables.js";
import { checkKnown, checkOptions, show, unknownName } from "../spec/validate/checks.js";
import { layerProblems } from "../spec/validate/mlp.js";
import { domainCountProblems, domainProblems, groupProblems, sequenceProblems } from "../spec/validate/sequences.js";
import { stringLiteral } from "../util/code-text.js";
import { deepFreeze } from "../util/json.js";
import { listNames } from "../util/names.js";
import { groupSequences, type SequenceEncoder } from "./sequences.js";
import { ratios } from "./tower.js";
import { step } from "./with-tower.js";

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
