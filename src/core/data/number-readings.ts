/**
 * Texts as numbers under a reading, which says what their marks mean: `1,234.50`, `1.234,50`, `1 234,5`, `1'234.50`,
 * `12,34,567`. A reading is of a whole column: `2,240` alone is 2240 and 2.24. All cells have the same currency, percent
 * sign or unit, or none has one.
 */
import { numberIn } from "./cells.js";
import { identifier } from "./sources/names.js";

/** A blank represents all blanks, an apostrophe both apostrophes. */
export type Mark = "," | "." | " " | "'";

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

/** `$`, `US$`, `Rs.`, or the code of a currency. */
const prefix = "\\p{Lu}{0,2}\\p{Sc}|\\p{Lu}{3}|Rs\\.?|kr\\.?";
/** `%`, a currency, or a unit of one word, such as `kg`, `m²`, `km/h`. */
const suffix = "[%‰]|\\p{Sc}|°?\\p{L}{1,12}[²³]?(?:/\\p{L}{1,6})?\\.?";
const body = "[.,]?\\d(?:[\\d.,'’\\p{Zs}]*\\d)?(?:[eE][-+]?\\d+)?";
const dressed = new RegExp(
  `^(\\()?([-+${minus}])?[${blank}]*(${prefix})?[${blank}]*([-+${minus}])?(${body})[${blank}]*(${suffix})?(\\))?$`,
  "u",
);
const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"));

/** A number and the text around it: the currency or unit before and after it. */
interface DressedNumber {
  readonly bare: string;
  readonly front: string;
  readonly behind: string;
  /** Whether parentheses say that it is negative, as in accounts. */
  readonly isEnclosed: boolean;
}

/** `null` for another text, such as `9 pm`, which is a time. */
function undressed(text: string): DressedNumber | null {
  const match = dressed.exec(text);
  if (match === null) return null;
  const [, open, outer = "", front = "", inner = "", number = "", behind = "", close] = match;
  const sign = outer + inner;
  if ((open === undefined) !== (close === undefined) || sign.length > 1 || (open !== undefined && sign !== ""))
    return null;
  if (/^\p{Lu}{3}$/u.test(front) && !currencies.has(front)) return null;
  if (/^(?:e|[ap]\.?m\.?)$/i.test(behind)) return null;
  return { bare: (open === undefined ? sign : "-") + number, front, behind, isEnclosed: open !== undefined };
}

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

/** The number in a text without currency and unit; NaN if the text does not fit the reading. */
function numberAs(bare: string, reading: NumberReading): number {
  const { pattern, separator } = compiled.get(reading)!;
  if (!pattern.test(bare)) return Number.NaN;
  const value = Number(bare.replace(separator, "").replace(",", ".").replace(minus, "-"));
  return Number.isFinite(value) ? value : Number.NaN;
}

