/** Formats shapes, gates and amounts as text. */
import type { GateBlock, ModelStructure } from "../../spec/index.js";
import { shapeText } from "../../tables/index.js";
import { count, grouped } from "../../util/text/format.js";

/** `136 → 64 → 1`. */
export function chain(dims: readonly number[]): string {
  return dims.map(grouped).join(" → ");
}

/** `9,120 parameters`, `3 × 9,120 parameters`. */
export function parameters(amount: number, copies = 1): string {
  return `${copies === 1 ? "" : `${copies} × `}${count(amount, "parameter")}`;
}

/** `45.3 k`, `1.2 M`, `3.4 G`; below ten thousand unchanged. */
export function rough(amount: number): string {
  if (amount < 1e4) return grouped(amount);
  const [unit, letter] = amount < 1e6 ? [1e3, "k"] : amount < 1e9 ? [1e6, "M"] : [1e9, "G"];
  const value = amount / unit;
  return `${value < 100 ? value.toFixed(1) : grouped(Math.round(value))} ${letter}`;
}

/** The lines of a gate's box below its name: input, two layers, range, parameters. */
export function gateLines(gate: GateBlock, { switches }: ModelStructure): string[] {
  const units = gate.parts === 1 ? grouped(gate.units) : `${gate.parts} × ${grouped(gate.units / gate.parts)}`;
  return [
    `input ${grouped(gate.prior)} + ${grouped(gate.main)}`,
    `→ ${grouped(gate.hidden)}, ReLU → ${units}`,
    switches.learnableGamma ? "γ · sigmoid, γ trained" : `${gate.gamma} · sigmoid`,
    parameters(gate.parameters),
  ];
}

/** Lines of a gate's box, its name included. */
export const GATE_LINES = 5;

/** The hover text of a gate. @param priorName the group of its prior */
export function gateHover(
  gate: GateBlock,
  priorName: string,
  mainName: string,
  { switches }: ModelStructure,
): string[] {
  const stopped = (isStopped: boolean): string => (isStopped ? " (gradient stopped)" : "");
  const each = gate.parts === 1 ? "" : `, ${grouped(gate.units / gate.parts)} for each of ${gate.parts} tasks`;
  const prior = `${priorName} ${grouped(gate.prior)}${stopped(switches.detachPriors)}`;
  const main = `${mainName} ${grouped(gate.main)}${stopped(switches.stopGradient)}`;
  const range = switches.learnableGamma ? `a trained gamma that starts at ${gate.gamma}` : gate.gamma;
  return [
    `input ${shapeText(gate.prior + gate.main)}: ${prior}, ${main}`,
    `first layer: ${chain([gate.prior + gate.main, gate.hidden])}, ReLU`,
    `second layer: ${chain([gate.hidden, gate.units])}`,
    `output ${shapeText(gate.units)}${each}, between 0 and ${range}`,
    parameters(gate.parameters),
  ];
}

/** `nn.ReLU` → `ReLU`; `null` for the identity. */
export function activationName(name: string): string | null {
  const short = name.replace(/^nn\./, "");
  return short === "" || short === "Identity" ? null : short;
}
