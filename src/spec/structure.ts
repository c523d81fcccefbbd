/** Types of the blocks of a model: their inputs, outputs and numbers of parameters. */

import { sum } from "../util/turns.js";
import { allEncoders, type EncoderPart, encoderParts } from "./feature/encoder-part.js";
import { featureWidth, findFeature, tableName, tableRows } from "./feature/feature.js";
import { projectedFeatures, projectionParameters } from "./feature/projected-feature.js";
import { layerParameters } from "./layer.js";
import { layerInput } from "./layer-input.js";
import {
  type DomainsSpec,
  domainName,
  everyGroup,
  expertCount,
  type GroupName,
  groupFeatures,
  hasEpnet,
  hasPpnet,
  type ModelSpec,
  type SwitchesSpec,
  type TowerSpec,
  towersPerTask,
} from "./model.js";
import { encoderLayers, groupDim, tableSizes } from "./sizes.js";

/** A feature in a group. */
export interface FeatureBlock {
  readonly name: string;
  /** Number of its columns; 0: not computed here. */
  readonly width: number;
  /** Rows of its embedding table; `null`: no table, or a file determines the number. */
  readonly tableRows: number | null;
  /** `null`: the value is not embedded. */
  readonly table: string | null;
}

/** A group of features. */
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
export interface PpnetLayerBlock {
  readonly inDim: number;
  readonly outDim: number;
  readonly dropout: number;
  readonly parameters: number;
  /** `null`: switched off. */
  readonly gate: GateBlock | null;
}

/** The towers of a task. */
export interface TowerBlock {
  readonly tower: TowerSpec;
  readonly inDim: number;
  /** The layers of one domain's tower. */
  readonly parameters: number;
}

/** A custom layer; it keeps the width. */
export interface OwnLayerBlock {
  readonly name: string;
  readonly width: number;
  readonly parameters: number;
}

/** The blocks of a model. */
export interface ModelStructure {
  /** `all`, then `domain` and `uia` if declared. */
  readonly groups: readonly GroupBlock[];
  readonly tables: { readonly count: number; readonly parameters: number; readonly unknown: number };
  readonly layers: readonly OwnLayerBlock[];
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
  /** Trained parameters outside the tables. */
  readonly denseParameters: number;
}

/** Computes the blocks of a model for its diagram, also for an incomplete model. */

/** The blocks of a model. */
export function modelStructure(spec: ModelSpec): ModelStructure {
  const tables = tableSizes(spec);
  const layers = ownLayers(spec);
  const epnet = epnetGate(spec);
  const ppnet = ppnetLayers(spec);
  const copies = towersPerTask(spec);
  const towers = spec.towers.map((tower) => towerBlock(spec, tower));
  const branches = spec.towers.length;
  const experts = expertCount(spec);
  return {
    groups: groupBlocks(spec),
    tables: {
      count: tables.length,
      parameters: sum(tables.map(({ parameters }) => parameters ?? 0)),
      unknown: tables.filter(({ parameters }) => parameters === null).length,
    },
    layers,
    epnet,
    ppnet,
    ppnetActivation: spec.ppnet.activation,
    towers,
    copies,
    domains: spec.domains,
    domainNames: Array.from({ length: spec.domains?.count ?? 0 }, (_, domain) => domainName(spec, domain)),
    switches: spec.switches,
    denseParameters:
      sum(allEncoders(spec).map(encoderParameters)) +
      sum(projectedFeatures(spec).map(projectionParameters)) +
      sum(layers.map(({ parameters }) => parameters)) +
      (epnet?.parameters ?? 0) +
      (experts > 0 ? experts : branches) * sum(ppnet.map(({ parameters }) => parameters)) +
      (experts > 1 ? branches * linear(groupDim(spec, "all") ?? 0, experts) : 0) +
      sum(ppnet.map(({ gate }) => (gate === null ? 0 : (gate.parameters * branches) / gate.parts))) +
      copies * sum(towers.map(({ parameters }) => parameters)),
  };
}

function groupBlocks(spec: ModelSpec): GroupBlock[] {
  const reads = { all: true, domain: hasEpnet(spec), uia: hasPpnet(spec) && spec.switches.ppnet };
  return everyGroup.flatMap((name) => {
    const names = groupFeatures(spec, name);
    if (names === null) return [];
    const encoders = encoderParts(spec, name).map(encoderBlock);
    const features = [...names.map((feature) => featureBlock(spec, feature)), ...encoders];
    return [{ name, features, width: groupDim(spec, name) ?? 0, isRead: reads[name] }];
  });
}

function featureBlock(spec: ModelSpec, name: string): FeatureBlock {
  const feature = findFeature(spec, name);
  if (feature === undefined) return { name, width: 0, tableRows: null, table: null };
  const width = feature.kind === "other" ? 0 : featureWidth(feature);
  return { name, width, tableRows: tableRows(feature), table: tableName(feature) };
}

function encoderBlock({ name, width }: EncoderPart): FeatureBlock {
  return { name, width, tableRows: null, table: null };
}

function encoderParameters(part: EncoderPart): number {
  const { layers, extra } = encoderLayers(part);
  return extra + sum(layers.map(({ inDim, outDim, bias }) => linear(inDim, outDim, bias)));
}

function ownLayers(spec: ModelSpec): OwnLayerBlock[] {
  const input = layerInput(spec);
  return spec.layers.map((layer) => ({
    name: layer.name,
    width: input.width,
    parameters: sum(layerParameters(layer, input).map(({ shape }) => shape.reduce((product, dim) => product * dim, 1))),
  }));
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
  return hidden.map((outDim, index) => {
    const inDim = index === 0 ? main : hidden[index - 1]!;
    const units = spec.switches.gatePlacement === "input" ? inDim : outDim;
    const gate = { prior, main, hidden: units, units: units * parts, parts, gamma };
    return {
      inDim,
      outDim,
      dropout: (dropout.length === 1 ? dropout[0] : dropout[index]) ?? 0,
      parameters: linear(inDim, outDim),
      gate: spec.switches.ppnet ? gateBlock(spec, gate) : null,
    };
  });
}

function gateBlock(spec: ModelSpec, gate: Omit<GateBlock, "parameters">): GateBlock {
  const { prior, main, hidden, units } = gate;
  const gammas = spec.switches.learnableGamma ? 1 : 0;
  return { ...gate, parameters: linear(prior + main, hidden) + linear(hidden, units) + gammas };
}

function towerBlock(spec: ModelSpec, tower: TowerSpec): TowerBlock {
  const all = groupDim(spec, "all") ?? 0;
  const inDim = hasPpnet(spec) ? (spec.ppnet.hidden.at(-1) ?? all) : all;
  const { mlp } = tower;
  const hidden = mlp?.hidden ?? [];
  const dims = [inDim, ...hidden];
  const hasBias = mlp?.bias === true && !mlp.batchNorm;
  const norms = mlp !== null && (mlp.batchNorm || mlp.layerNorm) ? 2 * sum(hidden) : 0;
  const layers = hidden.map((units, index) => linear(dims[index]!, units, hasBias));
  return { tower, inDim, parameters: sum(layers) + norms + linear(dims.at(-1)!, tower.numClass) };
}

function linear(inDim: number, outDim: number, hasBias = true): number {
  return inDim * outDim + (hasBias ? outDim : 0);
}
