/**
 * Parses the formulas of a kernel, such as `m = m + add * (gradient - m)`, into instructions of a stack machine,
 * which WebAssembly is. The syntax has + - * / with the usual precedence, left-associative, parentheses, and sqrt,
 * min and max; numbers are referenced by name.
 */

/** Arrays of [size], scalars, and lines that assign to arrays or to new names. */
export interface Formula<Arrays extends string = string, Scalars extends string = string> {
  readonly arrays: readonly Arrays[];
  readonly scalars: readonly Scalars[];
  /** In order. A false line is omitted, so that a variant reads `decay !== 0 && "g = gradient + decay * value"`. */
  readonly lines: readonly (string | false)[];
}

export type Operation = "+" | "-" | "*" | "/" | "sqrt" | "min" | "max";

/** Pushes a name's value, pops a number into a name, or computes. */
export type Instruction = { readonly get: string } | { readonly set: string } | Operation;

const operands: Readonly<Record<string, number>> = { sqrt: 1, min: 2, max: 2 };

/** @throws SyntaxError with the line that is invalid or uses a name before its assignment */
export function parseFormula({ arrays, scalars, lines }: Formula): Instruction[] {
  const names = new Set<string>([...arrays, ...scalars]);
  return lines
    .filter((line) => line !== false)
    .flatMap((line) => {
      const instructions = new LineReader(line, names).read();
      names.add(line.split("=", 1)[0]!.trim());
      return instructions;
    });
}

class LineReader {
  readonly #line: string;
  readonly #names: ReadonlySet<string>;
  readonly #words: string[];
  readonly #read: Instruction[] = [];

  constructor(line: string, names: ReadonlySet<string>) {
    this.#line = line;
    this.#names = names;
    this.#words = line.match(/\w+|\S/g) ?? [];
  }

  read(): Instruction[] {
    const name = this.#words.shift() ?? "";
    this.#expect("=");
    this.#sum();
    if (!/^\w+$/.test(name) || this.#words.length > 0) this.#fail();
    return [...this.#read, { set: name }];
  }

  #sum(): void {
    this.#chain(["+", "-"], () => this.#chain(["*", "/"], () => this.#operand()));
  }

  #chain(operations: readonly string[], operand: () => void): void {
    operand();
    while (operations.includes(this.#words[0]!)) {
      const operation = this.#words.shift() as Operation;
      operand();
      this.#read.push(operation);
    }
  }

  #operand(): void {
    const word = this.#words.shift() ?? "";
    if (word === "(") {
      this.#sum();
      this.#expect(")");
    } else if (Object.hasOwn(operands, word)) {
      for (let i = 0; i < operands[word]!; i++) {
        this.#expect(i === 0 ? "(" : ",");
        this.#sum();
      }
      this.#expect(")");
      this.#read.push(word as Operation);
    } else {
      if (!this.#names.has(word)) this.#fail();
      this.#read.push({ get: word });
    }
  }

  #expect(symbol: string): void {
    if (this.#words.shift() !== symbol) this.#fail();
  }

  #fail(): never {
    throw new SyntaxError(`not a formula of ${[...this.#names].join(", ")}: ${this.#line}`);
  }
}
