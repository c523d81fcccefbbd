/** Gates of models that were trained on labels without signal. */
import { random } from "../../../src/core/util/random.js";
import type { Rate } from "../../rates.js";
import { model, rows } from "./planted.js";

const trainings = 12;

export async function nullGates(): Promise<Rate[]> {
  let [worth, moved] = [0, 0];
  for (let seed = 1; seed <= trainings; seed++) {
    const source = random(seed);
    const noise = (count: number, seedOfRows: number) => ({
      ...rows(count, seedOfRows, false),
      clk: Array.from({ length: count }, () => (source.uniform() < 0.3 ? 1 : 0)),
    });
    const [data, validation] = [noise(4000, seed), noise(1500, seed + 50)];
    const run = await model.fit(data, { validation, seed, epochs: 2, quiet: true });
    if ((await run.gates()).effects!.cells.some(({ auc }) => auc.adjustedPValue! < 0.05)) worth++;
    const { effects } = await run.counterfactual();
    if (effects.some(({ tasks }) => tasks[0]!.parts!.within.adjustedPValue! < 0.05)) moved++;
    await run.dispose();
  }
  const of = { of: trainings, atMost: 3 };
  return [
    { name: "trainings on noise with a gate that is worth something", wrong: worth, ...of },
    { name: "trainings on noise with a change within domains", wrong: moved, ...of },
  ];
}
