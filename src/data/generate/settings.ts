/** What is generated where the user does not say, and what cannot be. */
import { DataError, type Problem } from "../../errors/index.js";
import type { TaobaoOptions } from "./taobao.js";

/** Every option with its value; throws a DataError with all that make no sense. */
export function completeTaobao(options: TaobaoOptions): Required<TaobaoOptions> {
  const settings = {
    seed: 1,
    users: 2000,
    ads: 1500,
    domains: 3,
    domainEffect: 1,
    clickRate: 0.28,
    purchaseRate: 0.3,
    tasks: 2,
    noise: 0,
    coldUsers: 0,
    time: (options.coldUsers ?? 0) > 0,
    truth: false,
    ...options,
  };
  const problems: Problem[] = [];
  const check = (
    names: readonly (keyof TaobaoOptions)[],
    holds: (value: number) => boolean,
    message: string,
    expected: string,
  ) => {
    for (const name of names) {
      const value = settings[name] as number;
      if (!holds(value)) problems.push({ path: `taobaoLike.${name}`, message, received: String(value), expected });
    }
  };
  const isCount = (value: number): boolean => Number.isInteger(value) && value > 0;
  check(["rows", "users", "ads", "domains", "tasks"], isCount, "is no count", "1 or more");
  check(["clickRate", "purchaseRate"], (rate) => rate > 0 && rate < 1, "is no rate", "between 0 and 1");
  check(["coldUsers"], (share) => share >= 0 && share < 1, "is no share of the users", "0 or more, below 1");
  check(["noise", "domainEffect"], (size) => size >= 0 && Number.isFinite(size), "is no strength", "0 or more");
  if (problems.length > 0) throw new DataError(problems);
  return settings;
}
