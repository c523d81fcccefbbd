/** Loads weights of this library and of TorchEasyRec into an engine. */
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { Engine, EngineState, Weight, Weights } from "../../engine/engine.js";
import { CheckpointError, type Problem } from "../../errors/index.js";
import type { ModelSpec } from "../../spec/model.js";
import { ofUnusedGroups, unusedGroups } from "../../spec/unused-groups.js";
import { listed } from "../../spec/validate/mlp.js";
import { fileProblem, readText, readWhole } from "../../util/files/read-whole.js";
import { currentSignal } from "../../util/interrupt.js";
import { didYouMean, listNames } from "../../util/names.js";
import { count, grouped } from "../../util/text.js";
import { assertListed, missingList, parsed, readManifest } from "./folder.js";
import { readCheckpoint, readRunIn, runKind, runPlace } from "./run.js";
import { decodeSafetensors } from "./safetensors.js";

/**
 * Maps each parameter of the model to the source parameter it starts from, or to `null` to keep its initial values.
 * A name that ends in `*` matches all names with that prefix. Other parameters start from the parameter with the
 * same name.
 * @example
 * const weightMap = { "model.ppnet.*": null, "model._task_tower.1.*": "model._task_tower.0.*" };
 * await model.fit(data, { weights: "runs/first", weightMap });
 */
export type ParameterMap = Readonly<Record<string, string | null>>;

export interface LoadWeightsOptions {
  /** Parameters that start from another name; with a map, unused source parameters are ignored. */
  readonly map?: ParameterMap | undefined;
  readonly place?: string;
  /** The file of the optimizers' state, from which they continue; or the folder of a training, which is also `source`. */
  readonly optimizer?: string | undefined;
}

/**
 * Returns notes on parameters that the model does not use, and on the optimizers' state.
 * @throws CheckpointError with every weight that does not fit and every name of the map that matches nothing
 */
export async function loadWeights(
  engine: Engine,
  source: string | Weights,
  { map, place = typeof source === "string" ? source : "weights", optimizer }: LoadWeightsOptions = {},
): Promise<readonly string[]> {
  if (optimizer !== undefined && (await isFolder(optimizer))) return continueTraining(engine, optimizer, source, map);
  const read = typeof source === "string" ? await readWeights(source) : source;
  const state = await engine.state();
  const weights = map === undefined ? read : mapped(state.weights, read, map, place);
  const { spec } = engine;
  const isUnused = ofUnusedGroups(spec);
  const used = new Map([...weights].filter(([name]) => !isUnused(name) || expects(state, name)));
  const problems = weightProblems(state, used, place);
  if (problems.length > 0) throw new CheckpointError(problems);
  const unused = weights.size - used.size;
  const others = unused === 0 ? [] : [`${place}: ${unusedText(unused, unusedGroups(spec))}`];
  const trained = new Map([...weights].filter(([name]) => state.weights.has(name)));
  const arrays = optimizer === undefined ? null : await readSafetensors(optimizer);
  const { notes, step, slots } =
    arrays === null ? { notes: [], ...state } : continuedState(engine, state, arrays, optimizer!);
  await engine.restore({ step, weights: trained, slots: new Map([...slots, ...averages(state.slots, weights)]) });
  return [...others, ...notes];
}

/** Continues a training of this library: its weights, its optimizers and its steps. */
async function continueTraining(
  engine: Engine,
  folder: string,
  source: string | Weights,
  map: ParameterMap | undefined,
): Promise<readonly string[]> {
  if (typeof source !== "string" || path.resolve(source) !== path.resolve(folder) || map !== undefined) {
    throw new CheckpointError({
      path: `optimizer: ${folder}`,
      message: "the state of a training belongs to its own weights",
      received: map === undefined ? `weights: ${typeof source === "string" ? source : "in memory"}` : "a weightMap",
      expected: "the same folder for both",
      fix: `fit(data, { weights: ${JSON.stringify(folder)}, optimizer: ${JSON.stringify(folder)} })`,
    });
  }
  const { engine: saved } = (await readCheckpoint(await runPlace(folder))).checkpoint;
  const state = await engine.state();
  const problems = weightProblems(state, saved.weights, folder);
  if (problems.length === 0) problems.push(...slotProblems(state.slots, saved.slots, folder));
  if (problems.length > 0) throw new CheckpointError(problems);
  await engine.restore(saved);
  return [`the optimizers and their learning rates continue after ${grouped(saved.step)} steps`];
}

