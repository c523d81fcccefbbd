/** Applies the schema's types to a syntax tree: returns the lossless config tree and all problems at once. */
import type { Problem } from "../errors/index.js";
import { stringLiteral } from "../util/code-text.js";
import { getOrMake } from "../util/growing.js";
import type { Json, JsonObject } from "../util/json.js";
import { didYouMean, nearNames } from "../util/names.js";
import { clipped } from "../util/text.js";
import { join } from "./config-path.js";
import {
  type ConfigReport,
  type FieldType,
  fieldEnum,
  fieldMessage,
  isOpen,
  type MessageType,
  mapTypes,
  oneofSiblings,
  showSyntax,
} from "./schema.js";
import { literalKey, type SyntaxField, type SyntaxMessage, type SyntaxValue } from "./tokens.js";

type ScalarResult =
  | { readonly value: string | number | boolean }
  | { readonly expected: string; readonly fix?: string | undefined };

const integerRanges: Readonly<Record<string, readonly [bigint, bigint]>> = {
  uint32: [0n, 0xffffffffn],
  int32: [-0x80000000n, 0x7fffffffn],
  uint64: [0n, 0xffffffffffffffffn],
};

/** Reads a scalar. 64-bit integers beyond 2^53 become text, infinities and NaN proto JSON's names. */
function readScalar(type: string, value: SyntaxValue): ScalarResult {
  if (type === "string") return readString(value);
  if (type === "bool") return readBool(value);
  if (type in integerRanges) return readInteger(type, value);
  const expected = "a number";
  if (value.kind === "list" || value.kind === "message") return { expected };
  if (value.kind === "name" || (value.kind === "string" && value.json)) {
    const infinite = infinities.exec(value.text);
    if (infinite) return { value: `${infinite[1]}Infinity` };
    if (/^-?nan$/i.test(value.text)) return { value: "NaN" };
  }
  if (value.kind !== "number") return { expected, fix: unquoted(value) };
  const number = Number(value.text.replace(/[fF]$/, ""));
  if (Number.isNaN(number) || /^-?0[xX]/.test(value.text)) return { expected: "a decimal number" };
  if (type === "float" && !Number.isFinite(Math.fround(number))) return { expected: "a number that fits float32" };
  return { value: number };
}

function readEnum(names: Readonly<Record<string, number>>, value: SyntaxValue): ScalarResult {
  const expected = `one of ${Object.keys(names).join(", ")}`;
  if (value.kind === "number") {
    const [name] = Object.entries(names).find(([, number]) => String(number) === value.text) ?? [];
    return name === undefined ? { expected } : { value: name };
  }
  if (value.kind !== "name" && value.kind !== "string") return { expected };
  const isName = Object.hasOwn(names, value.text);
  if (isName && (value.kind === "name" || value.json)) return { value: value.text };
  if (isName) return { expected: `${value.text} without quotes`, fix: `write ${value.text}` };
  const [near] = nearNames(value.text, Object.keys(names));
  return { expected, fix: near === undefined ? undefined : `did you mean ${near}?` };
}

function readString(value: SyntaxValue): ScalarResult {
  if (value.kind === "string") return { value: value.text };
  const bare = value.kind === "name" || value.kind === "number";
  return { expected: "a string", fix: bare ? `put it in quotes: ${stringLiteral(value.text)}` : undefined };
}

function readBool(value: SyntaxValue): ScalarResult {
  if (value.kind === "name" && ["true", "True", "t"].includes(value.text)) return { value: true };
  if (value.kind === "name" && ["false", "False", "f"].includes(value.text)) return { value: false };
  if (value.kind === "number" && !value.json && (value.text === "0" || value.text === "1")) {
    return { value: value.text === "1" };
  }
  return { expected: "true or false" };
}

function readInteger(type: string, value: SyntaxValue): ScalarResult {
  const [least, most] = integerRanges[type]!;
  const expected = `an integer from ${least} to ${most}`;
  if (value.kind === "list" || value.kind === "message") return { expected };
  const written = value.kind === "number" || (value.kind === "string" && value.json);
  const integer = written ? parseInteger(value.text, value.json) : null;
  if (integer === null) return { expected, fix: unquoted(value) };
  if (integer < least || integer > most) return { expected };
  const number = Number(integer);
  return { value: Number.isSafeInteger(number) ? number : String(integer) };
}

function parseInteger(text: string, json: boolean): bigint | null {
  const [, sign, digits] = /^(-?)(.*)$/s.exec(text) as unknown as [string, string, string];
  const magnitude = parseMagnitude(digits, json);
  return magnitude === null ? null : sign === "-" ? -magnitude : magnitude;
}

