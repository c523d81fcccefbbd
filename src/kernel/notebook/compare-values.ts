/** Compares texts and JSON values: numbers by the rule of `same-number.ts`, everything else exactly. */

import { isObject } from "../../core/util/json.js";
import { isSamePrinted, isSameValue, numberToken, printedNumbers, relativeDifference } from "./same-number.js";

export interface Found {
  /** Position in the output: `line 5`, `data[3].y[17]`. */
  readonly where?: string;
  readonly kind: "number" | "text" | "picture" | "missing" | "unexpected";
  /** The saved value, shortened; absent if nothing was saved. */
  readonly recorded?: string;
  readonly now?: string;
  /** For numbers: the largest relative difference, and how many of how many differ. */
  readonly relative?: number;
  readonly differing?: number;
  readonly of?: number;
}

export function short(text: string, limit = 160): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}

/** Line by line, or the first of unequal line counts. Widths may differ (`isLoose`) if numbers or ignored times do. */
export function compareText(recorded: string, now: string, tolerance: number, isLoose = false): Found[] {
  if (recorded === now) return [];
  const numbers = (text: string): string => (text.match(numberToken) ?? []).join(" ");
  const loose = isLoose || numbers(recorded) !== numbers(now);
  const [old, fresh] = [recorded, now].map((text) =>
    text.split("\n").map((line) =>
      loose
        ? line
            .replace(/[ \t]+/g, " ")
            .replace(/─+/g, "─")
            .trim()
        : line,
    ),
  );
  const differences: Found[] = [];
  for (let line = 0; line < Math.max(old!.length, fresh!.length); line++) {
    const [a, b] = [old![line], fresh![line]];
    const where = `line ${line + 1}`;
    if (a === undefined) {
      return [...differences, { where, kind: "unexpected", now: `${short(b!)} (${fresh!.length - line} lines)` }];
    }
    if (b === undefined) {
      return [...differences, { where, kind: "missing", recorded: `${short(a)} (${old!.length - line} lines)` }];
    }
    const difference = compareLine(a, b, tolerance);
    if (difference === null) continue;
    differences.push({ where, ...difference });
    // Inserted or removed lines shift all later lines, so report only the first difference.
    if (difference.kind === "text" && old!.length !== fresh!.length) return differences;
  }
  return differences;
}

function compareLine(recorded: string, now: string, tolerance: number): Found | null {
  if (recorded === now) return null;
  const differs = { kind: "text", recorded: short(recorded), now: short(now) } as const;
  if (recorded.replace(numberToken, "\0") !== now.replace(numberToken, "\0")) return differs;
  const [old, fresh] = [printedNumbers(recorded), printedNumbers(now)];
  const beyond = old.flatMap((number, at) => {
    const other = fresh[at]!;
    return isSamePrinted(number, other, tolerance) ? [] : [relativeDifference(number.value, other.value)];
  });
  if (beyond.length === 0) return null;
  return { ...differs, kind: "number", relative: Math.max(...beyond), differing: beyond.length, of: old.length };
}

/** Returns the differences below `path`; an array of numbers reports its differences in one line. */
export function compareJson(recorded: unknown, now: unknown, tolerance: number, path = ""): Found[] {
  if (recorded === now) return [];
  if (Array.isArray(recorded) && Array.isArray(now)) return compareArrays(recorded, now, tolerance, path);
  if (isObject(recorded) && isObject(now)) {
    return [...new Set([...Object.keys(recorded), ...Object.keys(now)])].flatMap((key) => {
      const where = /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)
        ? `${path === "" ? "" : `${path}.`}${key}`
        : `${path}[${JSON.stringify(key)}]`;
      if (!Object.hasOwn(now, key)) return [{ where, kind: "missing" as const, recorded: short(json(recorded[key])) }];
      if (!Object.hasOwn(recorded, key)) return [{ where, kind: "unexpected" as const, now: short(json(now[key])) }];
      const isPacked = key === "bdata" && recorded["dtype"] === now["dtype"];
      const [old, fresh] = [recorded, now].map((value) => (isPacked ? packedNumbers(value) : null) ?? value[key]);
      return compareJson(old, fresh, tolerance, where);
    });
  }
  const at = path === "" ? {} : { where: path };
  if (typeof recorded === "number" && typeof now === "number") {
    return compareNumbers([recorded], [now], tolerance).map((difference) => ({ ...at, ...difference }));
  }
  if (typeof recorded === "string" && typeof now === "string") {
    const difference = compareLine(recorded, now, tolerance);
    return difference === null ? [] : [{ ...at, ...difference }];
  }
  return [{ ...at, kind: "text", recorded: short(json(recorded)), now: short(json(now)) }];
}

/** Plotly's names of typed arrays. */
const packedTypes = {
  f8: Float64Array,
  float64: Float64Array,
  f4: Float32Array,
  float32: Float32Array,
  i4: Int32Array,
  int32: Int32Array,
  u4: Uint32Array,
  uint32: Uint32Array,
  i2: Int16Array,
  int16: Int16Array,
  u2: Uint16Array,
  uint16: Uint16Array,
  i1: Int8Array,
  int8: Int8Array,
  u1: Uint8Array,
  uint8: Uint8Array,
  u1c: Uint8ClampedArray,
  uint8c: Uint8ClampedArray,
};

/** The numbers of an array as Plotly packs it: `{ dtype: "f8", bdata: "…" }`, in base64. */
function packedNumbers({ dtype, bdata }: Readonly<Record<string, unknown>>): number[] | null {
  if (typeof bdata !== "string" || typeof dtype !== "string" || !Object.hasOwn(packedTypes, dtype)) return null;
  const Type = packedTypes[dtype as keyof typeof packedTypes];
  const bytes = Uint8Array.from(Buffer.from(bdata, "base64"));
  return bytes.length % Type.BYTES_PER_ELEMENT === 0 ? Array.from(new Type(bytes.buffer)) : null;
}

function compareArrays(old: readonly unknown[], fresh: readonly unknown[], tolerance: number, path: string): Found[] {
  if (old.length !== fresh.length) {
    const lengths = { recorded: `${old.length} items`, now: `${fresh.length} items` };
    return [{ where: path, kind: old.length > fresh.length ? "missing" : "unexpected", ...lengths }];
  }
  if (![...old, ...fresh].every((item) => typeof item === "number" || item === null)) {
    return old.flatMap((item, index) => compareJson(item, fresh[index], tolerance, `${path}[${index}]`));
  }
  return compareNumbers(old as (number | null)[], fresh as (number | null)[], tolerance, path);
}

function compareNumbers(
  recorded: readonly (number | null)[],
  now: readonly (number | null)[],
  tolerance: number,
  path?: string,
): Found[] {
  const differences = recorded.map((value, index) => {
    const other = now[index] as number | null;
    if (value === null || other === null) return value === other ? null : Number.POSITIVE_INFINITY;
    return isSameValue(value, other, tolerance) ? null : relativeDifference(value, other);
  });
  const beyond = differences.flatMap((difference, index) => (difference === null ? [] : [index]));
  const [first] = beyond;
  if (first === undefined) return [];
  return [
    {
      ...(path === undefined ? {} : { where: `${path}[${first}]` }),
      kind: "number",
      recorded: String(recorded[first]),
      now: String(now[first]),
      relative: beyond.reduce((largest, index) => Math.max(largest, differences[index]!), 0),
      differing: beyond.length,
      of: recorded.length,
    },
  ];
}

function json(value: unknown): string {
  return JSON.stringify(value) ?? "undefined";
}
