/** The structure of a model as blocks, with their inputs, outputs and numbers of parameters. */

import { tableRows } from "../../spec/feature/feature.js";
import {
  type DomainsSpec,
  everyGroup,
  type GroupName,
  hasEpnet,
  hasPpnet,
  listDomainNames,
  type ModelSpec,
  type SwitchesSpec,
  type TowerSpec,
  towersPerTask,
} from "../../spec/model.js";
import { groupDim, groupParts, groupTable } from "../../spec/sizes.js";
import { gateParameters, parameterCount } from "./parameters.js";
import { type LayerPlan, layerPlans } from "./sequences.js";
import { modelSize } from "./size.js";

export interface FeatureBlock {
  readonly name: string;
  /** Number of its columns; 0 if it is not computed here. */
  readonly width: number;
  /** Rows of its embedding table; `null`: no table, or a file determines the number. */
  readonly tableRows: number | null;
  /** `null`: the value is not embedded. */
  readonly table: string | null;
}

export interface GroupBlock {
  readonly name: GroupName;
  readonly features: readonly FeatureBlock[];
  readonly width: number;
  /** Whether any module reads it: a switch may turn its gates off. */
  readonly isRead: boolean;
}

/** A Gate NU: gamma · sigmoid(W₂ relu(W₁ [prior | main] + b₁) + b₂). */
export interface GateBlock {
  /** Number of columns of the prior and of the main input. */
  readonly prior: number;
  readonly main: number;
  readonly hidden: number;
  /** Number of output columns, of all tasks that share the gate. */
  readonly units: number;
  /** The tasks that share it, with equal parts of the units: 1 except in the paper's placement. */
  readonly parts: number;
  readonly gamma: number;
  readonly parameters: number;
}

/** A fully connected PPNet layer of one task. */
export interface PpnetLayerBlock extends LayerPlan {
  readonly parameters: number;
  /** `null`: switched off. */
  readonly gate: GateBlock | null;
}

export interface TowerBlock {
  readonly tower: TowerSpec;
  readonly inDim: number;
  readonly parameters: number;
}

export interface LayerBlock {
  readonly name: string;
  readonly width: number;
  readonly parameters: number;
  /** Of a cross network; `null`: a custom layer. */
  readonly rank: number | null;
}

export interface ModelStructure {
  /** `all`, then `domain` and `uia` if declared. */
  readonly groups: readonly GroupBlock[];
  readonly tables: { readonly count: number; readonly parameters: number; readonly unknown: number };
  readonly layers: readonly LayerBlock[];
  /** `null`: no gate on the embeddings. */
  readonly epnet: GateBlock | null;
  /** The layers of one task; all tasks have the same. Empty: no `uia` group. */
  readonly ppnet: readonly PpnetLayerBlock[];
  readonly ppnetActivation: string;
  readonly towers: readonly TowerBlock[];
  /** Towers per task: the number of domains, or 1. */
  readonly copies: number;
  readonly domains: DomainsSpec | null;
  readonly domainNames: readonly string[];
  readonly switches: SwitchesSpec;
  readonly denseParameters: number;
}

export function modelStructure(spec: ModelSpec): ModelStructure {
  const { tables, embeddingParameters, denseParameters, modules } = modelSize(spec);
  const parameters = new Map(modules.map((each) => [each.module, each.parameters]));
  const width = groupDim(spec, "all") ?? 0;
  const ppnet = ppnetLayers(spec);
  const copies = towersPerTask(spec);
  return {
    groups: groupBlocks(spec),
    tables: {
      count: tables.length,
      parameters: embeddingParameters,
      unknown: tables.filter(({ parameters }) => parameters === null).length,
    },
    layers: spec.layers.map((layer) => ({
      name: layer.name,
      width,
      parameters: parameters.get(`layers.${layer.name}`)!,
      rank: layer.kind === "cross" ? layer.rank : null,
    })),
    epnet: epnetGate(spec),
    ppnet,
    ppnetActivation: spec.ppnet.activation,
    towers: spec.towers.map((tower) => ({
      tower,
      inDim: ppnet.at(-1)?.outDim ?? width,
      parameters: parameters.get(`tower.${tower.name}`)! / copies,
    })),
    copies,
    domains: spec.domains,
    domainNames: listDomainNames(spec),
    switches: spec.switches,
    denseParameters,
  };
}

function groupBlocks(spec: ModelSpec): GroupBlock[] {
  const reads = { all: true, domain: hasEpnet(spec), uia: hasPpnet(spec) && spec.switches.ppnet };
  return everyGroup.flatMap((name) => {
    const parts = groupParts(spec, name);
    if (parts === null) return [];
    const features = parts.map(
      ({ name: part, width, feature }): FeatureBlock => ({
        name: part,
        width: feature?.kind === "other" ? 0 : width,
        tableRows: feature && tableRows(feature),
        table: feature && groupTable(spec, name, feature),
      }),
    );
    return [{ name, features, width: groupDim(spec, name) ?? 0, isRead: reads[name] }];
  });
}

function epnetGate(spec: ModelSpec): GateBlock | null {
  if (!hasEpnet(spec)) return null;
  const all = groupDim(spec, "all") ?? 0;
  const { hidden, gamma } = spec.epnet;
  const prior = groupDim(spec, "domain") ?? 0;
  return gateBlock(spec, { prior, main: all, hidden: hidden ?? all, units: all, parts: 1, gamma });
}

function ppnetLayers(spec: ModelSpec): PpnetLayerBlock[] {
  if (!hasPpnet(spec)) return [];
  const { hidden, dropout, gamma } = spec.ppnet;
  const main = groupDim(spec, "all") ?? 0;
  const prior = groupDim(spec, "uia") ?? 0;
  const parts = spec.switches.gatePlacement === "input" ? Math.max(1, spec.towers.length) : 1;
  return layerPlans(main, hidden, dropout).map((layer) => {
    const units = spec.switches.gatePlacement === "input" ? layer.inDim : layer.outDim;
    const gate = { prior, main, hidden: units, units: units * parts, parts, gamma };
    return {
      ...layer,
      parameters: (layer.inDim + 1) * layer.outDim,
      gate: spec.switches.ppnet ? gateBlock(spec, gate) : null,
    };
  });
}

function gateBlock(spec: ModelSpec, gate: Omit<GateBlock, "parameters">): GateBlock {
  return { ...gate, parameters: parameterCount(gateParameters(spec, "", { ...gate, inDim: gate.prior + gate.main })) };
}
