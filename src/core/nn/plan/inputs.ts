/** The inputs of each program: names, types and shapes, with symbols for row counts. Does not use TF.js. */
import { sessionFeature } from "../../spec/losses.js";
import type { Site } from "../../spec/model.js";
import type { ProgramInput, ProgramProduct, ProgramSignature, ProgramSizes } from "../../tfjs/program.js";
import { batchNorms, buffers, inverseName, programParameters } from "./parameters.js";
import {
  branchPrefix,
  branchRows,
  type DropoutSite,
  encoderSites,
  epnetGateName,
  groupNames,
  type Plan,
  ppnetGateName,
  readEncoders,
  readViews,
  type TaskPlan,
  taskSites,
} from "./plan.js";

/**
 * The programs. `probe`: `predict` with gate overrides; `gradients`: `train` without dropout, with gradients of gates'
 * main inputs.
 */
export type ProgramName = "train" | "predict" | "probe" | "gates" | "attention" | "gradients";

export function programSignature(
  plan: Plan,
  program: ProgramName,
  training: boolean = program === "train",
): ProgramSignature {
  const inputs = programParameters(plan).map(
    ({ name, shape }): ProgramInput => ({ ...float(name, shape), isParameter: true }),
  );
  if (training) inputs.push(...normInputs(plan));
  if (!training) {
    for (const { name, shape } of buffers(plan))
      if (!name.endsWith("num_batches_tracked")) inputs.push(float(name, shape));
  }
  for (const group of groupNames(plan)) {
    const width = plan.inputDims[group] ?? 0;
    if (width > 0) inputs.push(float(group, ["rows", width]));
  }
  inputs.push(...sequenceInputs(plan));
  if (!plan.spec.switches.learnableGamma) {
    if (plan.epnet !== null) inputs.push(float("epnet.gamma", []));
    if (plan.ppnet?.gated) inputs.push(float("ppnet.gamma", []));
  }
  if (program === "probe") inputs.push(...overrideInputs(plan));
  if (program === "gradients") inputs.push(...gatePaths(plan).map((name) => float(name, ["rows", plan.dims.all])));
  const sizes: ProgramSizes[] = [];
  const addDomains = (prefix: string, total: string) => {
    if (plan.chunkRows !== null) inputs.push(...chunkInputs(prefix, total, plan.chunkRows));
    else if (plan.towers > 1) sizes.push({ name: `${prefix}sizes`, symbols: domainSymbols(plan, total), total });
  };
  addDomains("", "rows");
  if (program === "train" || program === "gradients") {
    if (training) inputs.push(...dropoutInputs(encoderSites(plan)));
    if (program === "train") inputs.push(...lossWeightInputs(plan).map((name) => float(name, [])));
    for (const task of plan.tasks) {
      inputs.push(...taskInputs(task));
      if (training) inputs.push(...dropoutInputs(taskSites(task)));
      if (task.restricted) addDomains(branchPrefix(task), branchRows(task));
    }
  }
  const products = readViews(plan).map(({ name }): ProgramProduct => {
    return { symbol: `positions.${name}`, factors: ["rows", `longest.${name}`] };
  });
  return { inputs, sizes, products };
}

/** The inputs of a branch with its chunks, whose rows have one domain each. */
function chunkInputs(prefix: string, rows: string, chunkRows: number): ProgramInput[] {
  const chunks = `${prefix}chunks`;
  return [
    // The sorted row at each place of a chunk; unused places repeat one.
    { name: `${chunks}.rows`, dtype: "int32", shape: [chunks, chunkRows], ofRows: true },
    { name: `${chunks}.domain`, dtype: "int32", shape: [chunks], ofRows: true },
    // 1 at the places of rows, 0 at unused ones.
    ofRows(`${chunks}.inside`, [chunks, chunkRows, 1]),
    // The place of each sorted row among those of all chunks.
    { name: `${chunks}.places`, dtype: "int32", shape: [rows], ofRows: true },
  ];
}

/** The inputs with the weights of losses, in their order; none if training sums them. */
export function lossWeightInputs({ spec, tasks }: Plan): string[] {
  if (spec.training.lossWeights !== "pareto") return [];
  return tasks.flatMap(({ index, tower }) => tower.losses.map((_, place) => `${lossName(index, place)}.weight`));
}

export function lossName(task: number, place: number): string {
  return `loss.${task}.${place}`;
}

/** The inverses of the numbers of rows, and of positions of sequences, for norms. */
function normInputs(plan: Plan): ProgramInput[] {
  const counted = batchNorms(plan).map(({ view, domain }) => {
    return view === null ? inverseName(domain) : `positions.${view}.inverse`;
  });
  return [...new Set(counted)].map((name) => ofRows(name, []));
}

