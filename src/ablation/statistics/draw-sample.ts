import { permutation, random } from "../../util/random.js";

export interface DrawSample {
  /** Ascending; `null`: all rows. */
  readonly rows: Int32Array | null;
  /** [all rows], 1 for rows in the sample; `null`: all. */
  readonly has: Uint8Array | null;
  /** √(sampled users / all users), or of rows: the factor that scales a draw's variation to all rows. */
  readonly scale: number;
}

/** All rows, or whole users with about `most` of them. */
export function drawSample(rows: number, users: Int32Array | null, most: number): DrawSample {
  if (rows <= most) return { rows: null, has: null, scale: 1 };
  const source = random(1).fork("draw sample");
  if (users === null) {
    const has = marks(rows, permutation(rows, source).subarray(0, most));
    return { rows: marked(has), has, scale: Math.sqrt(most / rows) };
  }
  const counts = new Map<number, number>();
  for (const user of users) counts.set(user, (counts.get(user) ?? 0) + 1);
  const all = Int32Array.from(counts.keys()).sort();
  const chosen = new Set<number>();
  let taken = 0;
  for (const at of permutation(all.length, source)) {
    if (taken >= most) break;
    const user = all[at]!;
    chosen.add(user);
    taken += counts.get(user)!;
  }
  const has = Uint8Array.from(users, (user) => (chosen.has(user) ? 1 : 0));
  return { rows: marked(has), has, scale: Math.sqrt(chosen.size / all.length) };
}

function marks(rows: number, chosen: Int32Array): Uint8Array {
  const has = new Uint8Array(rows);
  for (const row of chosen) has[row] = 1;
  return has;
}

function marked(has: Uint8Array): Int32Array {
  return Int32Array.from(has.keys()).filter((row) => has[row] === 1);
}
