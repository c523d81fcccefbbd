/** Numbers on the command line. */
import { InvalidArgumentError } from "commander";

/** An integer of at least `least`. */
export function integer(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It must be an integer ≥ ${least}.`);
  };
}
