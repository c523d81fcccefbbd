import type { EncodedData, EncodedRows } from "../../data/encoded/index.js";
import type { GateOverride, ReadingEngine } from "../../engine/index.js";
import { domainName, type ModelSpec } from "../../spec/index.js";
import { drawnUsers, type UserColumn } from "../../train/index.js";
import { predictAll, type Sample, type SampleOptions, takeSample } from "../rows/sample.js";
import { corrected } from "./corrected.js";
import { type CounterfactualEffect, type Drawing, taskEffect } from "./effects.js";
import { frozen, type GateMean, gateMeans } from "./frozen.js";
import {
  type DomainSwap,
  type GateFreeze,
  type Intervention,
  interventionName,
  moduleOff,
  swapDomain,
} from "./interventions.js";
import { swapped } from "./swapped.js";

export interface CounterfactualOptions extends SampleOptions {
  readonly draws?: number;
  /** The user of each row: whole users are drawn. Default: rows are drawn. */
  readonly users?: UserColumn | null;
}

/** The result of `run.counterfactual()`. */
export interface CounterfactualReport {
  readonly rows: number;
  readonly domainNames: readonly string[];
  /** The column whose users were drawn; `null`: rows were drawn. */
  readonly user: string | null;
  readonly effects: readonly CounterfactualEffect[];
}

export const defaultDraws = 300;

/** The default changes of a model: another domain with and without its towers, and each of its modules off. */
export function usualInterventions(spec: ModelSpec, modules: ReadonlySet<string>): Intervention[] {
  const off = (["epnet", "ppnet"] as const).filter((module) => modules.has(module)).map(moduleOff);
  const swaps = [swapDomain(), ...(off.length === 0 ? [] : [swapDomain(null, { towers: false })])];
  return [...((spec.domains?.count ?? 0) > 1 ? swaps : []), ...off];
}

/** Predicts a seeded sample unchanged and under each change. @throws DataError for an unknown domain or gate */
export async function counterfactualReport(
  engine: ReadingEngine,
  allRows: EncodedRows,
  interventions: readonly Intervention[] | null = null,
  options: CounterfactualOptions = {},
): Promise<CounterfactualReport> {
  const { spec } = engine;
  const { signal } = options;
  const sample = await takeSample(engine, allRows, options, "counterfactual");
  const { data, seed } = sample;
  const means = await gateMeans(engine, data, signal);
  const changes = interventions ?? usualInterventions(spec, new Set(means.map(({ site }) => site.module)));
  // All changes are prepared first, so that an unknown name is reported at once.
  const changed = changes.map((intervention) => applied(spec, sample, means, intervention));
  const before = await predictAll(engine, data, undefined, signal);
  const drawing: Drawing = {
    draws: options.draws ?? defaultDraws,
    seed,
    users: options.users ? drawnUsers(options.users, sample.numbers) : null,
  };
  const effects: CounterfactualEffect[] = [];
  for (const [at, { data: rows, overrides }] of changed.entries()) {
    const after = await predictAll(engine, rows, overrides, signal);
    const tasks = spec.towers.map((tower, index) => {
      const change = { tower, before: before[index]!, after: after[index]! };
      return taskEffect(spec, data, change, sample.numbers, drawing);
    });
    effects.push({ name: interventionName(changes[at]!), tasks });
  }
  const domainNames = Array.from({ length: spec.domains?.count ?? 0 }, (_, domain) => domainName(spec, domain));
  return { rows: data.rows, domainNames, user: options.users?.name ?? null, effects: corrected(effects) };
}

interface Applied {
  readonly data: EncodedData;
  readonly overrides: GateOverride[] | undefined;
}

function applied(
  spec: ModelSpec,
  { data, seed }: Sample,
  means: readonly GateMean[],
  intervention: Intervention,
): Applied {
  const changes: readonly (DomainSwap | GateFreeze)[] = "kind" in intervention ? [intervention] : intervention;
  let rows = data;
  const overrides: GateOverride[] = [];
  for (const change of changes) {
    if (change.kind === "domain") rows = swapped(spec, data, seed, change);
    else overrides.push(...frozen(spec, means, change));
  }
  return { data: rows, overrides: overrides.length === 0 ? undefined : overrides };
}
