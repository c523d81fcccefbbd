/** Gradients of a loss on some rows: sums over pieces, and norms by part of the model. */
import { gatePaths, lossName } from "../../nn/plan/inputs.js";
import { denseParameters, type Parameter, parameterCount, programParameters } from "../../nn/plan/parameters.js";
import {
  epnetGateName,
  matrixNames,
  type Plan,
  ppnetGateName,
  ppnetLinearName,
  readViews,
  starName,
  towerName,
  viewMatrices,
} from "../../nn/plan/plan.js";
import type { GroupName } from "../../spec/model.js";
import { getOrMake, joinArrays, joinFloats } from "../../util/growing.js";
import { sum } from "../../util/numbers.js";
import type {
  EngineState,
  GradientPart,
  GradientPath,
  Gradients,
  StepResult,
  TableGradient,
  Weight,
} from "../engine.js";
import { addInto } from "./simd.js";

export interface GradientSums {
  /** By parameter; a parameter that no row used is missing. */
  readonly dense: ReadonlyMap<string, Float32Array>;
  /** Sums of squares of each column, by group and by the gates' paths; none without rows. */
  readonly inputs: ReadonlyMap<string, Float64Array>;
  /** The loss of each task, with its weight. */
  readonly losses: readonly number[];
  readonly rows: number;
  readonly tables: ReadonlyMap<string, TableGradient>;
}

export function gradientSums(
  plan: Plan,
  outputs: ReadonlyMap<string, Float32Array> | null,
  rows: number,
): GradientSums {
  const gradient = (name: string): Float32Array | undefined => outputs?.get(`grad:${name}`);
  const dense = programParameters(plan).flatMap(({ name, parts }): [string, Float32Array][] => {
    const sum = gradient(name);
    if (sum === undefined) return [];
    let place = 0;
    return parts.map((part) => {
      const from = place;
      place += parameterCount([part]);
      return [part.name, sum.subarray(from, place)];
    });
  });
  const inputs = [...matrixNames(plan), ...gatePaths(plan)].map((name): [string, Float64Array] => {
    return [name, columnSquares(gradient(name), matrixWidth(plan, name))];
  });
  const losses = plan.tasks.map(({ index, tower }) =>
    sum(tower.losses.map((_, loss) => outputs?.get(lossName(index, loss))?.[0] ?? 0)),
  );
  return { dense: new Map(dense), inputs: new Map(inputs), losses, rows, tables: new Map() };
}

function matrixWidth(plan: Plan, name: string): number {
  const view = readViews(plan).find((each) => name.endsWith(`.${each.name}`));
  if (view !== undefined) return name.startsWith("query.") ? view.queryWidth : view.width;
  return plan.inputDims[name as GroupName] ?? plan.dims.all;
}

function columnSquares(values: Float32Array = new Float32Array(0), width: number): Float64Array {
  const squares = new Float64Array(width);
  for (let at = 0; at < values.length; at++) squares[at % width]! += values[at]! ** 2;
  return squares;
}

/** Adds a gradient to the sums; the first one becomes the sum. */
export function addGradient(sums: Map<string, Float32Array>, name: string, gradient: Float32Array): void {
  const sum = sums.get(name);
  if (sum === undefined) sums.set(name, gradient);
  else addInto(sum, gradient);
}

export function joinGradients(parts: readonly GradientSums[]): GradientSums {
  const dense = new Map<string, Float32Array>();
  const inputs = new Map<string, Float64Array>();
  const lists = new Map<string, TableGradient[]>();
  for (const part of parts) {
    for (const [name, table] of part.tables) getOrMake(lists, name, () => []).push(table);
    for (const [name, gradient] of part.dense) addGradient(dense, name, gradient);
    for (const [name, squares] of part.inputs) {
      const earlier = inputs.get(name);
      inputs.set(name, earlier === undefined ? squares : squares.map((square, at) => square + earlier[at]!));
    }
  }
  const losses = (parts[0]?.losses ?? []).map((_, task) => sum(parts.map((part) => part.losses[task]!)));
  const tables = [...lists].map(([name, list]): [string, TableGradient] => {
    const rows = joinArrays(
      list.map((table) => table.rows),
      (length) => new Int32Array(length),
    );
    return [name, { rows, values: joinFloats(list.map(({ values }) => values)) }];
  });
  return { dense, inputs, losses, rows: sum(parts.map(({ rows }) => rows)), tables: new Map(tables) };
}

