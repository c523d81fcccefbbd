/** Explains one row: its predictions, and how open its gates are compared with its domain. */
import { copyRows, takeEncoded, takeItems } from "../../core/data/encoded/copies.js";
import type { BagColumn, EncodedData } from "../../core/data/encoded/encoded.js";
import { type EncodedRows, measuredColumns } from "../../core/data/encoded/streamed.js";
import type { GateSite, TowerOutput } from "../../core/engine/engine.js";
import type { ReadingEngine } from "../../core/engine/scaled-engine.js";
import { DataError } from "../../core/errors/index.js";
import { allEncoders } from "../../core/spec/feature/encoder-part.js";
import { type FeatureSpec, holdsSeveral, isSequence } from "../../core/spec/feature/feature.js";
import { domainName, hasEpnet, type ModelSpec, siteName } from "../../core/spec/model.js";
import { sharedInts } from "../../core/util/called-thread.js";
import { throwIfInterrupted } from "../../core/util/interrupt.js";
import { everyRow, mean } from "../../core/util/numbers.js";
import { taskChanges } from "./effects.js";
import { fieldColumns } from "./fields.js";
import { freezeGate, frozen, type GateFreeze, type GateMean, gateMeans } from "./interventions.js";
import { defaultRows, type SampleOptions, sampleRows } from "./sample.js";
import { collectGates } from "./statistics.js";

/** A task's output for the explained row. */
export interface ExplainedTask {
  readonly tower: string;
  /** The row's label as the model reads it. */
  readonly label: number | null;
  /** The logit; with several classes, that of the last one. */
  readonly logit: number;
  /** 0 … 1; the value itself for an L2 loss. */
  readonly probability: number;
}

/** A gate of the explained row. */
export interface ExplainedGate extends Pick<GateSite, "module" | "tower" | "layer" | "gamma"> {
  /** The field of an EPNet gate; `null` for PPNet. */
  readonly field: string | null;
  /** Mean over its units; `null` if one is not finite. */
  readonly value: number | null;
  /** Share of its domain's rows with a lower gate, ties count half; `null` if there are no others. */
  readonly quantile: number | null;
  /** Mean over its domain's rows. */
  readonly domainMean: number | null;
  /** Change of each task's logit with only this gate held at its domain's mean, unit by unit; `null`: not finite. */
  readonly atDomainMean: readonly (number | null)[];
  /** Change of each task's logit with only this gate held at 1. */
  readonly atOne: readonly (number | null)[];
}

/** The result of `run.explain()`. */
export interface RowExplanation {
  readonly row: number;
  readonly domain: string | null;
  /** Number of compared rows of the same domain. */
  readonly rows: number;
  readonly tasks: readonly ExplainedTask[];
  /** Sorted by the largest change of a logit. */
  readonly gates: readonly ExplainedGate[];
  /** The positions of its sequences, in their order; empty without sequences. */
  readonly positions: readonly ExplainedPosition[];
}

/** A gate, or EPNet's part of it for a field: units from `start` to before `end`. */
interface ExplainedSite {
  readonly mean: GateMean;
  readonly field: string | null;
  readonly start: number;
  readonly end: number;
  readonly freeze: GateFreeze;
}

