/** Times the engine against its PyTorch peers. They take turns in short bursts; only one computes at a time. */

import { encode } from "../../src/core/data/encode/encode.js";
import { batches } from "../../src/core/data/encoded/batches.js";
import type { Batch } from "../../src/core/data/encoded/encoded.js";
import { openTable } from "../../src/core/data/table/open.js";
import type { Engine } from "../../src/core/engine/engine.js";
import type { ModelSpec } from "../../src/core/spec/model.js";
import { predict } from "../../src/core/train/evaluate.js";
import type { Measurement, Report } from "../figure.js";
import { rowsFor, sampleSpec, tasksSpec, withBatchSize } from "../models.js";
import { operationsOf, productsOf } from "../products.js";
import { sequenceRows, sequenceSpec } from "../sequence-model.js";
import { hasSmall, smallSpec, smallTrain, trainSmall } from "../small.js";
import { compiledEngine } from "../steppers.js";
import { batchPerRound, firstBatch, rowsForRounds, warmUpRounds } from "../steps.js";
import { inTurn, interleaved, median, ratio, type Work } from "../timing.js";
import { assertAgreement } from "./agreement.js";
import { TorchPeer } from "./peer.js";

/** Steps per burst and counted rounds, by batch size. */
const bursts = new Map([
  [8192, { steps: 2, rounds: 7 }],
  [2048, { steps: 4, rounds: 9 }],
]);

/** Number of rows for the exact comparison. */
const agreementRows = 256;

/** `torch-tasks-step`, `torch-sample-step`, `torch-predict`, `torch-small`, `sequence-step`. */
export const torchMeasurements: readonly Measurement[] = [
  measurement("sequence-step", sequenceSteps),
  measurement("torch-tasks-step", (peer, report) => wholeSteps(peer, "torch-tasks-step", tasksSpec(), report)),
  measurement("torch-sample-step", (peer, report) => wholeSteps(peer, "torch-sample-step", sampleSpec(), report)),
  measurement("torch-predict", prediction),
  measurement("torch-small", small),
];

/** A measurement with a separate peer, whose version is added to the figures. */
function measurement(name: string, work: (peer: TorchPeer, report: Report) => Promise<void>): Measurement {
  return {
    name,
    async run(report) {
      const peer = new TorchPeer();
      try {
        const { torch } = await peer.version();
        await work(peer, (figure, value, unit) => report(figure, value, unit, { torch }));
      } finally {
        await peer.dispose();
      }
    },
  };
}

/** A step with a sequence of 50 positions, whose matrix products are not counted. */
async function sequenceSteps(peer: TorchPeer, report: Report): Promise<void> {
  const spec = sequenceSpec();
  const burst = { steps: 2, rounds: 11 };
  const data = await sequenceRows(2048 * (warmUpRounds + burst.rounds));
  await assertAgreement(peer, spec, firstBatch(data, agreementRows));
  const engine = await compiledEngine(spec);
  await steps(
    peer,
    engine,
    { name: "sequence-step.2048", fresh: batchPerRound(data, 2048, burst.rounds), burst },
    report,
  );
  await engine.dispose();
}

async function wholeSteps(peer: TorchPeer, name: string, spec: ModelSpec, report: Report): Promise<void> {
  const data = await rowsFor(spec, rowsForRounds([...bursts.values()].map(({ rounds }) => rounds)));
  await assertAgreement(peer, spec, firstBatch(data, agreementRows));
  const engine = await compiledEngine(spec);
  for (const [batchSize, burst] of bursts) {
    const fresh = batchPerRound(data, batchSize, burst.rounds);
    const products = productsOf(spec, fresh[0] as Batch);
    const others = { products: () => peer.products(products) };
    const times = await steps(peer, engine, { name: `${name}.${batchSize}`, fresh, burst, others }, report);
    const alone = operationsOf(products) / 1e6 / median(times["products"]!);
    report(`${name}.${batchSize}.torch-products-alone`, alone, "GFLOPS");
  }
  await engine.dispose();
}