/** Norms by part of the model: gates and the parts that they gate, and the gradients through the gates. */
export function measuredGradients(plan: Plan, sums: GradientSums): Gradients {
  const parts: GradientPart[] = [];
  const parameters = parametersByModule(plan);
  const add = (part: Pick<GradientPart, "kind" | "module" | "tower" | "layer">, ...modules: string[]): void => {
    const names = modules.flatMap((module) => parameters.get(module) ?? []);
    const size = names.reduce((sum, { shape }) => sum + shape.reduce((product, dim) => product * dim, 1), 0);
    const squares = names.reduce((sum, { name }) => sum + sumOfSquares(sums.dense.get(name)), 0);
    if (size > 0) parts.push({ ...part, size, norm: Math.sqrt(squares) });
  };
  const { dims, layers, tasks, spec } = plan;
  const whole = { tower: null, layer: null };
  const embedded = { kind: "backbone", module: "embeddings", ...whole, size: sums.rows * dims.all } as const;
  parts.push({ ...embedded, norm: Math.sqrt(groupSquares(plan, sums, "all")) });
  const layerParameters = layers.flatMap((layer) => layer.parameters.map(({ name }) => name));
  add({ kind: "backbone", module: "layer", ...whole }, ...layerParameters);
  add({ kind: "gate", module: "epnet", ...whole }, epnetGateName);
  const shared = spec.switches.gatePlacement === "input";
  for (const task of tasks) {
    const tower = task.tower.name;
    task.ppnet.forEach((_, layer) => {
      const gate = ppnetGateName(plan, task.index, layer);
      if (!shared) add({ kind: "gate", module: "ppnet", tower, layer }, gate);
      else if (task.index === 0) add({ kind: "gate", module: "ppnet", tower: null, layer }, gate);
      add({ kind: "backbone", module: "ppnet", tower, layer }, ppnetLinearName(plan, task.index, layer));
    });
    const towers = Array.from({ length: plan.towers }, (_, domain) => towerName(plan, task.index, domain));
    add({ kind: "backbone", module: "tower", tower, layer: null }, ...towers, starName(task.index, towers[0]!));
  }
  const { dense, inputs: columns, losses, tables } = sums;
  return { parts, paths: measurePaths(plan, sums), dense, columns, losses, tables };
}

/** The parameters within each module; each parameter is also the only member of a module with its own name. */
function parametersByModule(plan: Plan): ReadonlyMap<string, Parameter[]> {
  const modules = new Map<string, Parameter[]>();
  for (const parameter of denseParameters(plan)) {
    const { name } = parameter;
    for (let end = name.length; end > 0; end = name.lastIndexOf(".", end - 1))
      getOrMake(modules, name.slice(0, end), () => []).push(parameter);
  }
  return modules;
}

function groupSquares(plan: Plan, { inputs }: GradientSums, group: GroupName): number {
  const views = new Map(
    plan.encoders.flatMap(({ group: reader, view }) => (reader === group ? [[view.name, view] as const] : [])),
  );
  const names = [group, ...[...views.values()].flatMap(viewMatrices)];
  return sum(names.map((name) => sum(inputs.get(name) ?? [])));
}

function measurePaths(plan: Plan, sums: GradientSums): GradientPath[] {
  const { stopGradient, detachPriors } = plan.spec.switches;
  const main = (module: GradientPath["module"]): number => Math.sqrt(sum(sums.inputs.get(`path.${module}`) ?? []));
  const of = (module: GradientPath["module"], prior: GroupName): GradientPath[] => [
    { module, input: "main", stopped: stopGradient, norm: main(module) },
    { module, input: "prior", stopped: detachPriors, norm: Math.sqrt(groupSquares(plan, sums, prior)) },
  ];
  return [...(plan.epnet === null ? [] : of("epnet", "domain")), ...(plan.ppnet?.gated ? of("ppnet", "uia") : [])];
}

function sumOfSquares(values: Float32Array | undefined): number {
  let sum = 0;
  for (let i = 0; i < (values?.length ?? 0); i++) sum += values![i]! ** 2;
  return sum;
}

/** Joins parts for consecutive rows: arrays are concatenated, all else is the same in each. */
function joinParts<Part extends object>(parts: readonly Part[]): Part {
  const [first, ...others] = parts as [Part, ...Part[]];
  if (others.length === 0) return first;
  const entries = Object.entries(first).map(([name, value]) => {
    const arrays = parts.map((part) => part[name as keyof Part] as Float32Array);
    return [name, value instanceof Float32Array ? joinFloats(arrays) : value] as const;
  });
  return Object.fromEntries(entries) as Part;
}

export function joinLists<Part extends object>(lists: readonly (readonly Part[])[]): Part[] {
  return (lists[0] ?? []).map((_, index) => joinParts(lists.map((list) => list[index]!)));
}

export function joinSteps(parts: readonly StepResult[]): StepResult {
  const first = parts[0]!;
  if (parts.length === 1) return first;
  const norm = Math.hypot(...parts.map(({ gradientNorm }) => gradientNorm ?? 0));
  const joined = { ...first, gradientNorm: first.gradientNorm === null ? null : norm };
  const lists = parts.flatMap(({ predictions }) => (predictions?.length ? [predictions] : []));
  return lists.length === 0 ? joined : { ...joined, predictions: joinLists(lists) };
}

export function joinStates(parts: readonly EngineState[]): EngineState {
  const slots = new Map<string, Weight>(parts.flatMap((part) => [...part.slots]));
  const { step, weights } = parts[0]!;
  return { step, weights, slots };
}
