/** Variants that train in one program have the bits that each has alone, whatever their model and their company. */
import { expect, test } from "vitest";
import { createCompiledEngine } from "../../src/engine/compiled/compiled-engine.js";
import { EngineGroup } from "../../src/engine/compiled/group.js";
import type { Engine, EngineState } from "../../src/engine/engine.js";
import type { ModelSpec } from "../../src/spec/model.js";
import { toyData, toySpec } from "./toy.js";

const data = toyData(100);

/** Batches of 37 rows, so that nothing begins where vectors do. */
function batches(from: number): Int32Array[] {
  return Array.from({ length: 3 }, (_, at) =>
    Int32Array.from({ length: 37 - at * 11 }, (_, row) => (row * 13 + at * 7 + from) % 100),
  );
}

async function state(engine: Engine): Promise<EngineState> {
  for (const epoch of [0, 1]) {
    const left = batches(epoch).map((rows) => ({ data, rows }));
    while (left.length > 0) left.splice(0, (await engine.train(left, epoch)).length);
  }
  return engine.state();
}

async function alone(spec: ModelSpec): Promise<EngineState> {
  const engine = await createCompiledEngine(spec, { threads: 1 });
  const trained = await state(engine);
  await engine.dispose();
  return trained;
}

async function together(specs: readonly ModelSpec[]): Promise<EngineState[]> {
  const { places } = new EngineGroup(specs.length);
  return Promise.all(
    specs.map(async (spec, at) => {
      const engine = await places[at]!.open(spec, spec.training.seed);
      const trained = await state(engine);
      await engine.dispose();
      return trained;
    }),
  );
}

function differences(a: EngineState, b: EngineState): string[] {
  expect([...a.weights.keys()]).toEqual([...b.weights.keys()]);
  return (["weights", "slots"] as const).flatMap((part) =>
    [...a[part]].flatMap(([name, { data }]) => {
      const other = b[part].get(name)!.data;
      return data.every((value, i) => Object.is(value, other[i])) ? [] : [`${part} ${name}`];
    }),
  );
}

const training = { ...toySpec.training, batchSize: 37 };

function gammas(spec: ModelSpec): ModelSpec[] {
  return [0.5, 1, 2, 3, 5].map((gamma) => ({
    ...spec,
    training,
    epnet: { ...spec.epnet, gamma },
    ppnet: { ...spec.ppnet, gamma: gamma / 2 },
  }));
}

test("toy", async () => {
  const specs = gammas(toySpec);
  const [lone, joined] = [[] as EngineState[], await together(specs)];
  for (const spec of specs) lone.push(await alone(spec));
  expect(lone.map((each, at) => differences(each, joined[at]!))).toEqual(specs.map(() => []));
  expect(differences(lone[0]!, lone[1]!)).not.toEqual([]);
});
