/** What the gates cost: operations a row in training, by module, of the TorchEasyRec document's model. */
import { readFileSync } from "node:fs";
import { pepnet } from "../../src/api/model/model.js";
import { type ModelSize, modelSize } from "../../src/core/nn/plan/size.js";
import { bars } from "../../src/lab/views/bars.js";
import { compose, rowNames, xAxis } from "../../src/lab/views/compose.js";
import { TASKS } from "../../src/lab/views/theme.js";
import type { Figure } from "../../src/lab/views/view.js";
import { projectFile } from "./files.js";
import { type Picture, percent } from "./picture.js";

const names = ["EPNet's gate", "PPNet's gates", "PPNet's layers", "towers"] as const;

export function cost(): Picture {
  const model = pepnet.fromConfig(readFileSync(projectFile("configs", "pepnet_taobao.config"), "utf8"));
  const size = modelSize(model.spec);
  const bare = modelSize(model.switches({ epnet: false, ppnet: false }).spec);
  const own = [
    of(size, /^epnet/),
    minus(of(size, /^ppnet/), of(bare, /^ppnet/)),
    of(bare, /^ppnet/),
    of(size, /^tower/),
  ];
  const total = own.reduce((sum, { training }) => sum + training, 0);
  const gates = ((own[0] as Cost).training + (own[1] as Cost).training) / total;
  const title = `Gates are ${percent(gates)} of a training step's arithmetic; PPNet has a gate for each layer and task`;
  return {
    chart: { title, figure: figureOf(title, own) },
    says: {
      sample: `${size.groupDims.all} columns, ${model.spec.towers.length} tasks, PPNet ${model.spec.ppnet.hidden.join(" and ")}`,
      gates: `the gates are ${percent(gates)} of the arithmetic of a training step`,
      ratio: `${(size.trainingFlopsPerRow / bare.trainingFlopsPerRow).toFixed(1)} times the arithmetic of the same model without gates`,
      stop: `saves ${percent(1 - size.trainingFlopsPerRow / modelSize(model.switches({ stopGradient: false }).spec).trainingFlopsPerRow)} of it`,
    },
  };
}

function figureOf(title: string, own: readonly Cost[]): Figure {
  const kinds = ["forward", "backward"] as const;
  const values = {
    forward: own.map(({ forward }) => forward),
    backward: own.map(({ forward, training }) => training - forward),
  };
  const panel = {
    marks: kinds.map((kind, index) =>
      bars({
        at: [...names.keys()],
        values: values[kind].map((value) => value / 1e6),
        lying: true,
        width: 0.8,
        color: TASKS[1 - index]!,
        legend: { name: kind },
        hover: "none",
      }),
    ),
    xaxis: xAxis("million operations a row"),
    ...rowNames(names),
    left: 120,
  };
  return compose({ title, rows: [{ height: 190, panels: [panel] }], layout: { barmode: "stack" } });
}

interface Cost {
  readonly forward: number;
  readonly training: number;
}

function of({ modules }: ModelSize, pattern: RegExp): Cost {
  const own = modules.filter(({ module }) => pattern.test(module));
  return {
    forward: own.reduce((sum, { flopsPerRow }) => sum + flopsPerRow, 0),
    training: own.reduce((sum, { trainingFlopsPerRow }) => sum + trainingFlopsPerRow, 0),
  };
}

function minus(one: Cost, other: Cost): Cost {
  return { forward: one.forward - other.forward, training: one.training - other.training };
}
