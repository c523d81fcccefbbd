/** What is generated where the user does not say, and what cannot be. */
import { DataError, type Problem } from "../../errors/index.js";
import type { DomainEffects, TaobaoOptions } from "./taobao.js";

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
  check({ rows, users, ads, domains, tasks }, isCount, "is no count", "1 or more");
  check({ clickRate, purchaseRate }, (rate) => rate > 0 && rate < 1, "is no rate", "between 0 and 1");
  check({ coldUsers }, (share) => share >= 0 && share < 1, "is no share of the users", "0 or more, below 1");
  const effects =
    typeof options.domainEffect === "object"
      ? Object.fromEntries(Object.entries(domainEffect).map(([kind, size]) => [`domainEffect.${kind}`, size]))
      : { domainEffect: domainEffect.category };
  for (const kind of Object.keys(domainEffect).filter((name) => !kinds.includes(name))) {
    const path = `taobaoLike.domainEffect.${kind}`;
    problems.push({ path, message: "domains do not differ in this", expected: `one of ${kinds.join(", ")}` });
  }
  check({ noise, ...effects }, (size) => size >= 0 && Number.isFinite(size), "is no strength", "0 or more");
  if (problems.length > 0) throw new DataError(problems);
  return settings;
}

const kinds = ["category", "brand", "price", "rate"];

function byKind(effect: number | DomainEffects): Required<DomainEffects> {
  if (typeof effect === "object") return { category: 0, brand: 0, price: 0, rate: 0, ...effect };
  return { category: effect, brand: effect, price: effect, rate: effect };
}
