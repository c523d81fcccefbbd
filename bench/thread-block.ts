/**
 * Measures how long training blocks the notebook's thread: the longest delay of its event loop during a whole
 * `model.fit` in a cell, with encoding, live chart, evaluations and the final picture. Also measures how soon an
 * interrupt is noticed.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { type Dataset, dataset } from "../src/api/data/dataset.js";
import { modelFromSpec } from "../src/api/model/model.js";
import type { ModelSpec } from "../src/core/spec/model.js";
import { notebookDisplaySymbol } from "../src/core/util/interrupt.js";
import type { Measurement, Report } from "./figure.js";
import { logFor, tasksSpec, withBatchSize } from "./models.js";
import { hasSmall, smallSpec, smallTrain } from "./small.js";

const rows = 120_000;

/** `thread-block`. */
export const threadBlockMeasurement: Measurement = {
  name: "thread-block",
  async run(report) {
    if (hasSmall("thread-block.small")) await measureFits("small", smallSpec(), await dataset(smallTrain), report);
    await measureFits("tasks", withBatchSize(tasksSpec(), 2048), await dataset(logFor(rows, 0.05).columns), report);
  },
};

/** `interrupt`, on *tasks*. */
export const interruptMeasurement: Measurement = {
  name: "interrupt",
  async run(report) {
    await measureInterrupt(withBatchSize(tasksSpec(), 2048), await dataset(logFor(rows, 0.05).columns), report);
  },
};

async function measureFits(name: string, spec: ModelSpec, data: Dataset, report: Report): Promise<void> {
  await inNotebook(async () => {
    const model = modelFromSpec({ ...spec, training: { ...spec.training, steps: null, epochs: 1 } });
    // The first fit also loads TF.js, onnxruntime's binding and the chart library, so it is reported separately.
    const first = await longestDelay(() => model.fit(data));
    const later = await longestDelay(() => model.fit(data));
    report(`thread-block.${name}.longest`, Math.max(first, later), "ms");
    report(`thread-block.${name}.first-fit`, first, "ms");
    report(`thread-block.${name}.later-fit`, later, "ms");
  });
}

async function measureInterrupt(spec: ModelSpec, data: Dataset, report: Report): Promise<void> {
  await inNotebook(async (controller) => {
    const long = modelFromSpec({ ...spec, training: { ...spec.training, steps: 100_000, epochs: null } });
    const running = long.fit(data);
    await sleep(3_000);
    // A signal, like a kernel's interrupt; this thread notices it at its next turn.
    const sent = performance.now();
    process.once("SIGINT", () => {
      report("interrupt.flagged", performance.now() - sent, "ms");
      controller.abort();
    });
    process.kill(process.pid, "SIGINT");
    await running;
    report("interrupt.fit-returns", performance.now() - sent, "ms");
  });
}

async function inNotebook(work: (controller: AbortController) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const notebook = {
    display: () => ({ update: () => {} }),
    interruption: () => controller.signal,
    beginWork: () => () => {},
    clear: () => {},
  };
  const globals = globalThis as unknown as Record<symbol, unknown>;
  Object.defineProperty(globals, notebookDisplaySymbol, { value: notebook, configurable: true });
  try {
    await work(controller);
  } finally {
    delete globals[notebookDisplaySymbol];
  }
}

/** The longest delay of the event loop during the work, in milliseconds. */
async function longestDelay(work: () => Promise<unknown>): Promise<number> {
  const resolution = 5;
  const monitor = monitorEventLoopDelay({ resolution });
  monitor.enable();
  await sleep(50); // the monitor starts with its first turn
  monitor.reset();
  await work();
  await sleep(50);
  monitor.disable();
  return Math.max(0, monitor.max / 1e6 - resolution);
}
