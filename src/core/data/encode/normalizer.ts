/** Arithmetic in one variable, such as `sign(x)*ln(1+abs(x))`, as TorchEasyRec's expressions have it. */

type Formula = (x: number) => number;

const { abs, sign, log, log2, log10, exp, sqrt, floor, ceil, trunc, min, max } = Math;
const sigmoid = (value: number): number => 1 / (1 + exp(-value));

const functions = new Map<string, (...values: number[]) => number>(
  Object.entries({ abs, sign, ln: log, log, log2, log10, exp, sqrt, floor, ceil, trunc, sigmoid, min, max }),
);

const variadic: ReadonlySet<string> = new Set(["min", "max"]);

/** Operators of two values, which group from the left, with their precedence. A sign has the precedence of a product. */
const operators = new Map<string, { readonly binds: number; readonly apply: (a: number, b: number) => number }>([
  ["+", { binds: 1, apply: (a, b) => a + b }],
  ["-", { binds: 1, apply: (a, b) => a - b }],
  ["*", { binds: 2, apply: (a, b) => a * b }],
  ["/", { binds: 2, apply: (a, b) => a / b }],
]);

const token = /\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|([-+*/^(),]))/y;

function parseExpression(text: string): Formula | { readonly fault: string } {
  try {
    const tokens: string[] = [];
    token.lastIndex = 0;
    while (token.lastIndex < text.trimEnd().length) {
      const at = token.lastIndex;
      const match = token.exec(text);
      if (match === null) throw new Unsupported(`"${text.slice(at).trim()}" is not arithmetic of x`);
      tokens.push(match[0].trim());
    }
    return new Parser(tokens).whole();
  } catch (error) {
    if (error instanceof Unsupported) return { fault: error.message };
    throw error;
  }
}

class Unsupported extends Error {}

class Parser {
  private at = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly string[]) {}

  whole(): Formula {
    const formula = this.operation(1);
    const rest = this.tokens[this.at];
    if (rest !== undefined) throw new Unsupported(`"${rest}" is not expected`);
    return formula;
  }

  /** Operands joined by operators that bind at least this tightly. */
  private operation(least: number): Formula {
    let left = this.signed();
    for (;;) {
      const operator = operators.get(this.tokens[this.at] ?? "");
      if (operator === undefined || operator.binds < least) return left;
      this.at += 1;
      const [a, b, { apply }] = [left, this.operation(operator.binds + 1), operator];
      left = (x) => apply(a(x), b(x));
    }
  }

  private signed(): Formula {
    const sign = this.taken("+", "-");
    if (sign === null) return this.power();
    const value = this.nested(() => this.signed());
    return sign === "-" ? (x) => -value(x) : value;
  }

  private power(): Formula {
    const base = this.value();
    if (this.taken("^") === null) return base;
    const exponent = this.nested(() => this.signed());
    return (x) => base(x) ** exponent(x);
  }

  private value(): Formula {
    const text = this.tokens[this.at++];
    if (text === undefined) throw new Unsupported("it ends too early");
    if (text === "(") return this.nested(() => this.closed(this.operation(1)));
    if (text === "x") return (x) => x;
    const value = /^[\d.]/.test(text) ? Number(text) : null;
    return value === null ? this.call(text) : () => value;
  }

  private call(name: string): Formula {
    const apply = functions.get(name);
    if (apply === undefined || this.taken("(") === null) {
      throw new Unsupported(`"${name}" is not x, a number or one of ${[...functions.keys()].join(", ")}`);
    }
    const values = [this.nested(() => this.operation(1))];
    while (this.taken(",") !== null) values.push(this.nested(() => this.operation(1)));
    if (values.length > 1 && !variadic.has(name)) throw new Unsupported(`${name} has one argument`);
    const [first] = values;
    return this.closed(
      values.length === 1 ? (x) => apply(first!(x)) : (x) => apply(...values.map((value) => value(x))),
    );
  }

  private closed(formula: Formula): Formula {
    if (this.taken(")") === null) throw new Unsupported("a parenthesis is not closed");
    return formula;
  }

  private taken(...symbols: readonly string[]): string | null {
    const next = this.tokens[this.at];
    if (next === undefined || !symbols.includes(next)) return null;
    this.at += 1;
    return next;
  }

  /** Limits the nesting, since a config of unknown origin could overflow the stack. */
  private nested(parse: () => Formula): Formula {
    if (++this.depth > 100) throw new Unsupported("it is nested more than 100 levels deep");
    const formula = parse();
    this.depth -= 1;
    return formula;
  }
}

export type Normalizer = { readonly apply: (value: number) => number } | { readonly fault: string };

const expression = /^\s*method\s*=\s*expression\s*,\s*expr\s*=(.*)$/s;

/**
 * Parses the text of a normalizer (pyfg's log10, zscore, minmax or expression). `log10` returns `default` up to the
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
  const number = (name: string, otherwise = Number.NaN): number => Number(fields.get(name) || otherwise);
  const method = fields.get("method");
  if (method === "log10") {
    const [threshold, low] = [number("threshold", 1e-10), number("default", -10)];
    return checked([threshold, low], (value) => (value > threshold ? Math.log10(value) : low));
  }
  if (method === "zscore") {
    const [mean, deviation] = [number("mean"), number("standard_deviation")];
    return checked([mean, deviation, 1 / deviation], (value) => (value - mean) / deviation);
  }
  if (method !== "minmax") return { fault: `method "${method ?? ""}" is not log10, zscore, minmax or expression` };
  const [min, max] = [number("min"), number("max")];
  return checked([min, max, 1 / (max - min)], (value) => (value - min) / (max - min));
}

function checked(numbers: readonly number[], apply: (value: number) => number): Normalizer {
  return numbers.every(Number.isFinite) ? { apply } : { fault: "one of its numbers is missing or invalid" };
}
