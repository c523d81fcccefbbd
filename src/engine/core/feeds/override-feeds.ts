import { EngineError } from "../../../errors/index.js";
import type { Plan } from "../../../nn/plan/index.js";
import { type GateOutputPlan, gateOutputs, overrideEntries } from "../../../nn/plan/index.js";
import type { GateOverride } from "../../engine.js";
import type { Feed } from "../runner.js";

/** Without an override, values are kept bit for bit. @throws EngineError for an unknown gate or number of units */
export function overrideFeeds(
  plan: Plan,
  overrides: readonly GateOverride[],
  rows: number,
  domains: Int32Array | null,
): Map<string, Feed> {
  const entries = overrideEntries(plan);
  const gates = gateOutputs(plan);
  const feeds = new Map<string, Feed>();
  if (gates.length > 0) {
    feeds.set("override.entries", { dtype: "int32", shape: [rows], data: domains ?? new Int32Array(rows) });
  }
  for (const { output, units } of gates) {
    feeds.set(`${output}.keep`, { dtype: "float32", shape: [units], data: new Float32Array(units).fill(1) });
    const replacements = new Float32Array(entries * units);
    feeds.set(`${output}.given`, { dtype: "float32", shape: [entries, units], data: replacements });
  }
  for (const override of overrides) {
    const gate = gates.find(({ output }) => output === gateOutputName(plan, override));
    if (gate === undefined)
      throw refused(
        override,
        "the model has no such gate",
        gates.map(({ output }) => output),
      );
    write(override, gate, entries, feeds);
  }
  return feeds;
}

function write(override: GateOverride, gate: GateOutputPlan, entries: number, feeds: Map<string, Feed>): void {
  const { output, units } = gate;
  const keep = feeds.get(`${output}.keep`)?.data as Float32Array;
  const replacements = feeds.get(`${output}.given`)?.data as Float32Array;
  const { where, values } = override;
  if (where !== null && where.length !== units) throw misfit(override, where.length, units);
  for (let entry = 0; entry < entries; entry++) {
    const replacement = entryValues(values, entry);
    if (typeof replacement !== "number" && replacement.length !== units)
      throw misfit(override, replacement.length, units);
    for (let unit = 0; unit < units; unit++) {
      if (where !== null && where[unit] !== true) continue;
      keep[unit] = 0;
      replacements[entry * units + unit] = typeof replacement === "number" ? replacement : replacement[unit]!;
    }
  }
}

function entryValues(values: GateOverride["values"], entry: number): number | ArrayLike<number> {
  if (typeof values === "number" || values.length === 0 || typeof values[0] === "number") {
    return values as number | ArrayLike<number>;
  }
  return (values as readonly ArrayLike<number>[])[entry] ?? [];
}

function gateOutputName(plan: Plan, { module, tower, layer }: GateOverride): string {
  if (module === "epnet") return "gate.epnet";
  return `gate.ppnet.${plan.tasks.find((task) => task.tower.name === tower)?.index ?? tower}.${layer}`;
}

function refused(override: GateOverride, message: string, expected: readonly string[]): EngineError {
  return new EngineError({
    path: `overrides: ${override.module}`,
    message,
    received: JSON.stringify({ module: override.module, tower: override.tower, layer: override.layer }),
    expected: expected.length === 0 ? "a model with gates" : `one of ${expected.join(", ")}`,
  });
}

function misfit(override: GateOverride, received: number, units: number): EngineError {
  return new EngineError({
    path: `overrides: ${override.module}`,
    message: "the size of the override differs from the gate",
    received: `${received} units`,
    expected: `${units} units`,
  });
}
