/** The blocks that a model is made of: what each is fed, what it gives, how many parameters it has. */
import type { DomainsSpec, GroupName, SwitchesSpec } from "../model.js";
import type { TowerSpec } from "../tower.js";

/** A feature in a group. */
export interface FeatureBlock {
  readonly name: string;
  /** Columns that it takes; 0: not computed here. */
  readonly width: number;
  /** Rows of its embedding table; `null`: no table, or a file decides. */
  readonly tableRows: number | null;
  /** `null`: its value enters as it is. */
  readonly table: string | null;
}

/** A group of features. */
export interface GroupBlock {
  readonly name: GroupName;
  readonly features: readonly FeatureBlock[];
  /** Columns. */
  readonly width: number;
  /** Whether anything reads it: a switch may have turned its gates off. */
  readonly isRead: boolean;
}

/** A Gate NU: gamma · sigmoid(W₂ relu(W₁ [prior | main] + b₁) + b₂). */
export interface GateBlock {
  /** Columns of the prior, and of the main input. */
  readonly prior: number;
  readonly main: number;
  readonly hidden: number;
  /** Columns that leave it, those of all tasks that share it. */
  readonly units: number;
  /** Tasks that share it, an equal part of the units each: 1 but in the paper's placement. */
  readonly parts: number;
  readonly gamma: number;
  readonly parameters: number;
}

/** A fully connected layer of PPNet, of one task. */
export interface PpnetLayerBlock {
  readonly inDim: number;
  readonly outDim: number;
  readonly dropout: number;
  readonly parameters: number;
  /** `null`: switched off. */
  readonly gate: GateBlock | null;
}

/** A task's towers. */
export interface TowerBlock {
  readonly tower: TowerSpec;
  readonly inDim: number;
  /** Of one domain's tower. */
  readonly parameters: number;
}

/** A layer of the user's own; it keeps the width. */
export interface OwnLayerBlock {
  readonly name: string;
  readonly width: number;
  readonly parameters: number;
}

/** A model block by block. */
export interface ModelStructure {
  /** `all`, then `domain` and `uia` where they are declared. */
  readonly groups: readonly GroupBlock[];
  readonly tables: { readonly count: number; readonly parameters: number; readonly unknown: number };
  readonly layers: readonly OwnLayerBlock[];
  /** `null`: no gate acts on the embeddings. */
  readonly epnet: GateBlock | null;
  /** Of one task; all tasks have the same. Empty: no `uia` group. */
  readonly ppnet: readonly PpnetLayerBlock[];
  readonly ppnetActivation: string;
  readonly towers: readonly TowerBlock[];
  /** Towers per task: the domains, or 1. */
  readonly copies: number;
  readonly domains: DomainsSpec | null;
  readonly domainNames: readonly string[];
  readonly switches: SwitchesSpec;
  /** Trained parameters beside the tables. */
  readonly denseParameters: number;
}