/** Explains a row. @throws DataError for an unknown row */
export async function explainRow(
  engine: ReadingEngine,
  allRows: EncodedRows,
  row: number,
  options: SampleOptions = {},
): Promise<RowExplanation> {
  const { spec } = engine;
  const { data, others, domain } = await withItsDomain(spec, allRows, row, options);
  const alone = { data, rows: Int32Array.of(others) };
  const before = await engine.predict(alone);
  // The only row of its domain has gates without effects, because there is no mean to hold them at.
  const compared = others === 0 ? data : takeEncoded(data, everyRow(others));
  const sites = (await gateMeans(engine, compared)).flatMap((mean): ExplainedSite[] => {
    const { module, tower, layer, units } = mean.site;
    if (module === "epnet") {
      if (!hasEpnet(spec)) return [];
      return fieldColumns(spec).map((columns) => ({ mean, ...columns, freeze: freezeGate(module, columns) }));
    }
    const freeze = freezeGate(module, { layer, tower: tower ?? undefined });
    return [{ mean, field: freeze.field, start: 0, end: units, freeze }];
  });
  const collected = await collectGates(engine, data);
  const values = sites.map(({ mean: { site }, start, end }) => {
    const { values: all } = collected.find((each) => siteName(each.site) === siteName(site))!;
    const part = (at: number) => all.subarray(at * site.units + start, at * site.units + end);
    return Float64Array.from({ length: data.rows }, (_, at) => mean(part(at)));
  });
  const gates: ExplainedGate[] = [];
  for (const [at, { field, mean: siteMean, freeze }] of sites.entries()) {
    throwIfInterrupted();
    const { module, tower, layer, gamma } = siteMean.site;
    const changes = async (to: GateFreeze["at"]): Promise<(number | null)[]> =>
      taskChanges(spec, before, await engine.predict(alone, frozen(spec, [siteMean], { ...freeze, at: to })));
    const gateValues = values[at]!;
    const usual = gateValues.subarray(0, others);
    gates.push({
      module,
      tower,
      layer,
      gamma,
      field,
      value: finite(gateValues[others]!),
      quantile: quantileAmong(gateValues[others]!, usual),
      domainMean: finite(mean(usual)),
      atDomainMean: others === 0 ? spec.towers.map(() => null) : await changes("mean"),
      atOne: await changes(1),
    });
  }
  const positions = await explainPositions(engine, data, others, before);
  gates.sort((a, b) => largest(b) - largest(a));
  return {
    row,
    domain: domain === null ? null : domainName(spec, domain),
    rows: others,
    tasks: spec.towers.map(({ name, label, numClass }, task) => {
      const { logits, probabilities } = before[task]!;
      const prediction = { logit: logits[numClass - 1]!, probability: probabilities[numClass - 1]! };
      return { tower: name, label: data.labels.get(label)?.[others] ?? null, ...prediction };
    }),
    gates,
    positions,
  };
}

async function withItsDomain(spec: ModelSpec, rows: EncodedRows, row: number, options: SampleOptions) {
  if (!Number.isInteger(row) || row < 0 || row >= rows.rows) {
    throw new DataError({
      path: "explain",
      message: "no such row",
      received: String(row),
      expected: `a row number from 0 to ${rows.rows - 1}`,
    });
  }
  const { domains } = await measuredColumns(rows, new Set());
  const domain = spec.domains === null || domains === null ? null : domains[row]!;
  const all = everyRow(rows.rows).filter((other) => other !== row && (domain === null || domains?.[other] === domain));
  const places = sampleRows(all.length, options.rows ?? defaultRows, options.seed ?? spec.training.seed, "explain");
  const ascending = Int32Array.from([...places.map((place) => all[place]!), row]).sort();
  const taken = await copyRows(rows, ascending);
  const rowPlace = ascending.indexOf(row);
  const order = Int32Array.from([...everyRow(ascending.length).filter((at) => at !== rowPlace), rowPlace]);
  return {
    data: takeEncoded(taken, order),
    others: places.length,
    domain,
  };
}

/** NaN in the other rows is excluded. */
function quantileAmong(value: number, others: Float64Array): number | null {
  const finiteOthers = others.filter(Number.isFinite);
  if (finiteOthers.length === 0 || !Number.isFinite(value)) return null;
  const share = (other: number): number => (other < value ? 1 : other === value ? 0.5 : 0);
  return finiteOthers.reduce((sum, other) => sum + share(other), 0) / finiteOthers.length;
}

