/** What variants share beside each other: operations of a step, and arrays that the program is given and returns. */
import { readFileSync } from "node:fs";
import { pepnet } from "../../src/api/model/model.js";
import { lowerProgram } from "../../src/core/jit/compile.js";
import { programSignature } from "../../src/core/nn/plan/inputs.js";
import { planModel } from "../../src/core/nn/plan/plan.js";
import { makeProgram } from "../../src/core/nn/program.js";
import { bars } from "../../src/lab/views/bars.js";
import { compose, rowNames, xAxis } from "../../src/lab/views/compose.js";
import { TASKS } from "../../src/lab/views/theme.js";
import { projectFile } from "./files.js";
import type { Picture } from "./picture.js";

const variants = 9;
const names = ["operations", "arrays in and out"] as const;

export function together(): Picture {
  const { spec } = pepnet.fromConfig(readFileSync(projectFile("configs", "pepnet_taobao.config"), "utf8"));
  const plan = planModel(spec);
  const [alone, joined] = (["plain", "joined"] as const).map((flavour) => {
    const graph = lowerProgram(makeProgram(plan, "train"), programSignature(plan, "train"), flavour);
    return [graph.nodes.length, graph.inputs.length + graph.outputs.length];
  }) as [number[], number[]];
  const series = [
    { name: `${variants} variants, each alone`, values: alone.map((count) => count * variants), color: TASKS[0]! },
    { name: `${variants} variants together`, values: joined, color: TASKS[1]! },
  ];
  const share = (joined[0]! / (alone[0]! * variants)).toFixed(2);
  const title = `Together, ${variants} variants take ${share} of the operations that they take one by one`;
  const panel = {
    marks: series.map(({ name, values, color }, index) =>
      bars({
        at: names.map((_, row) => row + (index - 0.5) * 0.38),
        values,
        color,
        lying: true,
        width: 0.36,
        legend: { name },
        hover: "none",
      }),
    ),
    xaxis: xAxis("in a step"),
    ...rowNames(names),
    left: 120,
  };
  return { chart: { title, figure: compose({ title, rows: [{ height: 170, panels: [panel] }] }) }, says: {} };
}
