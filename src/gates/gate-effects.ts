import type { EncodedRows } from "../data/encoded/streamed.js";
import type { GateSite } from "../engine/engine.js";
import type { ReadingEngine } from "../engine/scaled-engine.js";
import { drawnUsers } from "../train/measure/task-rows.js";
import { type CounterfactualOptions, correctedIntervals } from "./counterfactual.js";
import { taskEffect } from "./effects.js";
import { predictAll, takeSample } from "./sample.js";
import type { GateEffects } from "./types.js";

function stepOf({ module, layer }: GateSite): string {
  return `${module} ${layer}`;
}

/** Holds each gate at 1, the tasks' gates of a layer together: no task reads another's. One correction for all. */
export async function gateEffects(
  engine: ReadingEngine,
  allRows: EncodedRows,
  options: CounterfactualOptions,
): Promise<GateEffects | null> {
  const { spec } = engine;
  const { data, numbers } = await takeSample(engine, allRows, options, "gate effects");
  if (data.rows === 0) return null;
  const sites = await engine.gates({ data, rows: Int32Array.of(0) });
  const users = options.users ? drawnUsers(options.users, numbers) : null;
  const before = await predictAll(engine, data, undefined, options.signal);
  const effects: { site: GateSite; tower: string; effect: ReturnType<typeof taskEffect> }[] = [];
  for (const step of new Set(sites.map(stepOf))) {
    const together = sites.filter((site) => stepOf(site) === step);
    const overrides = together.map(({ module, tower, layer }) => ({ module, tower, layer, where: null, values: 1 }));
    const after = await predictAll(engine, data, overrides, options.signal);
    for (const { values: _, ...site } of together) {
      spec.towers.forEach((tower, at) => {
        if (site.tower !== null && site.tower !== tower.name) return;
        const change = { tower, before: before[at]!, afters: [after[at]!] };
        effects.push({ site, tower: tower.name, effect: taskEffect(spec, data, change, numbers, users) });
      });
    }
  }
  const changes = correctedIntervals(effects.map(({ effect }) => effect.parts?.within ?? effect.overall.auc));
  return {
    user: options.users?.name ?? null,
    isWithinDomains: effects.some(({ effect }) => effect.parts !== null),
    cells: effects.map(({ site: { module, tower, layer }, tower: task }, at) => {
      return { module, tower, layer, task, auc: changes[at]! };
    }),
  };
}