function sequenceInputs(plan: Plan): ProgramInput[] {
  const windows = readEncoders(plan).flatMap(({ name, encoder, view }) =>
    encoder.kind === "multi_window_din"
      ? [ofRows(`windows.${name}`, [encoder.windows.length, `longest.${view.name}`])]
      : [],
  );
  const views = readViews(plan).flatMap(({ name, width, queryWidth }) => [
    float(`sequence.${name}`, [`positions.${name}`, width]),
    ...(queryWidth > 0 ? [float(`query.${name}`, ["rows", queryWidth])] : []),
    ofRows(`mask.${name}`, ["rows", `longest.${name}`]),
    ofRows(`length.${name}`, ["rows", 1]),
    ofRows(`length.${name}.whole`, ["rows", 1]),
  ]);
  return [...views, ...windows];
}

function taskInputs(task: TaskPlan): ProgramInput[] {
  const name = `task.${task.index}`;
  const rows = branchRows(task);
  const inputs = [
    ofRows(`${name}.target`, [rows, task.tower.numClass]),
    float(`${name}.coefficient`, [rows, 1]),
    ...sessionInputs(task).map((session) => ofRows(session.input, [rows, 1])),
  ];
  if (!task.restricted) return inputs;
  return [
    { name: `${name}.rows`, dtype: "int32", shape: [rows], ofRows: true },
    { name: `${name}.inverse`, dtype: "int32", shape: ["rows"], ofRows: true },
    ofRows(`${name}.inside`, ["rows", 1]),
    ...inputs,
  ];
}

/** The inputs with the session of each row, by loss: small whole numbers. */
export function sessionInputs({ index, tower }: TaskPlan): { readonly input: string; readonly feature: string }[] {
  return tower.losses.flatMap((loss, place) => {
    const feature = sessionFeature(loss);
    return feature === null ? [] : [{ input: sessionInput(index, place), feature }];
  });
}

export function sessionInput(task: number, loss: number): string {
  return `task.${task}.session.${loss}`;
}

function dropoutInputs(sites: readonly DropoutSite[]): ProgramInput[] {
  return sites.flatMap(({ name, shape }): ProgramInput[] => [
    { name: `${name}.mask`, dtype: "bool", shape },
    float(`${name}.scale`, []),
  ]);
}

function overrideInputs(plan: Plan): ProgramInput[] {
  const gates = gateOutputs(plan);
  if (gates.length === 0) return [];
  return [
    { name: "override.entries", dtype: "int32", shape: ["rows"] },
    ...gates.flatMap(({ output, units }) => [
      float(`${output}.keep`, [units]),
      float(`${output}.given`, [overrideEntries(plan), units]),
    ]),
  ];
}

/** Where a module's gates read the main input: `gradients` adds zeros there, whose gradient is the path's. */
export function gatePaths(plan: Plan): string[] {
  return [...(plan.epnet === null ? [] : ["path.epnet"]), ...(plan.ppnet?.gated ? ["path.ppnet"] : [])];
}

/** Number of entries of an override: one per domain, or one for all rows. */
export function overrideEntries(plan: Plan): number {
  return plan.spec.domains?.count ?? 1;
}

export interface GateOutputPlan extends Site {
  /** `gate.epnet` or `gate.ppnet.{task}.{layer}`. */
  readonly output: string;
  readonly parameters: string;
  readonly units: number;
}

/** The gates that a program returns: EPNet's, then PPNet's by task and layer. */
export function gateOutputs(plan: Plan): GateOutputPlan[] {
  const gates: GateOutputPlan[] = [];
  if (plan.epnet !== null) {
    const units = plan.dims.all;
    gates.push({ output: "gate.epnet", parameters: epnetGateName, module: "epnet", tower: null, layer: 0, units });
  }
  const inputPlaced = plan.spec.switches.gatePlacement === "input";
  for (const { index, tower, ppnet } of plan.ppnet?.gated ? plan.tasks : []) {
    ppnet.forEach(({ inDim, outDim }, layer) => {
      gates.push({
        output: `gate.ppnet.${index}.${layer}`,
        parameters: ppnetGateName(plan, index, layer),
        module: "ppnet",
        tower: tower.name,
        layer,
        units: inputPlaced ? inDim : outDim,
      });
    });
  }
  return gates;
}

function domainSymbols(plan: Plan, rows: string): string[] {
  return Array.from({ length: plan.towers }, (_, domain) => `${rows}.of${domain}`);
}

function float(name: string, shape: readonly (number | string)[]): ProgramInput {
  return { name, dtype: "float32", shape };
}

function ofRows(name: string, shape: readonly (number | string)[]): ProgramInput {
  return { ...float(name, shape), ofRows: true };
}
