/**
 * Types of the blocks of a model: their inputs, outputs and numbers of parameters.
 */
import type { DomainsSpec, GroupName, SwitchesSpec } from "../model.js";
import type { TowerSpec } from "../tower.js";

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
  /** Number of columns. */
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
