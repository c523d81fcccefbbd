/** Warnings about a model that is valid but may not be what the user intended. */
import type { Finding } from "../../errors/finding.js";
import type { Problem } from "../../errors/index.js";
import { stringLiteral } from "../../util/code-text.js";
import type { JsonObject } from "../../util/json.js";
import { listNames } from "../../util/names.js";
import { allEncoders } from "../feature/encoder-part.js";
import { findFeature, isFrozen } from "../feature/feature.js";
import { type DomainsSpec, groupFeatures, hasEpnet, hasPpnet, type ModelSpec, usedFeatures } from "../model.js";
import { groupDim } from "../sizes.js";
import { show, unless } from "./checks.js";
import { departures } from "./departures.js";
import { domainCountProblems } from "./sequences.js";

export function specWarnings(spec: ModelSpec): readonly Problem[] {
  return [
    ...epnetAdvice(spec),
    ...idleParts(spec),
    ...unless(spec.training.lossWeights !== "pareto" || spec.towers.flatMap(({ losses }) => losses).length !== 1, {
      path: "training.lossWeights",
      message: "the weight of a model's only loss is always 1",
      received: '"pareto" with one loss',
    }),
    ...(spec.domains === null ? [] : [...domainCountProblems(spec, spec.domains), ...hashedDomain(spec, spec.domains)]),
    ...trainingWarnings(spec),
  ];
}

/** Parts of a model that have no effect: features in no group, modules without their group, towers without weight. */
export function idleParts(spec: ModelSpec): Finding[] {
  const problems = [
    ...bareEpnet(spec),
    ...barePpnet(spec),
    ...unusedFeatures(spec),
    ...spec.towers.flatMap(({ name, weight }) => {
      const message = "the tower's loss has weight 0, so the tower is not trained";
      return unless(weight !== 0, { path: `towers.${name}.weight`, message, received: "0" });
    }),
  ];
  return problems.map((problem) => ({ ...problem, severity: "moderate" }));
}

function hashedDomain(spec: ModelSpec, { column, count }: DomainsSpec): Problem[] {
  const feature = findFeature(spec, column);
  return unless(feature?.kind !== "id" || feature.encoding.kind !== "hash", {
    path: `features.${column}.encoding`,
    message: `TorchEasyRec's page asks for num_buckets on the domain feature: its values are the domains, 0 to ${count - 1}`,
    received: "hash_bucket_size",
    fix: `idFeature(${stringLiteral(column)}).buckets(${count})`,
  });
}

function epnetAdvice(spec: ModelSpec): Problem[] {
  const { hidden } = spec.epnet;
  if (hidden === null || !hasEpnet(spec)) return [];
  const [domain, all] = [groupDim(spec, "domain")!, groupDim(spec, "all")!];
  const [low, high] = [Math.min(domain, all), Math.max(domain, all)];
  return unless(hidden >= low && hidden <= high, {
    path: "epnet.hidden",
    message: "EPNet's hidden units should be between the dims of its two inputs",
    received: show(hidden),
    expected: `between dim(domain) = ${domain} and dim(all) = ${all}`,
  });
}

/** EPNet's settings have no effect without its group. */
function bareEpnet(spec: ModelSpec): Problem[] {
  if (spec.epnet.hidden === null || groupFeatures(spec, "domain") !== null) return [];
  const fix = `.group("domain", […])`;
  return [
    { path: "epnet", message: `EPNet is off: the group "domain" is missing`, received: "epnet.hidden is set", fix },
  ];
}

/** As in TorchEasyRec, hidden units have no effect without the group. */
function barePpnet(spec: ModelSpec): Problem[] {
  const { hidden } = spec.ppnet;
  if (hidden.length === 0 || hasPpnet(spec)) return [];
  const received = `ppnet.hidden ${show(hidden)}`;
  const message = `PPNet is off, with its layers: the group "uia" is missing`;
  return [{ path: "ppnet", message, received, fix: `.group("uia", […])` }];
}

/** Settings that TorchEasyRec trains differently, on all or some machines. */
export function trainingWarnings(spec: ModelSpec): readonly Problem[] {
  const isLike = spec.training.like === "torcheasyrec";
  return [
    ...departures.flatMap(({ like, notes }) => (isLike && like ? [] : notes(spec))),
    ...frozenSequences(spec),
    ...samplerNotes(spec),
  ];
}

/** TorchEasyRec does not shard tables of sequence groups on a CPU, and its dense optimizer trains all of those. */
function frozenSequences(spec: ModelSpec): Problem[] {
  const features = new Set(allEncoders(spec).flatMap(({ input }) => [...input.query, ...input.sequence]));
  return [...features].flatMap((feature) =>
    unless(!isFrozen(feature), {
      path: `features.${feature.name}.trainable`,
      message: "the table of a sequence group is trained nevertheless, as in TorchEasyRec on a CPU",
      received: "false",
    }),
  );
}

/** Notes samplers of items, at which TorchEasyRec's PEPNet stops unless `force_base_data_group` is set. */
function samplerNotes(spec: ModelSpec): Problem[] {
  return Object.entries((spec.extra["data_config"] ?? {}) as JsonObject).flatMap(([field, settings]): Problem[] => {
    if (!/^(hard_)?negative_sampler(_v2)?$/.test(field)) return [];
    const { num_sample: samples, attr_fields: attributes = [], ...from } = settings as JsonObject;
    const { item_id_field: item, user_id_field: user = "…", item_input_path: items, input_path: path = items } = from;
    const per = Math.max(1, Math.round(Number(samples) / (spec.training.batchSize ?? Number(samples))));
    const [by, of, source, taken] = [user, item, path, attributes].map((value) => JSON.stringify(value));
    const step = `{ per: ${per}, user: ${by}, item: ${of}, from: ${source}, attributes: ${taken}, weight: "weight" }`;
    const message = `no items are drawn in training; TorchEasyRec draws ${samples} for each batch. Draw them before, as a step of the data: data.negatives(${step})`;
    return [{ path: `extra.data_config.${field}`, message, received: field }];
  });
}

function unusedFeatures(spec: ModelSpec): Problem[] {
  const used = usedFeatures(spec);
  const unused = spec.features.map((feature) => feature.name).filter((name) => !used.has(name));
  if (unused.length === 0) return [];
  const fix = `add them to .group("all", […]), or remove that group: then it contains every feature`;
  return [{ path: "groups.all", message: "features in no group are not used", received: listNames(unused), fix }];
}