function slotProblems(expected: Weights, slots: Weights, place: string): Problem[] {
  const names = [...new Set([...expected.keys(), ...slots.keys()])].sort();
  const differing = names.flatMap((name): Problem[] => {
    const [received, needed] = [slots, expected].map((all) => shapeText(all.get(name)?.shape));
    if (received === needed) return [];
    const message = "the state does not fit the optimizer of this weight";
    const fix = "continue with the model of that training, or start the optimizers anew: leave optimizer out";
    return [{ path: `${place}: ${name}`, message, received, expected: needed, fix }];
  });
  return listed(differing, place, (problem): Problem[] => [problem]);
}

function expects({ weights }: EngineState, name: string): boolean {
  return weights.has(isAverage(name) ? averaged(name) : name);
}

function unusedText(parameters: number, groups: readonly string[]): string {
  const which = `${groups.length === 1 ? "the group" : "the groups"} ${listNames(groups)}`;
  return `${count(parameters, "parameter")} of ${which} left out: PEPNet reads the groups all, domain and uia`;
}

/** The arrays of optimizers in a file of convert_weights.py; weights without a state start with a new one. */
function continuedState({ spec }: Engine, { slots }: EngineState, arrays: Weights, place: string) {
  const here = new Map([...slots].filter(([name]) => !isAverage(name) && !name.endsWith(".gradient_sum")));
  const owner = (name: string): string => name.slice(0, Math.max(name.lastIndexOf("."), 0));
  const read = [...arrays.keys()].filter((name) => owner(name) !== "");
  const continued = new Set(read.map(owner));
  const needed = [...here.keys()].filter((name) => continued.has(owner(name)));
  const fix = "continue with the config of that training, or start the optimizers anew: leave the file out";
  const differing = [...new Set([...read, ...needed])].sort().flatMap((name) => {
    const [received, expected] = [arrays, here].map((all) => shapeText(all.get(name)?.shape));
    const message = "the state does not fit the optimizer of this weight";
    return received === expected ? [] : [{ path: `${place}: ${name}`, message, received, expected, fix }];
  });
  const problems = listed(differing, place, (problem): Problem[] => [problem]);
  const anew = [...new Set([...here.keys()].map(owner))].filter((weight) => !continued.has(weight));
  const [updates, batches] = ["updates", "batches"].map((name) => arrays.get(name)?.data[0] ?? 0);
  const step = updates! * spec.training.gradientAccumulation || batches!;
  if (step === 0 || (continued.size === 0 && anew.length > 0)) {
    const expected =
      "arrays such as model.ppnet.linears.0.weight.exp_avg and a number of updates, from convert_weights.py";
    problems.unshift({ path: place, message: "no state of optimizers of a TorchEasyRec training", expected, fix });
  }
  if (problems.length > 0) throw new CheckpointError(problems);
  const notes = [`the optimizers and their learning rates continue after ${grouped(step)} steps`];
  if (anew.length > 0) notes.push(`the optimizers start anew for ${listNames(anew)}: ${place} has no state of them`);
  return { step, slots: new Map([...slots, ...[...arrays].filter(([name]) => here.has(name))]), notes };
}

const shapeText = (shape: readonly number[] | undefined): string => (shape ? `[${shape.join(", ")}]` : "no such array");

async function isFolder(place: string): Promise<boolean> {
  return (await stat(place).catch(() => null))?.isDirectory() === true;
}

async function readWeights(source: string): Promise<Weights> {
  return (await readSource(source)).weights;
}

/** The weights of a run's folder with its model, or of a file, whose model is not known. */
export async function readSource(
  source: string,
): Promise<{ readonly weights: Weights; readonly spec: ModelSpec | null }> {
  return (await isFolder(source)) ? readRunIn(source) : { weights: await readSafetensors(source), spec: null };
}

