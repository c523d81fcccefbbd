/** Tables of users with many rows each, split at random by user: nothing drifted, and every verdict of drift is false. */

import { random } from "../../../src/core/util/random.js";
import { type Dataset, dataset } from "../../../src/index.js";
import { type Rate, triedRates } from "../../rates.js";

/** How a table is made. `move`: what is planted in the second part. */
export interface UserWorld {
  readonly users: number;
  readonly rowsPerUser: number;
  readonly seed: number;
  readonly move?: "users" | "rows" | "rate";
  /** Rows instead of users are split at random. */
  readonly byRow?: boolean;
}

/** City and age belong to users, taste varies within and between them, price and scene vary by row. */
export async function userTables(world: UserWorld): Promise<{ training: Dataset; here: Dataset }> {
  const { users, rowsPerUser, seed, move, byRow = false } = world;
  const source = random(seed).fork("users");
  const parts = [0, 1].map(() => ({
    user: [] as number[],
    city: [] as string[],
    age: [] as number[],
    taste: [] as number[],
    price: [] as number[],
    scene: [] as number[],
    clk: [] as number[],
  }));
  for (let user = 0; user < users; user++) {
    const part = source.uniform() < 0.7 ? 0 : 1;
    const isMoved = part === 1 && move !== undefined;
    const city = isMoved && move === "users" && source.uniform() < 0.5 ? 0 : source.integer(6);
    const [age, effect] = [18 + source.integer(50), source.normal()];
    const rows = rowsPerUser === 1 ? 1 : 1 + source.integer(2 * rowsPerUser - 1);
    for (let row = 0; row < rows; row++) {
      const to = parts[byRow ? (source.uniform() < 0.7 ? 0 : 1) : part]!;
      to.user.push(user);
      to.city.push(`c${city}`);
      to.age.push(age);
      to.taste.push(effect + source.normal());
      to.price.push(Math.exp(source.normal()) * (isMoved && move === "rows" ? 1.5 : 1));
      to.scene.push(source.integer(2));
      const logit = effect - 1 + (isMoved && move === "rate" ? 1 : 0);
      to.clk.push(source.uniform() < 1 / (1 + Math.exp(-logit)) ? 1 : 0);
    }
  }
  return { training: await dataset(parts[0]!), here: await dataset(parts[1]!) };
}

/** What drift says: columns and rates beyond noise, such as `city` and `clk 1`. */
export async function driftClaims(world: UserWorld, user: string | null = "user"): Promise<string[]> {
  const { training, here } = await userTables(world);
  const { drift } = await here.describe({ labels: ["clk"], domain: "scene", training, user });
  const columns = drift!.columns.flatMap(({ name, isBeyondNoise }) => (isBeyondNoise ? [name] : []));
  const rates = drift!.labels.flatMap(({ label, overall, domains }) =>
    [overall, ...domains].flatMap(({ isBeyondNoise }, place) => (isBeyondNoise ? [`${label} ${place}`] : [])),
  );
  return [...columns, ...rates];
}

/** Tables of users split at random with any claim. @param user `null`: rows are taken as independent */
export async function driftFalseAlarms(
  tables: number,
  users: number,
  rowsPerUser: number,
  user: string | null = "user",
) {
  let wrong = 0;
  for (let seed = 1; seed <= tables; seed++) {
    if ((await driftClaims({ users, rowsPerUser, seed }, user)).length > 0) wrong++;
  }
  return wrong;
}

/** By rows a user. */
export async function driftRates(): Promise<Rate[]> {
  const rates: Rate[] = [];
  for (const rows of [1, 5, 10, 20, 30]) {
    const rule = { name: `drift of users split at random, ${rows} rows each`, of: 80, atMost: 8 };
    const errs = async (seed: number) => [(await driftClaims({ users: 120, rowsPerUser: rows, seed })).length > 0];
    rates.push(...(await triedRates([rule], errs)));
  }
  return rates;
}
