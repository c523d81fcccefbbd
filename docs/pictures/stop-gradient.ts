/** The stopped gradient: what flows back through the gates into the embeddings, with and without the stop. */

import { takeRows } from "../../src/core/data/encoded/streamed.js";
import type { Gradients } from "../../src/core/engine/engine.js";
import type { Dataset, Run } from "../../src/index.js";
import { sampleRows } from "../../src/lab/gates/sample.js";
import { bars, sideBySide } from "../../src/lab/views/bars.js";
import { compose, rowNames, xAxis } from "../../src/lab/views/compose.js";
import { TASKS } from "../../src/lab/views/theme.js";
import type { Figure } from "../../src/lab/views/view.js";
import { exampleModel } from "./example.js";
import { claim, type Picture } from "./picture.js";
import type { Trained } from "./trained.js";

export async function stopGradient(trained: Trained): Promise<Picture> {
  const flowing = exampleModel().switches({ stopGradient: false });
  const runs = [await trained.pepnet(), await trained.fit("no stop", flowing)];
  const { test } = await trained.rows();
  const reports = await Promise.all(runs.map((run) => gradientsOf(run, test)));
  const paths = reports.map((report) => report.paths);
  const backbone = reports.map((report) => report.parts.find(({ module }) => module === "embeddings")?.norm ?? 0);
  const norms = runs.map((_, index) => [
    backbone[index] as number,
    ...["epnet", "ppnet"].map(
      (module) => paths[index]?.find((path) => path.module === module && path.input === "main")?.norm ?? 0,
    ),
  ]);
  const title = claim(
    norms[0]?.[1] === 0 && norms[0]?.[2] === 0 && (norms[1]?.[1] ?? 0) > 0 && (norms[1]?.[2] ?? 0) > 0,
    "With the stop, nothing flows back through the gates into the embeddings they read",
  );
  return {
    chart: { title, figure: figureOf(title, norms) },
    says: {
      flowing: `${norms[1]?.[1]?.toPrecision(2)} through EPNet's gates and ${norms[1]?.[2]?.toPrecision(2)} through PPNet's`,
    },
  };
}

/** On rows of the sample that `run.gates()` takes. */
async function gradientsOf(run: Run, test: Dataset): Promise<Gradients> {
  const sample = sampleRows(test.rows, 10_000, run.spec.training.seed, "gates");
  const { data, rows } = await takeRows(await test.encode(run.spec), sample);
  const some = Int32Array.from({ length: 2048 }, (_, at) => rows[Math.floor((at * rows.length) / 2048)]!);
  return run.subject().engine.use((engine) => engine.gradients({ data, rows: some }));
}

function figureOf(title: string, norms: readonly (readonly number[])[]): Figure {
  const names = ["into the embeddings, all ways", "through EPNet's gates", "through PPNet's gates"];
  const panel = {
    marks: norms.map((values, index) =>
      bars({
        at: sideBySide(names.length, index, norms.length),
        values: values.map((value) => Number(value.toPrecision(3))),
        lying: true,
        width: 0.4,
        color: TASKS[index]!,
        words: values.map((value) => (value === 0 ? "0" : value.toPrecision(2))),
        legend: { name: index === 0 ? "stopped" : "not stopped" },
        hover: "none",
      }),
    ),
    xaxis: xAxis("norm of the loss's gradient", { range: [0, 1.18 * Math.max(...norms.flat())], nticks: 6 }),
    ...rowNames(names, { letters: 32 }),
    left: 200,
  };
  return compose({ title, rows: [{ height: 190, panels: [panel] }] });
}
