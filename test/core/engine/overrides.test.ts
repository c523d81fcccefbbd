/** Predictions with gates overridden: the same on every engine, and what the layers would give. */
import { afterEach, describe, expect, test } from "vitest";
import { createEngine } from "../../../src/core/engine/create-engine.js";
import type { Engine, EngineName, GateOverride, TowerOutput } from "../../../src/core/engine/engine.js";
import type { ModelSpec } from "../../../src/core/spec/model.js";
import { toyData, toySpec, toyWith } from "./toy.js";

const open: Engine[] = [];
const data = toyData(64);
const batch = { data, rows: Int32Array.from({ length: 64 }, (_, row) => row) };

afterEach(async () => {
  for (const engine of open.splice(0)) await engine.dispose();
});

async function trained(spec: ModelSpec, engine: EngineName, from?: Engine): Promise<Engine> {
  const made = await createEngine(spec, { engine, ...(from ? { weights: await from.weights() } : {}) });
  open.push(made);
  if (from === undefined) for (let step = 0; step < 10; step++) await made.step(batch, 0);
  return made;
}

const logits = (outputs: readonly TowerOutput[]): number[] => outputs.flatMap((output) => Array.from(output.logits));
function expectClose(got: readonly number[], expected: readonly number[], digits: number): void {
  expect(got).toHaveLength(expected.length);
  for (const [i, logit] of got.entries()) expect(logit).toBeCloseTo(expected[i] as number, digits);
}
const epnet = { module: "epnet", tower: null, layer: 0, where: null } as const;
const ppnet = (tower: string, layer: number) => ({ module: "ppnet", tower, layer, where: null }) as const;

describe.each<EngineName>(["compiled", "cpu"])("on the %s engine", (name) => {
  test("no override, and the gate's own values as one, change nothing", async () => {
    const engine = await trained(toySpec, name);
    const plain = logits(await engine.predict(batch));
    expect(logits(await engine.predict(batch, []))).toEqual(plain);
    const row = { data, rows: Int32Array.of(7) };
    const overrides = (await engine.gates(row)).map((gate): GateOverride => ({ ...gate, where: null }));
    const own = logits(await engine.predict(row, overrides));
    expectClose(own, logits(await engine.predict(row)), 5);
  });

  test("gates at 1 give what the model without them gives", async () => {
    const engine = await trained(toySpec, name);
    const ones = ["ctr", "cvr"].flatMap((tower) => [0, 1].map((layer) => ({ ...ppnet(tower, layer), values: 1 })));
    const without = await trained(toyWith({ switches: { ...toySpec.switches, ppnet: false } }), "cpu", undefined);
    const weights = await engine.weights();
    const kept = new Map([...(await without.weights()).keys()].map((key) => [key, weights.get(key)!]));
    const bare = await createEngine(without.spec, { engine: "cpu", weights: kept });
    open.push(bare);
    const expected = logits(await bare.predict(batch));
    expectClose(logits(await engine.predict(batch, ones)), expected, 5);
  });

  test("an override by domain reaches each domain's rows, one of some units those units", async () => {
    const engine = await trained(toySpec, name);
    const plain = await engine.predict(batch);
    const [gate] = await engine.gates(batch);
    const units = gate!.units;
    const at = (value: number): number[] => new Array(units).fill(value);
    const byDomain = await engine.predict(batch, [{ ...epnet, values: [at(0.5), at(1), at(2)] }]);
    for (const [domain, value] of [0.5, 1, 2].entries()) {
      const all = await engine.predict(batch, [{ ...epnet, values: value }]);
      for (let row = 0; row < 64; row++) {
        if (data.domains![row] !== domain) continue;
        expect(byDomain[0]!.logits[row]).toBeCloseTo(all[0]!.logits[row]!, 5);
      }
    }
    const one = Array.from({ length: units }, (_, unit) => unit === 2);
    const some = await engine.predict({ data, rows: Int32Array.of(3) }, [{ ...epnet, where: one, values: 0 }]);
    const values = Array.from(gate!.values.subarray(3 * units, 4 * units), (value, unit) => (unit === 2 ? 0 : value));
    const whole = await engine.predict({ data, rows: Int32Array.of(3) }, [{ ...epnet, values }]);
    expect(some[0]!.logits[0]).toBeCloseTo(whole[0]!.logits[0]!, 5);
    expect(some[0]!.logits[0]).not.toBeCloseTo(plain[0]!.logits[3]!, 5);
  });

  test("a gate that is not there, and another number of units, are refused; the engine works on", async () => {
    const engine = await trained(toySpec, name);
    await expect(engine.predict(batch, [{ ...ppnet("ctr", 5), values: 1 }])).rejects.toThrow(/no such gate/);
    await expect(engine.predict(batch, [{ ...epnet, values: [1, 2] }])).rejects.toThrow(
      /the size of the override differs from the gate/,
    );
    expect(logits(await engine.predict(batch)).every(Number.isFinite)).toBe(true);
  });
});

test.each([
  ["TorchEasyRec's placement", toySpec],
  [
    "the paper's placement, a trained gamma",
    toyWith({ switches: { ...toySpec.switches, gatePlacement: "input", learnableGamma: true } }),
  ],
  ["no domains", toyWith({ domains: null, labels: ["clk", "buy"] })],
  ["no gates at all", toyWith({ groups: [] })],
])("compiled and eager agree: %s", async (_, spec) => {
  const compiled = await trained(spec, "compiled");
  const eager = await trained(spec, "cpu", compiled);
  const gates = await compiled.gates(batch);
  const cases: GateOverride[][] = [[], ...gates.map((gate): GateOverride[] => [{ ...gate, where: null, values: 1.3 }])];
  for (const overrides of cases) {
    const [a, b] = [await compiled.predict(batch, overrides), await eager.predict(batch, overrides)].map(logits);
    expectClose(a as number[], b as number[], 4);
  }
});
