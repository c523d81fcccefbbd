/** What `fitDays` costs over 14 days, beside the steps of its trainings on rows that are encoded already. */
import { batches } from "../src/core/data/encoded/batches.js";
import type { EncodedData } from "../src/core/data/encoded/encoded.js";
import type { Table } from "../src/core/data/table/table.js";
import { createEngine } from "../src/core/engine/create-engine.js";
import { batchOptions } from "../src/core/train/loop/steps.js";
import { type AnyModel, type DailyTraining, dataset, driftingLog, idFeature, pepnet } from "../src/index.js";
import type { Measurement, Report } from "./figure.js";
import { cost, median, ratio } from "./timing.js";

const days = 14;
const rounds = 3;
const stepsAtOnce = 16;

/** Hidden layers of PPNet and of the tower: a model for a notebook, and one of the size of the sample config. */
const sizes = {
  small: { rowsPerDay: 5000, ppnet: [64, 32], tower: [32, 16] },
  sample: { rowsPerDay: 1000, ppnet: [512, 256], tower: [256, 128, 64] },
};

/** `fit-days`: warm, afresh on seven days, and frozen, after a first training on seven days. */
export const fitDaysMeasurement: Measurement = {
  name: "fit-days",
  async run(report) {
    for (const [name, { rowsPerDay, ppnet, tower }] of Object.entries(sizes)) {
      const log = driftingLog({ days, rowsPerDay, users: 2000, items: 300 });
      const model = pepnet()
        .features(
          idFeature("user_id").buckets(2000).embedding(16),
          idFeature("item_id").buckets(300).embedding(16),
          idFeature("scene").buckets(2).embedding(16),
        )
        .labels("clk")
        .group("domain", ["scene"])
        .group("uia", ["user_id", "item_id"])
        .epnet()
        .ppnet({ hidden: ppnet })
        .domains("scene", 2)
        .tower("ctr", (t) =>
          t
            .label("clk")
            .mlp(...tower)
            .bce(),
        )
        .train({ batchSize: 256, epochs: 1 });
      await measure(name, model as AnyModel, log.table, report);
    }
  },
};

async function measure(name: string, model: AnyModel, table: Table, report: Report): Promise<void> {
  const opened = () => dataset(table, { user: "user_id", item: "item_id", time: "ts" });
  const encoded = (await (await opened()).encode(model.spec)) as EncodedData;
  const { training } = model.spec;
  const options = batchOptions({ ...training, batchSize: 256 }, 0);
  let result: DailyTraining | null = null;
  const whole = async () => {
    result = await model.fitDays(await opened(), { quiet: true });
  };
  const steps = async () => {
    const engine = await createEngine(model.spec, { seed: 1, prepare: true });
    for (const { rows } of result!.trainings) {
      const all = [...batches({ ...encoded, rows }, options)];
      for (let at = 0; at < all.length; at += stepsAtOnce) await engine.train(all.slice(at, at + stepsAtOnce), 0);
    }
    await engine.dispose();
  };
  const [wholes, alone]: [number[], number[]] = [[], []];
  for (let round = -1; round < rounds; round++) {
    const [all, part] = [await cost(whole), await cost(steps)];
    if (round < 0) continue;
    wholes.push(all.cpu);
    alone.push(part.cpu);
  }
  report(`fit-days.${name}.cpu`, median(wholes), "ms");
  report(`fit-days.${name}.steps-cpu`, median(alone), "ms");
  report(`fit-days.${name}.over-steps`, ratio(wholes, alone), "ratio");
}
