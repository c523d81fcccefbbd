import { epnetGateName, gateOutputs, type Plan, ppnetGateName } from "../../nn/plan/index.js";
import type { GateGammas, GateSite } from "../engine.js";
import type { WeightStore } from "./weights/weight-store.js";

export interface GateOutput extends GateSite {
  readonly output: string;
}

/** EPNet's gate, then PPNet's by task and layer. A trained gamma has its current value. */
export function gateSites(plan: Plan, store: Pick<WeightStore, "parameters">, gammas: GateGammas = {}): GateOutput[] {
  const gateGamma = (gate: string, fixed: number) =>
    store.parameters.find((p) => p.name === `${gate}.gamma`)?.values[0] ?? fixed;
  const { epnet, ppnet } = plan.spec;
  const unitsOf = new Map(gateOutputs(plan).map(({ output, units }) => [output, units]));
  const sites: GateOutput[] = [];
  if (plan.epnet !== null) {
    const gamma = gateGamma(epnetGateName, gammas.epnet ?? epnet.gamma);
    sites.push({ module: "epnet", tower: null, layer: 0, units: plan.dims.all, gamma, output: "gate.epnet" });
  }
  if (!plan.ppnet?.gated) return sites;
  for (const task of plan.tasks) {
    task.ppnet.forEach((_, layer) => {
      const gamma = gateGamma(ppnetGateName(plan, task.index, layer), gammas.ppnet ?? ppnet.gamma);
      const output = `gate.ppnet.${task.index}.${layer}`;
      const units = unitsOf.get(output)!;
      sites.push({ module: "ppnet", tower: task.tower.name, layer, units, gamma, output });
    });
  }
  return sites;
}