function parseMagnitude(digits: string, json: boolean): bigint | null {
  if (/^0[xX][0-9a-fA-F]+$/.test(digits)) return BigInt(digits);
  if (/^0[0-7]+$/.test(digits)) return BigInt(`0o${digits.slice(1)}`);
  if (/^(0|[1-9]\d*)$/.test(digits)) return BigInt(digits);
  return json && Number.isSafeInteger(Number(digits)) ? BigInt(Number(digits)) : null;
}

const infinities = /^(-?)(inf|infinity)$/i;

function unquoted(value: SyntaxValue): string | undefined {
  const number = value.kind === "string" && value.text.trim() !== "" && !Number.isNaN(Number(value.text));
  return number ? `write ${(value as { text: string }).text} without quotes` : undefined;
}

/** Fields of older versions, and of the sample on TorchEasyRec's PEPNet page, whose names are fixed now. */
const fixedNames: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  PEPNet: { main_group_name: "all", domain_group_name: "domain", uia_group_name: "uia" },
};

function isFixedName(type: MessageType, { name, value }: SyntaxField): boolean {
  const expected = Object.hasOwn(fixedNames, type.name) ? fixedNames[type.name]![name] : undefined;
  return expected !== undefined && value.kind === "string" && value.text === expected;
}

export class MessageTyping {
  constructor(private readonly report: ConfigReport) {}

  /**
   * The written fields as plain values. Required ones may be missing, as in TorchEasyRec's parser: some modes do
   * without.
   */
  message(message: SyntaxMessage, type: MessageType, path: string): JsonObject {
    if (isOpen(type)) return readOpen(message);
    const written = this.#grouped(message, type, path);
    const entries: [string, Json][] = [];
    for (const field of type.fieldsArray) {
      const places = written.get(field.name);
      const value = places && this.#field(places, field, join(path, field.name));
      if (value !== undefined) entries.push([field.name, value]);
    }
    for (const oneof of type.oneofsArray) {
      const chosen = oneof.fieldsArray.filter((field) => written.has(field.name));
      const second = chosen[1];
      if (second === undefined) continue;
      this.report.problems.add(written.get(second.name)?.[0]?.at ?? null, () => ({
        path: join(path, second.name),
        message: `${type.name} can have only one ${oneof.name}`,
        received: chosen.map((field) => field.name).join(" and "),
        expected: `one of ${[second.name, ...oneofSiblings(second)].join(", ")}`,
        fix: "keep one of them",
      }));
    }
    return Object.fromEntries(entries);
  }

  #grouped(message: SyntaxMessage, type: MessageType, path: string): Map<string, SyntaxField[]> {
    const written = new Map<string, SyntaxField[]>();
    for (const field of message.fields) {
      const name = trueName(type, field.name, message.json);
      if (name === null && isFixedName(type, field)) continue;
      if (name === null) this.report.problems.add(field.at, () => unknownField(field, type, path));
      else getOrMake(written, name, () => [] as SyntaxField[]).push(field);
    }
    return written;
  }

  #field(places: readonly SyntaxField[], field: FieldType, path: string): Json | undefined {
    const values = places
      .map((place) => place.value)
      .filter((value) => !(value.json && value.kind === "name" && value.text === "null"));
    if (values.length === 0) return undefined;
    if (field.map) return this.#map(values, field, path);
    const type = fieldMessage(field);
    if (field.repeated) {
      const items = values.flatMap((value) => (value.kind === "list" ? value.items : [value]));
      const read = items.map((item, index) => this.#one(item, field, type, `${path}[${index}]`));
      return read.length === 0 ? undefined : read.filter((item): item is Json => item !== undefined);
    }
    if (type !== null && values.every((value) => value.kind === "message")) {
      const [first, ...others] = values as [SyntaxMessage, ...SyntaxMessage[]];
      const fields = [first, ...others].flatMap((message) => message.fields);
      return this.message(others.length === 0 ? first : { ...first, fields }, type, path);
    }
    if (values.length > 1) this.report.warnings.add(places.at(-1)!.at, () => repeatedField(places, path));
    return this.#one(values.at(-1)!, field, type, path);
  }

  #one(value: SyntaxValue, field: FieldType, type: MessageType | null, path: string): Json | undefined {
    if (type !== null) {
      if (value.kind === "message") return this.message(value, type, path);
      return this.#wrong(value, path, `a ${type.name} message: { … }`);
    }
    const names = fieldEnum(field);
    const result = names === null ? readScalar(field.type, value) : readEnum(names, value);
    return "value" in result ? result.value : this.#wrong(value, path, result.expected, result.fix);
  }

  #map(values: readonly SyntaxValue[], field: FieldType, path: string): JsonObject | undefined {
    const entries = values
      .flatMap((item) => (item.kind === "list" ? item.items : [item]))
      .flatMap((item) => this.#entries(item, field, path))
      .flatMap(([name, value]): [string, Json][] => {
        const type = field.resolvedType as MessageType | null;
        const typed = this.#one(value, field, type, `${path}[${JSON.stringify(name)}]`);
        return typed === undefined ? [] : [[name, typed]];
      });
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  }

  #entries(item: SyntaxValue, field: FieldType, path: string): [string, SyntaxValue][] {
    if (item.kind === "message" && item.json) return item.fields.map((entry) => [entry.name, entry.value]);
    if (item.kind === "message") {
      const key = item.fields.find((entry) => entry.name === "key")?.value;
      const value = item.fields.find((entry) => entry.name === "value")?.value;
      const onlyThese = item.fields.every((entry) => entry.name === "key" || entry.name === "value");
      const name = key === undefined ? null : readScalar(mapTypes(field)?.key ?? "string", key);
      if (onlyThese && value !== undefined && name !== null && "value" in name) return [[String(name.value), value]];
    }
    return this.#wrong(item, path, `{ key: "…" value: … }`) ?? [];
  }

  #wrong(value: SyntaxValue, path: string, expected: string, fix?: string): undefined {
    const received = showSyntax(value);
    const message = `${received} is not a valid value`;
    this.report.problems.add(value.at, () => ({ path, message, received, expected, fix }));
  }
}

