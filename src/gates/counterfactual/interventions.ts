/** What a counterfactual changes: the domain of the rows, or the values of gates. Plain data, made by functions. */
import { domainName, type ModelSpec } from "../../spec/index.js";

/** Each row gets another domain, `to` one or (null) one drawn at random from the others. */
export interface DomainSwap {
  /** Tells the kinds of changes apart. */
  readonly kind: "domain";
  /** A domain's name or number; `null`: one drawn at random for each row. */
  readonly to: string | number | null;
}

/** Gates take given values. */
export interface GateFreeze {
  /** Tells the kinds of changes apart. */
  readonly kind: "gate";
  /** Whose gates. */
  readonly module: "epnet" | "ppnet";
  /** PPNet's tower and layer; `null`: all. */
  readonly tower: string | null;
  /** PPNet's layer, from 0; `null`: all. */
  readonly layer: number | null;
  /** EPNet's gates of one feature field; `null`: all. */
  readonly field: string | null;
  /**
   * A value; `mean`: each unit's mean over the rows; `domain mean`: over the rows of each row's own domain; or the mean
   * over one domain's rows, for every row.
   */
  readonly at: number | "mean" | "domain mean" | { readonly domain: string | number };
}

/** One change, or several at once. */
export type Intervention = DomainSwap | GateFreeze | readonly (DomainSwap | GateFreeze)[];

/** Which gates {@link freezeGate} holds, and at what. */
export interface FreezeOptions {
  /** One of PPNet's towers. Default: all. */
  readonly tower?: string;
  /** One of PPNet's layers, from 0. Default: all. */
  readonly layer?: number;
  /** EPNet's gates of one feature alone. Default: all. */
  readonly field?: string;
  /** Default: 1, which leaves what is gated as it is. */
  readonly at?: GateFreeze["at"];
}

/**
 * Every row in another domain: its towers, and the `domain` group's features of a row there. Without a domain, each row
 * gets one of the others at random (seeded).
 *
 * @example
 * await run.counterfactual(test, { changes: [swapDomain(), swapDomain("live")] });
 */
export function swapDomain(to: string | number | null = null): DomainSwap {
  return Object.freeze({ kind: "domain", to });
}

/**
 * Every row in each domain in turn: with the effects by the rows' own domains, every pair of domains.
 *
 * @example
 * const what = await run.counterfactual(test, { changes: everyDomain(run.spec) });
 * what.pairs("ctr"); // ΔAUC of the rows of one domain in another, [own domain][other domain]
 */
export function everyDomain(spec: ModelSpec): DomainSwap[] {
  return Array.from({ length: spec.domains?.count ?? 0 }, (_, domain) => swapDomain(domainName(spec, domain)));
}

/**
 * Gates held at a value (default 1, which leaves what they gate as it is), at their mean over the rows, at the mean of
 * each row's own domain, or at one domain's mean: what a gate adds beyond that.
 *
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

/** A module's gates all at 1: EPNet or PPNet off, everything else as it was trained. */
export function moduleOff(module: GateFreeze["module"]): GateFreeze {
  return freezeGate(module);
}

/** What it does, in words. */
export function interventionName(intervention: Intervention): string {
  if (!("kind" in intervention)) return intervention.map(interventionName).join(" + ");
  if (intervention.kind === "domain") return intervention.to === null ? "another domain" : `domain ${intervention.to}`;
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
