/** Logs of domains of 1,000 to 8,000 rows that share their tastes in part, and how often a forecast is right in them. */

import { permutation, type Random, random } from "../../../src/core/util/random.js";
import { adam, type Dataset, dataset, idFeature, pepnet } from "../../../src/index.js";

/** In what domains differ: in main effects, or in an interaction, which can be most of what there is to learn. */
export type Difference = "main effects" | "interaction" | "mostly an interaction";

const domainCount = 4;
const testRows = 4000;
const values = { category: 12, brand: 40, device: 4, hour: 8 };
const strengths = { user: 0.5, item: 0.5, category: 0.5, brand: 0.4, device: 0.3, hour: 0.3 };
type Name = keyof typeof strengths;
const names = Object.keys(strengths) as Name[];

/** Normal numbers, of which domains share some with all, some with their group, and have the rest alone. */
function shared(source: Random, size: number, { alone, grouped, groups, groupCount }: Sharing): readonly number[][] {
  const draw = (): number[] => Array.from({ length: size }, () => source.normal());
  const all = draw();
  const ofGroup = Array.from({ length: groupCount }, draw);
  return groups.map((group) => {
    const rest = draw();
    return all.map((common, at) => {
      const part = Math.sqrt(grouped) * ofGroup[group]![at]! + Math.sqrt(1 - grouped) * rest[at]!;
      return Math.sqrt(1 - alone) * common + Math.sqrt(alone) * part;
    });
  });
}

interface Sharing {
  readonly alone: number;
  readonly grouped: number;
  readonly groups: readonly number[];
  readonly groupCount: number;
}

/** @param share of the rows */
export async function transferWorld(difference: Difference, seed: number, share = 1) {
  const source = random(seed).fork("transfer");
  const counts: Record<Name, number> = { user: 300 + source.integer(900), item: 100 + source.integer(300), ...values };
  const groupCount = 1 + source.integer(3);
  const groups = Array.from({ length: domainCount }, () => source.integer(groupCount));
  const sharing = { alone: source.uniform(), grouped: source.uniform(), groups, groupCount };
  const isMain = difference === "main effects";
  const weak = difference === "mostly an interaction" ? 0.3 : 1;
  const effects = names.map((name) => shared(source, counts[name], isMain ? sharing : { ...sharing, alone: 0 }));
  const crossed = shared(source, values.category * values.hour, sharing);
  const strength = isMain ? 0 : weak < 1 ? 2 : 1.2;
  const rates = groups.map(() => 0.5 * source.normal() - 0.8);
  const categories = Array.from({ length: counts.item }, () => source.integer(values.category));
  const brands = Array.from({ length: counts.item }, () => source.integer(values.brand));
  const row = (domain: number): Record<string, number> => {
    const item = source.integer(counts.item);
    const [category, brand] = [categories[item]!, brands[item]!];
    const [user, device, hour] = [counts.user, values.device, values.hour].map((count) => source.integer(count));
    const codes = { user: user!, item, category, brand, device: device!, hour: hour! };
    const main = names.map((name, at) => strengths[name] * effects[at]![domain]![codes[name]]!);
    const pair = strength * crossed[domain]![category * values.hour + hour!]!;
    const logit = rates[domain]! + weak * main.reduce((sum, each) => sum + each) + pair;
    return { ...codes, domain, y: source.uniform() < 1 / (1 + Math.exp(-logit)) ? 1 : 0 };
  };
  const sizes = groups.map(() => Math.round(1000 * share * Math.exp(source.uniform() * Math.log(8))));
  const rows = (count: (size: number) => number): Record<string, number>[] =>
    sizes.flatMap((size, domain) => Array.from({ length: count(size) }, () => row(domain)));
  const train = rows((size) => size);
  const order = permutation(train.length, source.fork("order"));
  const model = pepnet()
    .features(...names.map((name) => idFeature(name).buckets(counts[name]).embedding(8)))
    .features(idFeature("domain").buckets(domainCount).embedding(4))
    .labels("y")
    .group("domain", ["domain"])
    .epnet()
    .domains("domain", ["a", "b", "c", "d"])
    .tower("y", (t) => t.label("y").mlp(32, 16).bce().auc())
    .switches({ sharedTowers: true })
    .train({ batchSize: 128, epochs: 8, dense: adam(0.005), sparse: adam(0.005) });
  const data: Dataset = await dataset(Array.from(order, (at) => train[at]!));
  return { model, train: data, validation: await dataset(rows(() => testRows * share)) };
}

/** Pairs of a source and a domain in some worlds. */
export interface ForecastRates {
  pairs: number;
  declined: number;
  /** Pairs whose trainings differ by 1.96 standard errors, where it does not decline; the sign is right in some. */
  resolvable: number;
  rightSigns: number;
  /** Those among them of which it says helps or harms. */
  said: number;
  rightSaid: number;
}

/** Forecasts beside trainings with three seeds, which take about 15 CPU seconds a world. */
export async function forecastRates(difference: Difference, seeds: readonly number[]): Promise<ForecastRates> {
  const rates = { pairs: 0, declined: 0, resolvable: 0, rightSigns: 0, said: 0, rightSaid: 0 };
  for (const seed of seeds) {
    const { model, train, validation } = await transferWorld(difference, seed);
    const options = { validation, earlyStopping: { patience: 4 }, quiet: true } as const;
    const forecast = await model.transfer(train, { ...options, forecast: true });
    const map = await model.transfer(train, { ...options, seeds: 3, cache: false });
    for (const [at, help] of map.helps.entries()) {
      const { value, says } = forecast.helps[at]!;
      rates.pairs++;
      const variant = map.study.variants.find(({ name }) => name === help.source)!;
      const { difference: trained } = variant.tasks[0]!.domains[map.domainNames.indexOf(help.domain)]!;
      const { moderatedVariance, rowsVariance } = trained!.noise;
      const error = Math.sqrt(moderatedVariance! / 3 + rowsVariance);
      if (value === null) rates.declined++;
      if (value === null || Math.abs(help.value!) < 1.96 * error) continue;
      const isRight = Math.sign(value) === Math.sign(help.value!);
      const isSaid = says.endsWith("(forecast)");
      rates.resolvable++;
      if (isRight) rates.rightSigns++;
      if (isSaid) rates.said++;
      if (isSaid && isRight) rates.rightSaid++;
    }
  }
  return rates;
}
