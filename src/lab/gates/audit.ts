/** Audits a model: faults that its weights, gradients, gates and predictions show on some rows. */
import type { EncodedData } from "../../core/data/encoded/encoded.js";
import type { EncodedRows } from "../../core/data/encoded/streamed.js";
import type { Engine, Weights } from "../../core/engine/engine.js";
import { planModel } from "../../core/nn/plan/plan.js";
import { isProjected } from "../../core/spec/feature/projected-feature.js";
import { isBinary, listDomainNames, type ModelSpec, type TowerSpec } from "../../core/spec/model.js";
import type { LogisticRegression } from "../../core/train/logistic-regression.js";
import type { History } from "../../core/train/loop/recorder.js";
import { getOrMake } from "../../core/util/growing.js";
import { dot, sampleVariance, sigmoid, sum } from "../../core/util/numbers.js";
import { count, fixed, grouped, percent } from "../../core/util/text.js";
import { inTurns, type Work } from "../../core/util/turns.js";
import { type Audit, type AuditPlace, auditOf, fewestRows, fewRows, gateFacts, measuredPlace } from "./audit-checks.js";
import { labelFacts } from "./audit-labels.js";
import { auditLayers } from "./audit-layers.js";
import { fewestMates, fieldValues, variation } from "./field-groups.js";
import { predictAll, type SampleOptions, takeSample } from "./sample.js";
import { gateStatistics } from "./statistics.js";
import type { Gap } from "./types.js";

/** Options of an audit. `rows`: sampled rows. Default: 100,000. */
export interface AuditOptions extends SampleOptions {}

/** A task's logits, [rows, classes]. */
export interface AuditedTask {
  readonly name: string;
  readonly classes: number;
  /** Whether the prediction is a sigmoid or softmax of them. */
  readonly isProbability: boolean;
  readonly logits: Float32Array;
}

type Facts = (AuditPlace | Gap)[];

/** Audits a model on a sample of rows. @param history the training's history; without points it is unknown */
export async function audit(
  engine: Engine,
  allRows: EncodedRows,
  history: History,
  { rows = 100_000, floor = null, ...options }: AuditOptions & { readonly floor?: LogisticRegression | null } = {},
): Promise<Audit> {
  const { spec } = engine;
  const { data, seed } = await takeSample(engine, allRows, { ...options, rows }, "audit");
  const weights = await engine.weights();
  const outputs = await predictAll(engine, data);
  const tasks = spec.towers.map(({ name, numClass: classes, losses }, at): AuditedTask => {
    const isProbability = losses.some(({ kind }) => kind !== "l2_loss");
    return { name, classes, isProbability, logits: outputs[at]!.logits };
  });
  const sample = await takeSample(engine, data, { seed }, "gates");
  const { gates } = await gateStatistics(engine, sample.data);
  const { facts, losses } = await auditLayers(engine, planModel(spec), data, weights);
  return auditOf(data.rows, [
    ...(await inTurns(outputFacts(spec, data, tasks))),
    ...(await labelFacts(engine, floor, data, seed)),
    weightFact(weights),
    ...facts,
    ...lossFacts(spec.towers, data, losses),
    ...averageFacts(spec, history),
    ...gateFacts(gates),
  ]);
}

/** An audit of only predictions and inputs. */
export async function auditOutputs(spec: ModelSpec, data: EncodedData, tasks: readonly AuditedTask[]): Promise<Audit> {
  const gap = { what: "weights, gradients and gates", reason: "an exported model does not show them" };
  return auditOf(data.rows, [...(await inTurns(outputFacts(spec, data, tasks))), gap]);
}

function* outputFacts(spec: ModelSpec, data: EncodedData, tasks: readonly AuditedTask[]): Work<Facts> {
  const fields: Field[] = [];
  for (const [name, column] of data.features) {
    fields.push({ name, isId: column.kind === "ids", codes: fieldValues(name, column, data.rows).codes });
    yield;
  }
  const numbers = spec.features.flatMap((feature): AuditPlace[] => {
    const column = data.features.get(feature.name);
    if (column?.kind !== "dense" || isProjected(feature) || data.rows === 0) return [];
    const size = Math.sqrt(dot(column.values, column.values) / column.values.length);
    return [
      measuredPlace("large inputs", feature.name, size, `the root mean square of its numbers is ${fixed(size, 1)}`),
    ];
  });
  const domains = data.domains === null ? [] : listDomainNames(spec);
  const ids = yield* idFacts(data, tasks, fields);
  return [...tasks.flatMap((task) => taskFacts(data, domains, task, fields)), ...numbers, ...ids];
}

/** A field; its `codes`, [rows], are equal for equal values. */
interface Field {
  readonly name: string;
  readonly isId: boolean;
  readonly codes: Int32Array;
}

