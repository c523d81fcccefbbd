/** What is generated where the user does not say, and what cannot be. */
import { DataError, type Problem } from "../../errors/index.js";

/** Every option with its value. */
export type TaobaoSettings = Required<Omit<TaobaoOptions, "domainEffect">> & {
  readonly domainEffect: Required<DomainEffects>;
};

/** Every option with its value; throws a DataError with all that make no sense. */
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
  const problems: Problem[] = [];
  const check = (
    named: Readonly<Record<string, number>>,
    holds: (value: number) => boolean,
    message: string,
    expected: string,
  ) => {
    for (const [name, value] of Object.entries(named)) {
      if (!holds(value)) problems.push({ path: `taobaoLike.${name}`, message, received: String(value), expected });
    }
  };
  const { rows, users, ads, domains, tasks, clickRate, purchaseRate, coldUsers, noise, domainEffect } = settings;
  const isCount = (value: number): boolean => Number.isInteger(value) && value > 0;
  check({ rows, users, ads, domains, tasks }, isCount, "must be a positive integer", "an integer ≥ 1");
  check(
    { clickRate, purchaseRate },
    (rate) => rate > 0 && rate < 1,
    "must be a rate between 0 and 1",
    "between 0 and 1",
  );
  check(
    { coldUsers },
    (share) => share >= 0 && share < 1,
    "must be a share of the users",
    "at least 0 and less than 1",
  );
  const effects =
    typeof options.domainEffect === "object"
      ? Object.fromEntries(Object.entries(domainEffect).map(([kind, size]) => [`domainEffect.${kind}`, size]))
      : { domainEffect: domainEffect.category };
  for (const kind of Object.keys(domainEffect).filter((name) => !kinds.includes(name))) {
    const path = `taobaoLike.domainEffect.${kind}`;
    problems.push({ path, message: "not a way in which domains differ", expected: `one of ${kinds.join(", ")}` });
  }
  check(
    { noise, ...effects },
    (size) => size >= 0 && Number.isFinite(size),
    "must be a strength of at least 0",
    "a number ≥ 0",
  );
  if (problems.length > 0) throw new DataError(problems);
  return settings;
}

const kinds = ["category", "brand", "price", "rate"];

function byKind(effect: number | DomainEffects): Required<DomainEffects> {
  if (typeof effect === "object") return { category: 0, brand: 0, price: 0, rate: 0, ...effect };
  return { category: effect, brand: effect, price: effect, rate: effect };
}

/** What to generate. */
export interface TaobaoOptions {
  /** Impressions to make. */
  readonly rows: number;
  /** Default: 1. */
  readonly seed?: number;
  /** Default: 2,000. */
  readonly users?: number;
  /** Default: 1,500. */
  readonly ads?: number;
  /** Values of `occupation`. Default: 3. */
  readonly domains?: number;
  /** How much domains differ in what they like, in all of it or each by itself; 0: not at all. Default: 1. */
  readonly domainEffect?: number | DomainEffects;
  /** Default: 0.28. */
  readonly clickRate?: number;
  /** Purchases in clicks. Default: 0.3. */
  readonly purchaseRate?: number;
  /** Labels: 1 `clk`; 2 `buy` too (the default); then `cart`, `fav`, `share`, `action_6` … each within clicks, with a taste of its own. */
  readonly tasks?: number;
  /**
   * Standard deviation, on the logit, of what moves users and no column tells: it flattens the true probabilities and
   * lowers the best AUC. Default: 0.
   */
  readonly noise?: number;
  /**
   * Share of the users, those with the highest ids, who come in the last tenth of the rows only, and have that share
   * of it: cold users for a split by time. Default: 0.
   */
  readonly coldUsers?: number;
  /** A column `time_stamp`, ascending over eight days. Default: `true` where there are cold users. */
  readonly time?: boolean;
  /** `true`: the columns `p_clk`, `p_buy` … hold the true probabilities, so that splits carry them along. Default: `false`. */
  readonly truth?: boolean;
}

/** In what domains differ, and how much; what is left out is 0: they are alike in it. */
export interface DomainEffects {
  /** Which categories (`cate_id`) are liked. */
  readonly category?: number;
  /** Which brands. */
  readonly brand?: number;
  /** Whether the price attracts or repels. */
  readonly price?: number;
  /** How often clicks happen at all. */
  readonly rate?: number;
}