/** Steps to compare: batches by round, and other work to time in each round. */
interface Steps {
  readonly name: string;
  readonly fresh: readonly Batch[];
  readonly burst: { readonly steps: number; readonly rounds: number };
  readonly others?: Readonly<Record<string, Work>>;
}

/** Reports the steps of the engine and of both twins; returns the times of every candidate. */
async function steps(
  peer: TorchPeer,
  engine: Engine,
  { name, fresh, burst, others = {} }: Steps,
  report: Report,
): Promise<Record<string, number[]>> {
  for (const [index, batch] of fresh.entries()) await peer.batch(`timed.${index}`, batch);
  const candidates = {
    compiled: inTurn(fresh, async (batch) => {
      for (let step = 0; step < burst.steps; step++) await engine.step(batch, 0);
    }),
    plain: inTurn(fresh, (_, index) => peer.step("plain", `timed.${index}`, burst.steps)),
    savings: inTurn(fresh, (_, index) => peer.step("savings", `timed.${index}`, burst.steps)),
  };
  const rounds = { warmUp: warmUpRounds, rounds: burst.rounds };
  const times: Record<string, number[]> = await interleaved({ ...candidates, ...others }, rounds);
  const compiled = times["compiled"]!;
  for (const key of Object.keys(candidates)) report(`${name}.${key}`, median(times[key]!) / burst.steps, "ms");
  for (const key of ["plain", "savings"]) report(`${name}.compiled-over-${key}`, ratio(compiled, times[key]!), "ratio");
  return times;
}

async function prediction(peer: TorchPeer, report: Report): Promise<void> {
  const spec = tasksSpec();
  const data = await rowsFor(spec, 4 * 8192);
  await assertAgreement(peer, spec, firstBatch(data, agreementRows));
  const engine = await compiledEngine(spec);
  for (const batchSize of bursts.keys()) {
    const names: string[] = [];
    for (const batch of batches(data, { batchSize })) {
      await peer.batch(`predicted.${names.length}`, batch);
      names.push(`predicted.${names.length}`);
    }
    const times = await interleaved(
      {
        compiled: () => predict(engine, data, { batchSize }),
        plain: () => peer.predict("plain", names),
        savings: () => peer.predict("savings", names),
      },
      { rounds: 4 },
    );
    const at = `torch-predict.tasks.${batchSize}`;
    for (const [key, millis] of Object.entries(times))
      report(`${at}.${key}`, data.rows / (median(millis) / 1000), "rows/s");
    report(`${at}.rate-over-plain`, ratio(times.plain, times.compiled), "ratio");
    report(`${at}.rate-over-savings`, ratio(times.savings, times.compiled), "ratio");
  }
  await engine.dispose();
}

async function small(peer: TorchPeer, report: Report): Promise<void> {
  if (!hasSmall("torch-small")) return;
  const spec = smallSpec();
  const data = await encode(await openTable(smallTrain), spec);
  await assertAgreement(peer, spec, firstBatch(data, agreementRows));
  for (const batchSize of bursts.keys()) {
    const sizedSpec = withBatchSize(spec, batchSize);
    let rows = 0;
    const times = await interleaved(
      {
        compiled: async () => {
          rows = await trainSmall(sizedSpec);
        },
        plain: () => peer.trainFromParquet(smallTrain, sizedSpec, "plain"),
        savings: () => peer.trainFromParquet(smallTrain, sizedSpec, "savings"),
      },
      { rounds: 4 },
    );
    const at = `torch-small.${batchSize}`;
    for (const [key, took] of Object.entries(times)) report(`${at}.${key}`, rows / (median(took) / 1000), "rows/s");
    report(`${at}.rate-over-plain`, ratio(times.plain, times.compiled), "ratio");
    report(`${at}.rate-over-savings`, ratio(times.savings, times.compiled), "ratio");
  }
}
