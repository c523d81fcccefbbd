import { domainName, type ModelSpec } from "../../spec/index.js";

/** Each row gets another domain: `to`, or (null) a random one of the others. */
export interface DomainSwap {
  readonly kind: "domain";
  /** A domain's name or number; `null`: a random one for each row. */
  readonly to: string | number | null;
  /** Whether the other domain's towers predict the row; `false`: its own do, and only the features are moved. */
  readonly towers: boolean;
}

/** What {@link swapDomain} moves. */
export interface SwapOptions {
  /** `false`: the row's own towers do; only the features that name the domain are moved. Default: true. */
  readonly towers?: boolean;
}

/** Gates have fixed values. */
export interface GateFreeze {
  readonly kind: "gate";
  readonly module: "epnet" | "ppnet";
  /** PPNet's tower and layer; `null`: all. */
  readonly tower: string | null;
  /** PPNet's layer, from 0; `null`: all. */
  readonly layer: number | null;
  /** EPNet's gates of one feature field; `null`: all. */
  readonly field: string | null;
  /** A value, or each unit's mean over all rows, over the rows of each row's domain, or over one domain's rows. */
  readonly at: number | "mean" | "domain mean" | { readonly domain: string | number };
}

/** One change, or several at once. */
export type Intervention = DomainSwap | GateFreeze | readonly (DomainSwap | GateFreeze)[];

export interface FreezeOptions {
  readonly tower?: string;
  readonly layer?: number;
  readonly field?: string;
  /** Default: 1, which does not change the gated values. */
  readonly at?: GateFreeze["at"];
}

/**
 * Moves every row to another domain: its towers, and the `domain` group's features of a row there. Without a domain,
 * each row gets a random one of the others (seeded).
 * @example
 * await run.counterfactual(test, { changes: [swapDomain(), swapDomain("live"), swapDomain(null, { towers: false })] });
 */
export function swapDomain(to: string | number | null = null, { towers = true }: SwapOptions = {}): DomainSwap {
  return Object.freeze({ kind: "domain", to, towers });
}

/**
 * Moves every row to each domain in turn: with the effects by the rows' original domains, every pair of domains.
 * @example
 * const what = await run.counterfactual(test, { changes: everyDomain(run.spec) });
 * what.pairs("ctr"); // ΔAUC of the rows of one domain in another, [own domain][other domain]
 */
export function everyDomain(spec: ModelSpec): DomainSwap[] {
  return Array.from({ length: spec.domains?.count ?? 0 }, (_, domain) => swapDomain(domainName(spec, domain)));
}

/**
 * Holds gates at a value (default 1, which does not change the gated values), at their mean over the rows, at the
 * mean of each row's domain, or at one domain's mean: shows what a gate adds beyond that.
 * @example
 * const changes = [
 *   freezeGate("ppnet", { tower: "ctr", layer: 0 }),
 *   freezeGate("epnet", { field: "price", at: "mean" }),
 *   freezeGate("epnet", { at: { domain: "live" } }),
 * ];
 * await run.counterfactual(test, { changes });
 */
export function freezeGate(module: GateFreeze["module"], where: FreezeOptions = {}): GateFreeze {
  const { tower = null, layer = null, field = null, at = 1 } = where;
  return Object.freeze({ kind: "gate", module, tower, layer, field, at });
}

/** Holds all gates of a module at 1: EPNet or PPNet off, everything else as trained. */
export function moduleOff(module: GateFreeze["module"]): GateFreeze {
  return freezeGate(module);
}

export function interventionName(intervention: Intervention): string {
  if (!("kind" in intervention)) return intervention.map(interventionName).join(" + ");
  if (intervention.kind === "domain") {
    const domain = intervention.to === null ? "another domain" : `domain ${intervention.to}`;
    return intervention.towers ? domain : `${domain}, towers kept`;
  }
  const { module, tower, layer, field, at } = intervention;
  const place = [module === "epnet" ? "EPNet" : "PPNet", tower, layer === null ? null : `layer ${layer}`, field];
  const what = place.filter((part) => part !== null).join(" ");
  if (at === 1 && tower === null && layer === null && field === null) return `${what} off`;
  return `${what} at ${valueName(at)}`;
}

function valueName(at: GateFreeze["at"]): string {
  if (typeof at === "object") return `the mean of ${at.domain}`;
  return at === "mean" ? "its mean" : at === "domain mean" ? "its domain's mean" : String(at);
}
