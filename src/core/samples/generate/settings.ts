/** The options of a generated log, with their defaults and limits. */
import { DataError, type Problem } from "../../errors/index.js";
import { positive, share } from "../../spec/option.js";
import { checkNumber, type NumberRange, unknownName } from "../../spec/validate/checks.js";

export type TaobaoSettings = Required<Omit<TaobaoOptions, "domainEffect">> & {
  readonly domainEffect: Required<DomainEffects>;
};

/** Returns every option with its value; throws a DataError with all invalid options. */
export function completeTaobao(options: TaobaoOptions): TaobaoSettings {
  const settings = {
    seed: 1,
    users: 2000,
    ads: 1500,
    domains: 3,
    clickRate: 0.28,
    purchaseRate: 0.3,
    tasks: 2,
    noise: 0,
    coldUsers: 0,
    time: (options.coldUsers ?? 0) > 0,
    truth: false,
    ...options,
    domainEffect: byKind(options.domainEffect ?? 1),
  };
  const { rows, users, ads, domains, tasks, clickRate, purchaseRate, coldUsers, noise, domainEffect } = settings;
  const effects =
    typeof options.domainEffect === "object"
      ? Object.fromEntries(Object.entries(domainEffect).map(([kind, size]) => [`domainEffect.${kind}`, size]))
      : { domainEffect: domainEffect.category };
  const check = (values: Readonly<Record<string, number>>, range: NumberRange): Problem[] =>
    Object.entries(values).flatMap(([name, value]) => checkNumber(`taobaoLike.${name}`, value, range));
  const problems = [
    ...check({ rows, users, ads, domains, tasks }, positive),
    ...check({ clickRate, purchaseRate }, { above: 0, below: 1 }),
    ...check({ coldUsers }, share),
    ...Object.keys(domainEffect)
      .filter((name) => !kinds.includes(name))
      .map((name) => unknownName(`taobaoLike.domainEffect.${name}`, "effect", name, kinds)),
    ...check({ noise, ...effects }, { least: 0 }),
  ];
  if (problems.length > 0) throw new DataError(problems);
  return settings;
}

const kinds = ["category", "brand", "price", "rate"];

function byKind(effect: number | DomainEffects): Required<DomainEffects> {
  if (typeof effect === "object") return { category: 0, brand: 0, price: 0, rate: 0, ...effect };
  return { category: effect, brand: effect, price: effect, rate: effect };
}

/** Options of the generator. */
export interface TaobaoOptions {
  readonly rows: number;
  readonly seed?: number;
  /** Number of users. Default: 2,000. */
  readonly users?: number;
  /** Number of ads. Default: 1,500. */
  readonly ads?: number;
  /** Number of domains (values of `occupation`). Default: 3. */
  readonly domains?: number;
  /** How much the tastes of domains differ, for all effects or each separately; 0: not at all. Default: 1. */
  readonly domainEffect?: number | DomainEffects;
  /** Mean click rate. Default: 0.28. */
  readonly clickRate?: number;
  /** Mean purchase rate given a click. Default: 0.3. */
  readonly purchaseRate?: number;
  /** 1: `clk`; 2: also `buy` (default); then `cart`, `fav`, `share`, `action_6` …, each given a click. */
  readonly tasks?: number;
  /** Standard deviation of an unobserved term of the logit, which lowers the best AUC. Default: 0. */
  readonly noise?: number;
  /** Share of users who appear only in the last tenth of the rows, where they make up the same share. Default: 0. */
  readonly coldUsers?: number;
  /** A column `time_stamp`, ascending over eight days. Default: `true` with cold users. */
  readonly time?: boolean;
  /** Adds the true probabilities as columns `p_clk`, `p_buy` …. Default: `false`. */
  readonly truth?: boolean;
}

/** How much domains differ, by kind of effect; missing kinds are 0 (equal in all domains). */
export interface DomainEffects {
  readonly category?: number;
  readonly brand?: number;
  readonly price?: number;
  readonly rate?: number;
}
