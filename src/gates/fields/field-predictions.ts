import type { EncodedData } from "../../data/encoded/index.js";
import type { Engine, TowerOutput } from "../../engine/index.js";
import { DataError } from "../../errors/index.js";
import { groupFeatures, hasEpnet, type ModelSpec } from "../../spec/index.js";
import { rowsByDomain } from "../../train/measure/index.js";
import { random } from "../../util/random.js";
import { frozen, gateMeans } from "../counterfactual/frozen.js";
import { freezeGate, type GateFreeze, swapDomain } from "../counterfactual/interventions.js";
import { domainFeatures, swapped } from "../counterfactual/swapped.js";
import { predictAll, type Sample } from "../rows/sample.js";
import { takeEncoded } from "../rows/take-encoded.js";
import { fieldColumns } from "./fields.js";

export interface Pair {
  readonly before: readonly TowerOutput[];
  readonly after: readonly TowerOutput[];
}

export interface FieldPredictions {
  readonly whole: Pair;
  readonly fields: readonly { readonly field: string; readonly pair: Pair }[];
  /** Whether a field's pair is the change without the field, to be subtracted from the whole. */
  readonly subtract: boolean;
}

/** The rows in other domains, and again for each field with the field's values of other rows. */
export async function swapThroughFields(
  engine: Engine,
  { data, seed }: Sample,
  signal?: AbortSignal,
): Promise<FieldPredictions> {
  const { spec } = engine;
  const other = swapped(spec, data, seed, swapDomain());
  const shuffled = takeEncoded(data, donorsWithinDomains(data, spec.domains?.count ?? 0, seed));
  const predict = (rows: EncodedData) => predictAll(engine, rows, undefined, signal);
  const fields: { field: string; pair: Pair }[] = [];
  for (const field of rankedFields(spec, data)) {
    const without = (rows: EncodedData): EncodedData => ({
      ...rows,
      features: new Map(rows.features).set(field, shuffled.features.get(field)!),
    });
    fields.push({ field, pair: { before: await predict(without(data)), after: await predict(without(other)) } });
  }
  return { whole: { before: await predict(data), after: await predict(other) }, fields, subtract: true };
}

/** EPNet's gates held, all of them and each field's alone. @throws DataError without EPNet */
export async function gatesOfFields(
  engine: Engine,
  { data }: Sample,
  at: GateFreeze["at"],
  signal?: AbortSignal,
): Promise<FieldPredictions> {
  const { spec } = engine;
  if (!hasEpnet(spec)) {
    const message = "the model has no EPNet, so its gates cannot be ranked";
    throw new DataError({ path: "rankFields", message, fix: 'rankFields({ by: "domain" })' });
  }
  const means = await gateMeans(engine, data, signal);
  const before = await predictAll(engine, data, undefined, signal);
  const held = async (field?: string): Promise<Pair> => {
    const freeze = freezeGate("epnet", field === undefined ? { at } : { field, at });
    return { before, after: await predictAll(engine, data, frozen(spec, means, freeze), signal) };
  };
  const fields: { field: string; pair: Pair }[] = [];
  for (const { field } of fieldColumns(spec)) fields.push({ field, pair: await held(field) });
  return { whole: await held(), fields, subtract: false };
}

function rankedFields(spec: ModelSpec, data: EncodedData): string[] {
  const domain = domainFeatures(spec);
  const read = new Set([...(groupFeatures(spec, "all") ?? []), ...(groupFeatures(spec, "uia") ?? [])]);
  return [...read].filter((field) => !domain.has(field) && data.features.has(field));
}

/** For each row, a random one of its domain, so that a field's values keep their distribution there. */
function donorsWithinDomains(data: EncodedData, count: number, seed: number): Int32Array {
  const rowsOf = rowsByDomain(data, null, count);
  const source = random(seed).fork("field donors");
  return Int32Array.from({ length: data.rows }, (_, row) => {
    const domainRows = rowsOf[data.domains?.[row] ?? -1];
    return domainRows === undefined ? row : domainRows[source.integer(domainRows.length)]!;
  });
}
