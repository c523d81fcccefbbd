/** Parses numbers on the command line. */
import { InvalidArgumentError } from "commander";

/** An integer of at least `least`, and at most `most`. */
export function integer(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    const bound = most === Number.MAX_SAFE_INTEGER ? `≥ ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`Expected an integer ${bound}.`);
  };
}
