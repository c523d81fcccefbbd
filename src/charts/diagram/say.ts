/** Shapes, gates and amounts in words. */
import type { GateBlock, ModelStructure } from "../../spec/size/blocks.js";
import { count } from "../text.js";

/** `[rows, 136]`. */
export function shape(width: number): string {
  return `[rows, ${whole(width)}]`;
}

/** `2,000`. */
export function whole(value: number): string {
  return value.toLocaleString("en-US");
}

/** `136 → 64 → 1`. */
export function chain(dims: readonly number[]): string {
  return dims.map(whole).join(" → ");
}

/** `9,120 parameters`, `3 × 9,120 parameters`. */
export function parameters(amount: number, copies = 1): string {
  return `${copies === 1 ? "" : `${copies} × `}${count(amount, "parameter")}`;
}

/** `45.3 k`, `1.2 M`, `3.4 G`; below ten thousand as it is. */
export function rough(amount: number): string {
  if (amount < 1e4) return whole(amount);
  const [size, letter] = amount < 1e6 ? [1e3, "k"] : amount < 1e9 ? [1e6, "M"] : [1e9, "G"];
  const value = amount / size;
  return `${value < 100 ? value.toFixed(1) : whole(Math.round(value))} ${letter}`;
}

/** A gate in a box, below its name: what it is fed, its two layers, its range, its parameters. */
export function gateLines(gate: GateBlock, { switches }: ModelStructure): string[] {
  const units = gate.parts === 1 ? whole(gate.units) : `${gate.parts} × ${whole(gate.units / gate.parts)}`;
  return [
    `input ${whole(gate.prior)} + ${whole(gate.main)}`,
    `→ ${whole(gate.hidden)}, ReLU → ${units}`,
    switches.learnableGamma ? "γ · sigmoid, γ trained" : `${gate.gamma} · sigmoid`,
    parameters(gate.parameters),
  ];
}

/** Lines of a gate's box, its name included. */
export const GATE_LINES = 5;

/** What a gate is, for who hovers over it. `priorName`: the group that feeds it. */
export function gateHover(
  gate: GateBlock,
  priorName: string,
  mainName: string,
  { switches }: ModelStructure,
): string[] {
  const stopped = (isStopped: boolean): string => (isStopped ? " (gradient stopped)" : "");
  const each = gate.parts === 1 ? "" : `, ${whole(gate.units / gate.parts)} for each of ${gate.parts} tasks`;
  return [
    `input ${shape(gate.prior + gate.main)}: ${priorName} ${whole(gate.prior)}${stopped(switches.detachPriors)}, ${mainName} ${whole(gate.main)}${stopped(switches.stopGradient)}`,
    `first layer: ${chain([gate.prior + gate.main, gate.hidden])}, ReLU`,
    `second layer: ${chain([gate.hidden, gate.units])}`,
    `output ${shape(gate.units)}${each}, between 0 and ${switches.learnableGamma ? `a trained gamma that starts at ${gate.gamma}` : gate.gamma}`,
    parameters(gate.parameters),
  ];
}

/** `nn.ReLU` → `ReLU`; none where it is the identity. */
export function activationName(name: string): string | null {
  const short = name.replace(/^nn\./, "");
  return short === "" || short === "Identity" ? null : short;
}
