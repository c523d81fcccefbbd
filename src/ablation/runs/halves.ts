/** The best of several evaluations looks better on the rows that chose it, so the other half compares variants. */
import { drawnUsers, type UserColumn } from "../../train/index.js";
import { permutation, random } from "../../util/random.js";

/** Numbers of validation rows, ascending. */
export interface Halves {
  readonly choosing: Int32Array;
  readonly comparing: Int32Array;
}

/** Splits rows at random, the same way in every study: whole users, or rows if there are fewer than two users. */
export function halvesOf(rows: number, users: UserColumn | null): Halves {
  const unit = users === null ? null : drawnUsers(users);
  const units = [...new Set(unit ?? [])];
  const byRow = unit === null || units.length < 2;
  const names = byRow ? Int32Array.from({ length: rows }, (_, row) => row) : Int32Array.from(units);
  const order = permutation(names.length, random(1).fork("early stopping"));
  const choosers = new Set(Array.from(order.subarray(0, Math.floor(names.length / 2)), (at) => names[at]!));
  const [choosing, comparing]: [number[], number[]] = [[], []];
  for (let row = 0; row < rows; row++) (choosers.has(byRow ? row : unit[row]!) ? choosing : comparing).push(row);
  return { choosing: Int32Array.from(choosing), comparing: Int32Array.from(comparing) };
}