function trueName(type: MessageType, name: string, json: boolean): string | null {
  // TorchEasyRec's documentation uses TensorFlow EasyRec's name.
  const alias = type.name === "FeatureGroupConfig" && name === "wide_deep" ? "group_type" : name;
  if (Object.hasOwn(type.fields, alias)) return alias;
  return (json && namesFromJson(type).get(name)) || null;
}

const jsonNames = new WeakMap<MessageType, ReadonlyMap<string, string>>();

function namesFromJson(type: MessageType): ReadonlyMap<string, string> {
  const camelCase = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return getOrMake(jsonNames, type, () => new Map(type.fieldsArray.map(({ name }) => [camelCase(name), name])));
}

/** Converts an open message to a tree; a repeated name becomes a list. */
function readOpen(message: SyntaxMessage): JsonObject {
  const values = new Map<string, Json[]>();
  for (const { name, value } of message.fields) {
    const read = readValue(value);
    if (read !== undefined) getOrMake(values, name, () => [] as Json[]).push(read);
  }
  return Object.fromEntries(
    [...values].map(([name, all]): [string, Json] => [name, all.length === 1 ? (all[0] as Json) : all.flat()]),
  );
}

function readValue(value: SyntaxValue): Json | undefined {
  if (value.kind === "string") return value.text;
  if (value.kind === "number") return readNumber(value.text);
  if (value.kind === "list") return value.items.map(readValue).filter((item): item is Json => item !== undefined);
  if (value.kind === "message") return readOpen(value);
  if (value.text === "null" && value.json) return undefined;
  if (value.text === "true" || value.text === "false") return value.text === "true";
  return { [literalKey]: value.text };
}

/** A number if it is exact, else the text as written. */
function readNumber(text: string): Json {
  const number = Number(text.replace(/(?<!^-?0[xX].*)[fF]$/, ""));
  const exact =
    Number.isFinite(number) && (Number.isSafeInteger(number) || !Number.isInteger(number)) && !/^-?0\d/.test(text);
  return exact ? number : { [literalKey]: text };
}

function unknownField(field: SyntaxField, type: MessageType, path: string): Problem {
  const names = type.fieldsArray.map((field) => field.name);
  const name = clipped(field.name);
  return {
    path: join(path, name),
    message: `${type.name} has no field "${name}"`,
    received: JSON.stringify(name),
    expected: names.length === 0 ? "no fields" : `one of ${names.join(", ")}`,
    fix: didYouMean(field.name, names),
  };
}

function repeatedField(places: readonly SyntaxField[], path: string): Problem {
  const values = places.slice(0, 5).map((place) => showSyntax(place.value));
  return {
    path,
    message: `written ${places.length} times; the last value counts, as in TorchEasyRec`,
    received: `${values.join(", ")}${places.length > 5 ? ", …" : ""}`,
    expected: "one value",
  };
}
