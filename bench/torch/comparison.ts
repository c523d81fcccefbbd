/** Times the engine against its PyTorch peers. They take turns in short bursts; only one computes at a time. */
import { type Batch, batches, encode, openTable } from "../../src/data/index.js";
import type { ModelSpec } from "../../src/spec/index.js";
import { predict } from "../../src/train/index.js";
import type { Measurement, Report } from "../figure.js";
import { rowsFor, sampleSpec, tasksSpec, withBatchSize } from "../models.js";
import { operationsOf, productsOf } from "../products.js";
import { hasSmall, smallSpec, smallTrain, trainSmall } from "../small.js";
import { compiledEngine } from "../steppers.js";
import { batchPerRound, firstBatch, rowsForRounds, warmUpRounds } from "../steps.js";
import { inTurn, interleaved, median, ratio } from "../timing.js";
import { assertAgreement } from "./agreement.js";
import { TorchPeer } from "./peer.js";

/** Steps per burst and counted rounds, by batch size. */
const bursts = new Map([
  [8192, { steps: 2, rounds: 7 }],
  [2048, { steps: 4, rounds: 9 }],
]);

/** Number of rows for the exact comparison. */
const agreementRows = 256;

/** `torch-tasks-step`, `torch-sample-step`, `torch-predict`, `torch-small`. */
export const torchMeasurements: readonly Measurement[] = [
  measurement("torch-tasks-step", (peer, report) => steps(peer, "torch-tasks-step", tasksSpec(), report)),
  measurement("torch-sample-step", (peer, report) => steps(peer, "torch-sample-step", sampleSpec(), report)),
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

async function steps(peer: TorchPeer, name: string, spec: ModelSpec, report: Report): Promise<void> {
  const data = await rowsFor(spec, rowsForRounds([...bursts.values()].map(({ rounds }) => rounds)));
  await assertAgreement(peer, spec, firstBatch(data, agreementRows));
  const engine = await compiledEngine(spec);
  for (const [batchSize, burst] of bursts) {
    const fresh = batchPerRound(data, batchSize, burst.rounds);
    for (const [index, batch] of fresh.entries()) await peer.batch(`timed.${index}`, batch);
    const products = productsOf(spec, fresh[0] as Batch);
    const times = await interleaved(
      {
        compiled: inTurn(fresh, async (batch) => {
          for (let step = 0; step < burst.steps; step++) await engine.step(batch, 0);
        }),
        plain: inTurn(fresh, (_, index) => peer.step("plain", `timed.${index}`, burst.steps)),
        savings: inTurn(fresh, (_, index) => peer.step("savings", `timed.${index}`, burst.steps)),
        products: () => peer.products(products),
      },
      { warmUp: warmUpRounds, rounds: burst.rounds },
    );
    const at = `${name}.${batchSize}`;
    for (const key of ["compiled", "plain", "savings"] as const)
      report(`${at}.${key}`, median(times[key]) / burst.steps, "ms");
    report(`${at}.compiled-over-plain`, ratio(times.compiled, times.plain), "ratio");
    report(`${at}.compiled-over-savings`, ratio(times.compiled, times.savings), "ratio");
    report(`${at}.torch-products-alone`, operationsOf(products) / 1e6 / median(times.products), "GFLOPS");
  }
  await engine.dispose();
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