function mapped(model: Weights, source: Weights, map: ParameterMap, place: string): Weights {
  const rules = Object.entries(map).map(([pattern, target]) => ({ pattern, target, used: false }));
  const weights = new Map<string, Weight>();
  for (const [name, modelWeight] of model) {
    const rule = rules.find(({ pattern }) => matches(pattern, name));
    if (rule) rule.used = true;
    const from = rule ? targetName(rule.pattern, rule.target, name) : name;
    const weight = from === null ? modelWeight : source.get(from);
    if (weight !== undefined) weights.set(name, weight);
    else if (rule) throw absent(`${place}: ${name}`, from!, source);
  }
  const unused = rules.filter(({ used }) => !used);
  if (unused.length === 0) return weights;
  throw new CheckpointError(
    unused.map(({ pattern }) => ({
      path: `map: ${pattern}`,
      message: "the model has no such parameter",
      fix: didYouMean(pattern, model.keys()) ?? "(await run.weights()).keys() names them",
    })),
  );
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

function targetName(pattern: string, target: string | null, name: string): string | null {
  return target?.endsWith("*") ? target.slice(0, -1) + name.slice(pattern.replace(/\*$/, "").length) : target;
}

function absent(path: string, from: string, source: Weights): CheckpointError {
  const message = "the map names a parameter that the weights do not contain";
  const fix = didYouMean(from, source.keys()) ?? "use a parameter of the weights, or null to keep the initial values";
  return new CheckpointError({ path, message, received: from, fix });
}

/** The end of the names of moving averages, in files and in the state of an engine. */
export const averageSuffix = ".ema";
const isAverage = (name: string): boolean => name.endsWith(averageSuffix);
const averaged = (name: string): string => name.slice(0, -averageSuffix.length);

/** Moving averages that the file lacks start from the weights, as in a new engine, because predictions use them. */
function averages(slots: Weights, weights: Weights): [string, Weight][] {
  return [...slots.keys()].filter(isAverage).flatMap((slot): [string, Weight][] => {
    const weight = weights.get(slot) ?? weights.get(averaged(slot));
    return weight === undefined ? [] : [[slot, weight]];
  });
}

/** TorchEasyRec saves the values of train metrics and the windows of encoders like parameters. */
const setting = /(?:^|\.)_train_metric_modules\.|\.(?:cumsum_)?windows_len$/;

function weightProblems(state: EngineState, weights: Weights, place: string): Problem[] {
  const needsAverages = [...weights.keys()].some(isAverage);
  const expected = new Map([
    ...state.weights,
    ...[...state.slots].filter(([name]) => needsAverages && isAverage(name)),
  ]);
  const unknown = [...weights.keys()].filter(
    (name) => !setting.test(name) && !expected.has(isAverage(name) ? averaged(name) : name),
  );
  const needed = [...expected].flatMap(([name, { shape }]): Problem[] => {
    const weight = weights.get(name);
    const path = `${place}: ${name}`;
    // PyTorch's batch counter does not affect the model.
    if (weight === undefined && name.endsWith(".num_batches_tracked")) return [];
    if (weight === undefined) {
      const fix = didYouMean(name, unknown) ?? "export it with the others, or build the model of these weights";
      return [{ path, message: "missing parameter", expected: shapeText(shape), fix }];
    }
    if (shapeText(weight.shape) === shapeText(shape)) return [];
    const message = "the model's parameter has another shape";
    return [{ path, message, received: shapeText(weight.shape), expected: shapeText(shape) }];
  });
  const extra = unknown.map((name): Problem => {
    const fix = didYouMean(name, expected.keys()) ?? "remove it, or build the model of these weights";
    return { path: `${place}: ${name}`, message: "the model has no such parameter", fix };
  });
  return [...needed, ...extra];
}

/** @throws CheckpointError for a bad file, or one that its folder's list contradicts; the signal's reason */
export async function readSafetensors(file: string): Promise<Weights> {
  const bytes = await readWhole(file, "weights", currentSignal()).catch((cause: unknown) => {
    const problem = fileProblem(cause, "cannot read the weights");
    throw new CheckpointError({ path: file, fix: "check the path", ...problem, cause });
  });
  await assertListedBeside(file, bytes);
  return decodeSafetensors(bytes, file);
}

/** Standalone weights have no list; a run has one. */
async function assertListedBeside(file: string, bytes: Uint8Array): Promise<void> {
  const [folder, name] = [path.dirname(file), path.basename(file)];
  const list = await readManifest(folder);
  if (list?.has(name)) return assertListed(file, bytes, list.get(name));
  if (!runKind.files.includes(name)) return;
  const identity = await readText(path.join(folder, runKind.identity), "text").catch(() => "");
  if (parsed(identity)?.["format"] !== runKind.format) return;
  if (list !== null) assertListed(file, bytes, undefined);
  throw missingList(folder, runKind, await readdir(folder));
}