/** Of each reading that fits a text, a name: equal for texts that one reading of a column can fit, with their unit. */
export function readingKeys(text: string): readonly string[] {
  const number = undressed(text.replace(outerBlanks, ""));
  if (number === null) return [];
  const { bare, front, behind } = number;
  return readings.flatMap((reading, at) => (Number.isNaN(numberAs(bare, reading)) ? [] : `${front} ${behind} ${at}`));
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

/** What is known of the marks of a column before its cells are seen. */
export interface StatedMarks {
  readonly decimal?: NumberReading["decimal"] | undefined;
  readonly thousands?: Mark | undefined;
}

/** Finds the readings that fit all cells of a column. */
export class NumberReadings {
  #fitting: readonly NumberReading[];
  readonly #isStated: boolean;
  readonly #marks = new Set<Mark>();
  readonly #apostrophes = new Set<string>();
  #hasBlanks = false;
  #hasOtherBlanks = false;
  #hasEmpty = false;
  #hasMinus = false;
  #hasEnclosed = false;
  #dress: DressedNumber | null = null;
  #isWhole = true;
  #example: string | null = null;

  constructor({ decimal, thousands }: StatedMarks = {}) {
    this.#isStated = decimal !== undefined || thousands !== undefined;
    this.#fitting = readings.filter(
      (reading) =>
        reading.decimal === (decimal ?? reading.decimal) && reading.thousands === (thousands ?? reading.thousands),
    );
  }

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
    const number = undressed(text);
    this.#dress ??= number;
    if (number === null || number.front !== this.#dress!.front || number.behind !== this.#dress!.behind) {
      this.#fitting = [];
      return;
    }
    if (number.isEnclosed) this.#hasEnclosed = true;
    this.#fitting = this.#fitting.filter((reading) => !Number.isNaN(numberAs(number.bare, reading)));
    if (this.#fitting.some((reading) => !Number.isSafeInteger(numberAs(number.bare, reading)))) this.#isWhole = false;
    for (const [character] of number.bare.matchAll(/[,.'’\p{Zs}]/gu)) {
      this.#marks.add(character === "," || character === "." ? character : /['’]/.test(character) ? "'" : " ");
      if (/['’]/.test(character)) this.#apostrophes.add(character);
    }
    if (text.includes(minus)) this.#hasMinus = true;
    const hasMarks = this.#isStated && /[^\d-]/.test(text);
    if (hasMarks || !Number.isFinite(numberIn(text))) this.#example ??= text;
  }

  /**
   * The readings that fit every cell and give different numbers; empty if no reading fits, or if the cells are already
   * numbers.
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

  /** Texts that do not fit the reading, but are numbers once its marks are removed as in {@link expression}. */
  misread(texts: readonly string[], reading: NumberReading): string[] {
    const [thousands, decimal] = this.#usedMarks(reading);
    return texts.filter((text) => {
      if (!Number.isNaN(this.value(reading, text))) return false;
      let bare = text.replaceAll(this.#dress?.front || "\0", "").replaceAll(this.#dress?.behind || "\0", "");
      if (thousands !== null) bare = bare.replace(compiled.get(reading)!.separator, "");
      if (decimal === ",") bare = bare.replaceAll(",", ".");
      return !Number.isNaN(numberIn(bare.replace(/[\s()]/g, "")));
    });
  }

  /** Whether no reading fits every cell, whatever follows. */
  get isHopeless(): boolean {
    return this.#fitting.length === 0;
  }

  /** A cell that is not already a number. */
  get example(): string {
    return this.#example ?? "";
  }

  /** Whether all numbers are whole under all fitting readings. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** The number of a text that {@link NumberReadings.add} got; NaN for one that is empty or does not fit. */
  value(reading: NumberReading, text: string = this.example): number {
    const number = undressed(text.replace(outerBlanks, ""));
    const isAlike = number?.front === (this.#dress?.front ?? "") && number.behind === (this.#dress?.behind ?? "");
    return number !== null && isAlike ? numberAs(number.bare, reading) : Number.NaN;
  }

  /** `commas between thousands and a decimal point`, as far as the cells have them. */
  describe(reading: NumberReading): string {
    const [thousands, decimal] = this.#usedMarks(reading);
    const dress = [this.#dress?.front ?? "", this.#dress?.behind ?? ""].filter((text) => text !== "");
    return [
      ...dress.map((text) => JSON.stringify(text)),
      ...(thousands === null ? [] : [`${names[thousands]}s between thousands`]),
      ...(decimal === null ? [] : [`a decimal ${names[decimal]}`]),
    ].join(" and ");
  }

  /**
   * SQL of the column as DOUBLE: the number of each cell, NULL for an empty one.
   * @param isTried NULL also for cells that do not fit
   */
  expression(column: string, reading: NumberReading, isTried = false): string {
    const [, decimal] = this.#usedMarks(reading);
    let sql = identifier(column);
    for (const text of [this.#dress?.front ?? "", this.#dress?.behind ?? ""]) {
      if (text !== "") sql = `replace(${sql}, '${text}', '')`;
    }
    sql = this.#withoutSeparators(sql, reading);
    if (decimal === ",") sql = `replace(${sql}, ',', '.')`;
    if (this.#hasMinus) sql = `replace(${sql}, '${minus}', '-')`;
    if (this.#hasEmpty && !isTried) sql = `nullif(${sql}, '')`;
    sql = isTried ? `try_cast(${sql} as double)` : `${sql}::double`;
    return this.#hasEnclosed ? `if(starts_with(${identifier(column)}, '('), -1, 1) * ${sql}` : sql;
  }

  #withoutSeparators(sql: string, reading: NumberReading): string {
    const [thousands] = this.#usedMarks(reading);
    const removed = [
      ...(thousands === "," || thousands === "." ? [thousands] : []),
      ...(thousands === "'" ? [...this.#apostrophes].map((each) => each.replace("'", "''")) : []),
      ...(this.#hasEnclosed ? ["(", ")"] : []),
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
