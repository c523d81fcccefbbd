/** What a counterfactual changes: the domain of the rows, or the values of gates. Plain data, made by functions. */

/** Each row gets another domain, `to` one or (null) one drawn at random from the others. */
export interface DomainSwap {
  readonly kind: "domain";
  readonly to: string | number | null;
}

/** Gates take given values. */
export interface GateFreeze {
  readonly kind: "gate";
  readonly module: "epnet" | "ppnet";
  /** PPNet's tower and layer; `null`: all. */
  readonly tower: string | null;
  readonly layer: number | null;
  /** A value; `mean`: each unit's mean over the rows; or the mean over one domain's rows. */
  readonly at: number | "mean" | { readonly domain: string | number };
}

/** One change, or several at once. */
export type Intervention = DomainSwap | GateFreeze | readonly (DomainSwap | GateFreeze)[];

/**
 * Every row in another domain: its towers, and the `domain` group's features of a row there. Without a domain, each row
 * gets one of the others at random (seeded).
 *
 * @example
 * await run.counterfactual([swapDomain(), swapDomain("live")]);
 */
export function swapDomain(to: string | number | null = null): DomainSwap {
  return Object.freeze({ kind: "domain", to });
}

/**
 * Gates held at a value (default 1, which leaves what they gate as it is), at their mean over the rows, or at a domain's
 * mean: what a gate adds beyond that.
 *
 * @example
 * await run.counterfactual([freezeGate("ppnet", { tower: "ctr", layer: 0 }), freezeGate("epnet", { at: "mean" })]);
 */
export function freezeGate(
  module: GateFreeze["module"],
  where: { readonly tower?: string; readonly layer?: number; readonly at?: GateFreeze["at"] } = {},
): GateFreeze {
  return Object.freeze({
    kind: "gate",
    module,
    tower: where.tower ?? null,
    layer: where.layer ?? null,
    at: where.at ?? 1,
  });
}

/** A module's gates all at 1: EPNet or PPNet off, everything else as it was trained. */
export function moduleOff(module: GateFreeze["module"]): GateFreeze {
  return freezeGate(module);
}

/** What it does, in words. */
export function interventionName(intervention: Intervention): string {
  if (!("kind" in intervention)) return intervention.map(interventionName).join(" + ");
  if (intervention.kind === "domain") return intervention.to === null ? "another domain" : `domain ${intervention.to}`;
  const { module, tower, layer, at } = intervention;
  const place = [module === "epnet" ? "EPNet" : "PPNet", tower, layer === null ? null : `layer ${layer}`];
  const what = place.filter((part) => part !== null).join(" ");
  if (at === 1 && tower === null && layer === null) return `${what} off`;
  return typeof at === "object"
    ? `${what} at the mean of ${at.domain}`
    : `${what} at ${at === "mean" ? "its mean" : at}`;
}