function taskFacts(data: EncodedData, domains: readonly string[], task: AuditedTask, fields: readonly Field[]): Facts {
  const { name, logits, classes, isProbability } = task;
  const broken = logits.filter((logit) => !Number.isFinite(logit)).length;
  const share = `${grouped(broken)} of ${count(logits.length, "logit")} are not finite`;
  const finite = measuredPlace("not finite", name, broken, share);
  if (broken > 0) return [finite, { what: `the logits of ${name}`, reason: "a prediction is not finite" }];
  const sizes = logits.map(Math.abs).sort();
  const large = sizes[Math.floor(0.99 * sizes.length)]!;
  const ends = `1% of the logits are beyond ±${fixed(large, 1)}, the largest is ${fixed(sizes.at(-1), 1)}`;
  const parts = (domains.length === 0 ? [null] : domains).map((of, domain): AuditPlace | Gap => {
    const rows = [...fields[0]!.codes.keys()].filter((row) => of === null || data.domains![row] === domain);
    const place = of === null ? name : `${name} in ${of}`;
    const isVaried = fields.some(({ codes }) => rows.some((row) => codes[row] !== codes[rows[0]!]));
    const reason = rows.length < fewestRows ? fewRows(rows.length) : "cannot be told: all its rows are equal";
    if (rows.length < fewestRows || !isVaried) return { what: `whether ${place} is constant`, reason };
    const first = (row: number): number => (classes === 1 ? 0 : logits[row * classes]!);
    const spread = Math.sqrt(sampleVariance(rows.map((row) => logits[(row + 1) * classes - 1]! - first(row))));
    const evidence = `the logits of ${count(rows.length, "row")} have a standard deviation of ${spread.toPrecision(2)}`;
    return measuredPlace("constant predictions", place, 0.001 / spread, evidence);
  });
  const isLarge = isProbability && data.rows >= fewestRows;
  return [finite, ...parts, ...(isLarge ? [measuredPlace("large logits", name, large, ends)] : [])];
}

/** The number of rows on which ids are judged. */
const idRows = 20_000;

/**
 * The share of the variance of predictions within domains that disappears between two rows of a domain with the same
 * id.
 */
function* idFacts(data: EncodedData, tasks: readonly AuditedTask[], fields: readonly Field[]): Work<Facts> {
  const rows = Math.min(idRows, data.rows);
  const sample = Int32Array.from({ length: rows }, (_, at) => Math.floor((at * data.rows) / rows));
  const setsOf = (codes: ArrayLike<number>): number[][] => {
    const sets = new Map<string, number[]>();
    for (const row of sample) getOrMake(sets, `${data.domains?.[row]} ${codes[row]}`, () => []).push(row);
    return [...sets.values()].filter(({ length }) => length > 1);
  };
  const differ = (set: readonly number[], { codes }: Field) => set.some((row) => codes[row] !== codes[set[0]!]);
  const domains = setsOf(new Int32Array(data.rows));
  const facts: Facts = [];
  for (const field of fields.filter((each) => each.isId && domains.some((set) => differ(set, each)))) {
    const sets = setsOf(field.codes);
    const mates = sum(sets.map(({ length }) => length));
    const reason = `cannot be told: ${count(mates, "row")} of ${grouped(rows)} share their value with another row`;
    if (mates < Math.max(fewestMates, rows / 10)) facts.push({ what: `whether ${field.name} decides alone`, reason });
    else if (!sets.some((set) => fields.some((other) => differ(set, other)))) continue;
    else
      for (const { name, logits, isProbability } of tasks.filter(
        (task) => task.classes === 1 && task.logits.every(Number.isFinite),
      )) {
        const values = { codes: field.codes, ranks: Float64Array.from(logits, isProbability ? sigmoid : Number) };
        const within = (all: readonly number[][], of: number) => sum(all.map((set) => variation(values, set))) / of;
        const whole = within(domains, rows);
        if (whole < 1e-9) continue; // constant predictions have a separate check
        const decided = Math.max(0, 1 - within(sets, mates) / whole);
        const evidence = `${percent(decided)} of the variance of predictions within domains disappears among rows with one ${field.name}`;
        facts.push(measuredPlace("one id decides", `${field.name} for ${name}`, decided, evidence));
        yield;
      }
  }
  return facts;
}

function weightFact(weights: Weights): AuditPlace {
  const broken = [...weights].flatMap(([name, { data }]) => (data.every(Number.isFinite) ? [] : [name]));
  const such = broken.length === 0 ? "" : `, such as ${broken[0]}`;
  const evidence = `${broken.length} of ${count(weights.size, "array")} have a value that is not finite${such}`;
  return measuredPlace("not finite", "weights", broken.length, evidence);
}

function lossFacts(towers: readonly TowerSpec[], data: EncodedData, losses: readonly number[] | null): Facts {
  if (losses === null || towers.length < 2) return [];
  const isDefined = towers.map((tower) => !isBinary(tower) || new Set(data.labels.get(tower.label)).size > 1);
  const largest = Math.max(...losses.filter((_, task) => isDefined[task]));
  return towers.map(({ name, weight }, task) => {
    const loss = losses[task]!;
    if (!isDefined[task]) return { what: `the loss of ${name}`, reason: "cannot be told: its labels are of one class" };
    const evidence = `its loss is ${loss.toPrecision(3)}, with the weight ${weight}; the largest of a task is ${largest.toPrecision(3)}`;
    return measuredPlace("unequal losses", name, largest / loss, evidence);
  });
}

function averageFacts({ training }: ModelSpec, { bestStep, points }: History): Facts {
  const { emaDecay, gradientAccumulation } = training;
  if (emaDecay === null) return [];
  const step = bestStep ?? points.at(-1)?.step;
  if (step === undefined) return [{ what: "averaged weights", reason: "the number of training steps is unknown" }];
  const share = emaDecay ** (Math.floor(step / gradientAccumulation) - 1);
  const evidence = `after ${count(step, "step")} with emaDecay ${emaDecay}, ${percent(share)} of them are the weights of the first`;
  return [measuredPlace("late averages", "averaged weights", share, evidence)];
}
