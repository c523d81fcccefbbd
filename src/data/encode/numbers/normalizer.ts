/**
 * Parses TorchEasyRec's normalizer text, such as `method=log10,threshold=0.05,default=-5`, to a function.
 */
import { parseExpression } from "./expression.js";

/** A normalisation function, or the reason why the text is invalid. */
export type Normalizer = { readonly apply: (value: number) => number } | { readonly fault: string };

const expression = /^\s*method\s*=\s*expression\s*,\s*expr\s*=(.*)$/s;

/**
 * Parses a normalizer (pyfg: log10, zscore, minmax, expression). `log10` returns `default` for values up to the
 * threshold.
 */
export function parseNormalizer(text: string): Normalizer {
  const formula = expression.exec(text);
  if (formula !== null) {
    const apply = parseExpression(formula[1]!);
    return typeof apply === "function" ? { apply } : apply;
  }
  const fields = new Map(
    text.split(",").map((part) => {
      const equals = part.indexOf("=");
      return [part.slice(0, equals).trim(), part.slice(equals + 1).trim()] as const;
    }),
  );
  const number = (name: string, otherwise: number | null): number => {
    const value = fields.get(name);
    return value === undefined || value === "" ? (otherwise ?? Number.NaN) : Number(value);
  };
  switch (fields.get("method")) {
    case "log10": {
      const threshold = number("threshold", 1e-10);
      const low = number("default", -10);
      return checked([threshold, low], (value) => (value > threshold ? Math.log10(value) : low));
    }
    case "zscore": {
      const mean = number("mean", null);
      const deviation = number("standard_deviation", null);
      return checked([mean, deviation, 1 / deviation], (value) => (value - mean) / deviation);
    }
    case "minmax": {
      const min = number("min", null);
      const max = number("max", null);
      return checked([min, max, 1 / (max - min)], (value) => (value - min) / (max - min));
    }
    default:
      return { fault: `method "${fields.get("method") ?? ""}" is not log10, zscore, minmax or expression` };
  }
}

function checked(numbers: readonly number[], apply: (value: number) => number): Normalizer {
  return numbers.every(Number.isFinite) ? { apply } : { fault: "one of its numbers is missing or invalid" };
}