function largest({ atDomainMean, atOne }: ExplainedGate): number {
  return Math.max(...[...atDomainMean, ...atOne].map((change) => Math.abs(change ?? 0)));
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** The weight of a position in an encoder's sum. */
export interface PositionWeight {
  readonly encoder: string;
  /** `null`: the encoder does not read this position. */
  readonly weight: number | null;
}

/** A position of one of the row's sequences, such as a click. */
export interface ExplainedPosition {
  readonly sequence: string;
  /** Its features, whose values at this position the row has. */
  readonly features: readonly string[];
  readonly position: number;
  readonly weights: readonly PositionWeight[];
  /** Change of each task's logit if the sequence lacked this position; `null`: not finite. */
  readonly without: readonly (number | null)[];
}

type Sequence = ReturnType<typeof sequencesOf>[number];

async function explainPositions(engine: ReadingEngine, data: EncodedData, row: number, before: readonly TowerOutput[]) {
  const { spec } = engine;
  const places = sequencesOf(spec).flatMap((sequence) =>
    Array.from({ length: longest(sequence, data, row) }, (_, position) => ({ sequence, position })),
  );
  if (places.length === 0) return [];
  const attention = await engine.attention({ data, rows: Int32Array.of(row) });
  const copies = takeEncoded(data, new Int32Array(places.length).fill(row));
  const after = await engine.predict({ data: without(copies, places), rows: Int32Array.from(places.keys()) });
  return places.map(({ sequence, position }, at) => ({
    sequence: sequence.name,
    features: sequence.features.map(({ name }) => name),
    position,
    weights: attention
      .filter(({ encoder }) => sequence.encoders.includes(encoder))
      .map(({ encoder, positions, values }) => ({ encoder, weight: position < positions ? values[position]! : null })),
    without: taskChanges(spec, before, after, at),
  }));
}

function sequencesOf(spec: ModelSpec) {
  const encoders = allEncoders(spec);
  const groups: FeatureSpec[][] = [];
  const add = (features: readonly FeatureSpec[]): void => {
    const sets = groups.filter((group) => group.some((feature) => features.includes(feature)));
    for (const set of sets) groups.splice(groups.indexOf(set), 1);
    groups.push([...new Set([...sets.flat(), ...features])]);
  };
  for (const feature of spec.features.filter(isSequence)) {
    const { of } = feature.sequence!;
    add(of === null ? [feature] : spec.features.filter(({ sequence }) => sequence?.of === of));
  }
  for (const { input } of encoders) add(input.sequence);
  const read = encoders.flatMap(({ input }) => input.sequence);
  return groups
    .filter((features) => features.some((feature) => read.includes(feature)))
    .map((features) => ({
      name: [...new Set(features.map(({ name, sequence }) => sequence?.of ?? name))].join(", "),
      features: spec.features.filter((feature) => features.includes(feature)),
      encoders: encoders
        .filter(({ input }) => input.sequence.some((feature) => features.includes(feature)))
        .map(({ name }) => name),
    }));
}

function nextPosition(feature: FeatureSpec, { ids }: BagColumn, start: number): number {
  if (feature.kind === "raw" && feature.boundaries.length === 0) return start + feature.valueDim;
  return holdsSeveral(feature) ? ids.indexOf(-1, start) + 1 : start + 1;
}

function starts(feature: FeatureSpec, column: BagColumn, row: number): number[] {
  const places = [column.offsets[row]!];
  while (places.at(-1)! < column.offsets[row + 1]!) places.push(nextPosition(feature, column, places.at(-1)!));
  return places;
}

function bag(data: EncodedData, { name }: FeatureSpec): BagColumn | null {
  const column = data.features.get(name);
  return column?.kind === "bag" ? column : null;
}

function longest({ features }: Sequence, data: EncodedData, row: number): number {
  const lengths = features.flatMap((feature) => {
    const column = bag(data, feature);
    return column === null ? [] : [starts(feature, column, row).length - 1];
  });
  return Math.max(0, ...lengths);
}

function without(data: EncodedData, places: readonly { readonly sequence: Sequence; readonly position: number }[]) {
  const features = new Map(data.features);
  for (const feature of new Set(places.flatMap(({ sequence }) => sequence.features))) {
    const column = bag(data, feature);
    if (column === null) continue;
    const remaining = places.map(({ sequence, position }, row) => {
      const start = column.offsets[row]!;
      const items = Array.from({ length: column.offsets[row + 1]! - start }, (_, at) => start + at);
      const cuts = starts(feature, column, row);
      if (!sequence.features.includes(feature) || position + 1 >= cuts.length) return items;
      return items.filter((item) => item < cuts[position]! || item >= cuts[position + 1]!);
    });
    const offsets = sharedInts(remaining.length + 1);
    for (const [at, { length }] of remaining.entries()) offsets[at + 1] = offsets[at]! + length;
    features.set(feature.name, takeItems(column, offsets, Int32Array.from(remaining.flat())));
  }
  return { ...data, features };
}
