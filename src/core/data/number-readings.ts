/**
 * Texts as numbers under a reading, which says what their marks mean: `1,234.50`, `1.234,50`, `1 234,5`, `1'234.50`,
 * `12,34,567`. A reading is of a whole column: `2,240` alone is 2240 and 2.24.
 */
import { numberIn } from "./cells.js";
import { identifier } from "./sources/names.js";

/** A blank stands for all blanks, an apostrophe for both apostrophes. */
type Mark = "," | "." | " " | "'";

/** What the marks of a column mean. Every reading also takes numbers without marks. */
export interface NumberReading {
  readonly decimal: "." | ",";
  readonly thousands: Mark;
  /** Indian: the last three digits, and pairs before them. */
  readonly groups: "threes" | "indian";
}

const readings: readonly NumberReading[] = [
  { decimal: ".", thousands: ",", groups: "threes" },
  { decimal: ".", thousands: ",", groups: "indian" },
  { decimal: ",", thousands: ".", groups: "threes" },
  { decimal: ".", thousands: " ", groups: "threes" },
  { decimal: ",", thousands: " ", groups: "threes" },
  { decimal: ".", thousands: "'", groups: "threes" },
  { decimal: ",", thousands: "'", groups: "threes" },
];

/** The characters of a mark, for classes of regular expressions; RE2, of SQL, takes the same ones. */
const characters: Readonly<Record<Mark, string>> = { ",": ",", ".": ".", " ": "\\p{Zs}", "'": "'’" };
const names: Readonly<Record<Mark, string>> = { ",": "comma", ".": "point", " ": "space", "'": "apostrophe" };
const blank = "\\s\\p{Zs}";
/** Narrower than JavaScript's `\s`: what {@link blank} means in SQL. */
const outerBlanks = /^[\t\n\f\r\p{Zs}]+|[\t\n\f\r\p{Zs}]+$/gu;
const anyBlank = /[\t\n\f\r\p{Zs}]/u;
const minus = "−";

const compiled = new Map(readings.map((reading) => [reading, compile(reading)]));

function compile({ decimal, thousands, groups }: NumberReading) {
  const mark = `[${characters[thousands]}]`;
  // No number begins with a group of zeros, so `0,240` has a decimal comma.
  const grouped = groups === "threes" ? `[1-9]\\d{0,2}(?:${mark}\\d{3})+` : `[1-9]\\d?(?:${mark}\\d{2})*${mark}\\d{3}`;
  const fraction = `[${decimal}]\\d+`;
  const number = `(?:(?:\\d+|${grouped})(?:${fraction})?|${fraction})`;
  return {
    pattern: new RegExp(`^[-+${minus}]?${number}(?:[eE][-+]?\\d+)?$`, "u"),
    separator: new RegExp(mark, "gu"),
  };
}

/** The number in a text; NaN if the text does not fit the reading. */
function numberAs(text: string, reading: NumberReading): number {
  const { pattern, separator } = compiled.get(reading)!;
  const bare = text.replace(outerBlanks, "");
  if (!pattern.test(bare)) return Number.NaN;
  const value = Number(bare.replace(separator, "").replace(",", ".").replace(minus, "-"));
  return Number.isFinite(value) ? value : Number.NaN;
}

/** @param texts of a whole column, in parts */
export async function weighed(texts: AsyncIterable<Iterable<string>>): Promise<NumberReadings> {
  const weighing = new NumberReadings();
  for await (const part of texts) {
    weighing.add(part);
    if (weighing.isHopeless) break;
  }
  return weighing;
}

/** Finds the readings that fit all cells of a column. */
export class NumberReadings {
  #fitting: readonly NumberReading[] = readings;
  readonly #marks = new Set<Mark>();
  readonly #apostrophes = new Set<string>();
  #hasBlanks = false;
  #hasOtherBlanks = false;
  #hasEmpty = false;
  #hasMinus = false;
  #example: string | null = null;

  add(words: Iterable<string>): void {
    for (const word of words) {
      if (this.#fitting.length === 0) return;
      const text = word.replace(outerBlanks, "");
      if (anyBlank.test(word)) this.#hasBlanks = true;
      if (anyBlank.test(word.replaceAll(" ", ""))) this.#hasOtherBlanks = true;
      if (text === "") this.#hasEmpty = true;
      else this.#weigh(text);
    }
  }

  #weigh(text: string): void {
    this.#fitting = this.#fitting.filter((reading) => !Number.isNaN(numberAs(text, reading)));
    for (const [character] of text.matchAll(/[,.'’\p{Zs}]/gu)) {
      this.#marks.add(character === "," || character === "." ? character : /['’]/.test(character) ? "'" : " ");
      if (/['’]/.test(character)) this.#apostrophes.add(character);
    }
    if (text.includes(minus)) this.#hasMinus = true;
    if (!Number.isFinite(numberIn(text))) this.#example ??= text;
  }

  /**
   * The readings that fit every cell and give different numbers; none if no reading fits, or if the cells are numbers
   * as they are.
   */
  get fitting(): readonly NumberReading[] {
    if (this.#example === null) return [];
    const distinct = new Map<string, NumberReading>();
    for (const reading of this.#fitting) {
      const roles = JSON.stringify(this.#usedMarks(reading));
      if (!distinct.has(roles)) distinct.set(roles, reading);
    }
    return [...distinct.values()];
  }

  /** Whether no reading fits every cell, whatever follows. */
  get isHopeless(): boolean {
    return this.#fitting.length === 0;
  }

  /** A cell that is no number as it is. */
  get example(): string {
    return this.#example ?? "";
  }

  /** The example's number. */
  value(reading: NumberReading): number {
    return numberAs(this.example, reading);
  }

  /** `commas between thousands and a decimal point`, as far as the cells have them. */
  describe(reading: NumberReading): string {
    const [thousands, decimal] = this.#usedMarks(reading);
    return [
      ...(thousands === null ? [] : [`${names[thousands]}s between thousands`]),
      ...(decimal === null ? [] : [`a decimal ${names[decimal]}`]),
    ].join(" and ");
  }

  /** SQL of the column as DOUBLE: the number of each cell, NULL for an empty one. */
  expression(column: string, reading: NumberReading): string {
    const [, decimal] = this.#usedMarks(reading);
    let sql = this.#withoutSeparators(identifier(column), reading);
    if (decimal === ",") sql = `replace(${sql}, ',', '.')`;
    if (this.#hasMinus) sql = `replace(${sql}, '${minus}', '-')`;
    if (this.#hasEmpty) sql = `nullif(${sql}, '')`;
    return `${sql}::double`;
  }

  #withoutSeparators(sql: string, reading: NumberReading): string {
    const [thousands] = this.#usedMarks(reading);
    const removed = [
      ...(thousands === "," || thousands === "." ? [thousands] : []),
      ...(thousands === "'" ? [...this.#apostrophes].map((each) => each.replace("'", "''")) : []),
      ...(this.#hasBlanks ? [this.#hasOtherBlanks ? blank : " "] : []),
    ];
    const [only] = removed;
    if (only === undefined) return sql;
    return removed.length === 1 && only !== blank
      ? `replace(${sql}, '${only}', '')`
      : `regexp_replace(${sql}, '[${removed.join("")}]', '', 'g')`;
  }

  #usedMarks({ thousands, decimal }: NumberReading): readonly [thousands: Mark | null, decimal: Mark | null] {
    return [this.#marks.has(thousands) ? thousands : null, this.#marks.has(decimal) ? decimal : null];
  }
}
