/** What `priors` counts: labels with their delays, keys with their parents, windows; and the names of the new columns. */
import { DataError, type Problem } from "../../errors/index.js";
import { checkOptions, show, unknownName } from "../../spec/validate/checks.js";
import { firstRepeated } from "../../util/names.js";
import { durationMillis } from "../table/duration.js";
import type { Roles } from "../table/roles.js";
import { missingColumn, type Table } from "../table/table.js";

/** A key: one column, or several whose values are one key together. */
export type PriorsKey<C extends string = string> = C | readonly C[];

/** How to count what was known before each row. `Key`: keys; `Label`: labels; `Window`: windows. */
export interface PriorsOptions<
  Key extends PriorsKey = PriorsKey,
  Label extends string = string,
  Window extends string = string,
> {
  /**
   * Keys: `"user_id"`, or `["user_id", "scene"]` for the user in a scene. The rate of a key of several columns starts
   * from that of its first columns. Default: the columns with the roles user and item.
   */
  readonly by?: readonly Key[];
  /** Trailing windows, such as `["7d"]`, besides all history. Default: none. */
  readonly windows?: readonly Window[];
  /**
   * How long after its row a label is known: `"1h"` for all, or by label (`{ click: "1h", buy: "3d" }`); `"0s"`: at
   * once. A label without a delay counts as known at once, and a note says so.
   */
  readonly delay?: string | { readonly [Name in Label]?: string };
  /** Leaves out the rows of this time at the start of the log, which have little history. Default: keeps all. */
  readonly after?: string;
}

/** The times of all steps are whole microseconds, so that equal times are equal in SQL and in JavaScript. */
const microsPerMilli = 1000;

export interface PriorsWindow {
  /** As written, such as `7d`. */
  readonly text: string;
  readonly micros: number;
}

export interface PriorsLabel {
  readonly name: string;
  /** In microseconds. */
  readonly delay: number;
}

/** A key, or one that another starts from; the first level is the whole log, which has no columns. */
export interface Level {
  /** `user_id`, `user_id_scene`; empty for the whole log. */
  readonly name: string;
  readonly columns: readonly string[];
  /** The level that its rate starts from; −1: none. */
  readonly parent: number;
  /** Whether its counts become columns. */
  readonly isAsked: boolean;
}

export interface PriorsPlan {
  readonly labels: readonly PriorsLabel[];
  readonly windows: readonly PriorsWindow[];
  /** Parents come before the levels that start from them. */
  readonly levels: readonly Level[];
  /** In microseconds. */
  readonly after: number | null;
  /** The column with the time; `null`: a fixed random order. */
  readonly time: string | null;
}

/** Labels of a row share one integer, two bits each. */
const mostLabels = 15;

/** @throws DataError that names every fault of the options */
export function planPriors(
  table: Table,
  labels: readonly string[],
  options: PriorsOptions,
  notes: string[],
): PriorsPlan {
  assertLabels(labels);
  checkOptions("priors", options, ["by", "windows", "delay", "after"], DataError);
  const keys = keysOf(table.roles, options.by, notes);
  const columns = [...new Set([...labels, ...keys.flat()])];
  const absent = columns.filter((name) => !table.has(name)).map((name) => missingColumn(table, name));
  if (absent.length > 0) throw new DataError(absent);
  const time = table.roles.time ?? null;
  const problems = [...keyProblems(table, keys, labels, time), ...timelessProblems(options, time)];
  if (problems.length > 0) throw new DataError(problems);
  const windows = windowsOf(options.windows ?? []);
  const delays = delaysOf(labels, options.delay, time !== null, notes);
  const plan: PriorsPlan = {
    labels: labels.map((name, at) => ({ name, delay: delays[at]! })),
    windows,
    levels: levelsOf(keys),
    after: options.after === undefined ? null : durationMillis(options.after, "priors.after") * microsPerMilli,
    time,
  };
  assertFree(table, newColumns(plan));
  return plan;
}

function assertLabels(labels: readonly string[]): void {
  const path = "priors.labels";
  if (!Array.isArray(labels) || labels.length === 0 || labels.some((name) => typeof name !== "string")) {
    const fix = typeof labels === "string" ? `.priors([${show(labels)}])` : undefined;
    throw new DataError({
      path,
      message: "not a list of label columns",
      received: show(labels),
      expected: 'a list such as ["click", "buy"]',
      fix,
    });
  }
  const repeated = firstRepeated(labels);
  if (repeated !== undefined)
    throw new DataError({ path, message: "a label is repeated", received: show(repeated), fix: "name it once" });
  if (labels.length <= mostLabels) return;
  throw new DataError({
    path,
    message: "too many labels",
    received: String(labels.length),
    expected: `at most ${mostLabels}`,
    fix: "call priors again with the others",
  });
}

function keysOf(roles: Roles, by: PriorsOptions["by"], notes: string[]): readonly (readonly string[])[] {
  const path = "priors.by";
  if (by === undefined) {
    const named = (["user", "item"] as const).flatMap((role) => roles[role] ?? []);
    if (named.length > 0) {
      notes.push(`priors: by ${named.join(" and ")}, from the roles; other keys: { by: [${show(named[0])}, …] }`);
      return named.map((name) => [name]);
    }
    throw new DataError({
      path,
      message: "no key is named, and no column has the role user or item",
      expected: 'a list of keys such as ["user_id", ["item_id", "scene"]]',
      fix: 'say who and what, once, for all calls: data.roles({ user: "user_id", item: "item_id", time: "ts" })',
    });
  }
  const isName = (name: unknown): boolean => typeof name === "string";
  const isKey = (key: unknown): boolean => isName(key) || (Array.isArray(key) && key.length > 0 && key.every(isName));
  if (!Array.isArray(by) || by.length === 0 || !by.every(isKey)) {
    const fix = typeof by === "string" ? `{ by: [${show(by)}] }` : undefined;
    const expected = 'a list of columns, or of lists of columns, such as ["user_id", ["item_id", "scene"]]';
    throw new DataError({ path, message: "not a list of keys", received: show(by), expected, fix });
  }
  const keys = by.map((key: PriorsKey) => (typeof key === "string" ? [key] : key));
  const repeated = firstRepeated(keys.map((key) => JSON.stringify(key))) ?? keys.find((key) => firstRepeated(key));
  if (repeated === undefined) return keys;
  const received = typeof repeated === "string" ? repeated : show(repeated);
  throw new DataError({ path, message: "a key, or a column of one, is repeated", received, fix: "name it once" });
}

function keyProblems(
  table: Table,
  keys: readonly (readonly string[])[],
  labels: readonly string[],
  time: string | null,
): Problem[] {
  return [...new Set(keys.flat())].flatMap((name): Problem[] => {
    const path = `priors.by: column "${name}"`;
    const type = table.info(name)!.type;
    if (labels.includes(name)) {
      return [
        {
          path,
          message: "is a label: its own value would be its history",
          fix: "choose a column that is known before the label",
        },
      ];
    }
    if (name === time) {
      return [
        { path, message: "is the time: no earlier row has the same", fix: "choose a column whose values repeat" },
      ];
    }
    if (type !== "list" && type !== "other") return [];
    return [
      {
        path,
        message: "has lists or structs",
        expected: "one value a row",
        fix: `derive a column of one value, such as .derive({ first: "${name}[1]" })`,
      },
    ];
  });
}

function timelessProblems({ windows = [], delay, after }: PriorsOptions, time: string | null): Problem[] {
  if (time !== null) return [];
  const durations = { windows: windows.length > 0 ? windows : undefined, delay, after };
  return Object.entries(durations).flatMap(([name, value]): Problem[] => {
    if (value === undefined) return [];
    return [
      {
        path: `priors.${name}`,
        message: "needs the time of each row, and no column has this role",
        received: show(value),
        fix: `say which column has the time: data.roles({ …, time: "ts" }); or leave ${name} out for a random order`,
      },
    ];
  });
}

function windowsOf(windows: readonly string[]): PriorsWindow[] {
  const path = "priors.windows";
  if (!Array.isArray(windows)) {
    throw new DataError({
      path,
      message: "not a list",
      received: show(windows),
      expected: 'a list such as ["7d"]',
      fix: `{ windows: [${show(windows)}] }`,
    });
  }
  const parsed = windows.map((text, at) => ({ text, micros: durationMillis(text, `${path}[${at}]`) * microsPerMilli }));
  const twice = parsed.find(({ micros }, at) => parsed.findIndex((other) => other.micros === micros) < at);
  if (twice === undefined) return parsed;
  throw new DataError({
    path,
    message: "two windows are equally long",
    received: show(twice.text),
    fix: "name each length once",
  });
}

/** A delay of each label, in microseconds. */
function delaysOf(
  labels: readonly string[],
  delay: PriorsOptions["delay"],
  isTimed: boolean,
  notes: string[],
): number[] {
  const path = "priors.delay";
  const byLabel: Readonly<Record<string, unknown>> =
    typeof delay === "object" && delay !== null
      ? { ...delay }
      : Object.fromEntries(delay === undefined ? [] : labels.map((label) => [label, delay]));
  const unknown = Object.keys(byLabel).filter((label) => !labels.includes(label));
  if (unknown.length > 0) {
    throw new DataError(unknown.map((label) => unknownName(`${path}.${label}`, "label", label, labels)));
  }
  const open = labels.filter((label) => byLabel[label] === undefined);
  if (isTimed && open.length > 0) {
    const example = `{ delay: { ${labels.map((label) => `${label}: ${show(byLabel[label] ?? "1h")}`).join(", ")} } }`;
    notes.push(
      `priors: no delay is set for ${open.map((label) => `"${label}"`).join(", ")}, so 0 is assumed: at each row, the labels of all earlier rows ` +
        `are known, as if they arrived at once. Late labels make these priors better than production's: after how long is a label known where you serve? ` +
        `For an hour: ${example}; if it is at once: { delay: "0s" }`,
    );
  }
  return labels.map((label) => {
    const text = byLabel[label];
    if (text === undefined || (typeof text === "string" && /^0\s?[smhdw]?$/.test(text.trim()))) return 0;
    const place = typeof delay === "object" ? `${path}.${label}` : path;
    return durationMillis(text as string, place) * microsPerMilli;
  });
}

function levelsOf(keys: readonly (readonly string[])[]): Level[] {
  const asked = new Set(keys.map((key) => JSON.stringify(key)));
  const byText = new Map<string, readonly string[]>();
  for (const key of keys) {
    for (let length = 0; length <= key.length; length++) {
      const columns = key.slice(0, length);
      byText.set(JSON.stringify(columns), columns);
    }
  }
  const sorted = [...byText].sort(([, a], [, b]) => a.length - b.length);
  const texts = sorted.map(([text]) => text);
  return sorted.map(([text, columns]) => ({
    name: columns.join("_"),
    columns,
    parent: columns.length === 0 ? -1 : texts.indexOf(JSON.stringify(columns.slice(0, -1))),
    isAsked: asked.has(text),
  }));
}

/** A column that priors add: the history of a level, for a label. */
export interface PriorColumn {
  readonly name: string;
  readonly level: number;
  readonly label: number;
  readonly kind: "n" | "rate" | "age";
  /** An index of the windows; `null`: all history. */
  readonly window: number | null;
}

/** The new columns in their order, such as `user_id_click_n`, `user_id_click_rate_7d`. */
export function newColumns({ levels, labels, windows, time }: PriorsPlan): PriorColumn[] {
  return levels.flatMap(({ name, isAsked }, level) => {
    if (!isAsked) return [];
    return labels.flatMap((of, label) => {
      const column = (kind: PriorColumn["kind"], window: number | null): PriorColumn => {
        const suffix = window === null ? "" : `_${windows[window]!.text}`;
        return { name: `${name}_${of.name}_${kind}${suffix}`, level, label, kind, window };
      };
      const all = [column("n", null), column("rate", null), ...(time === null ? [] : [column("age", null)])];
      return [...all, ...windows.flatMap((_, window) => [column("n", window), column("rate", window)])];
    });
  });
}

/** @throws DataError if a new column would have the name of another, which SQL compares without letter case */
export function assertFree(table: Table, columns: readonly PriorColumn[]): void {
  const used = new Set(table.names.map((name) => name.toLowerCase()));
  const problems = columns.flatMap(({ name }): Problem[] => {
    if (used.size < used.add(name.toLowerCase()).size) return [];
    const isColumn = table.names.some((other) => other.toLowerCase() === name.toLowerCase());
    return [
      {
        path: `priors: column "${name}"`,
        message: isColumn ? "the data already have a column of this name" : "two keys would have a column of this name",
        fix: isColumn
          ? "select the other columns first, or rename it by derive and select"
          : "rename a column of one key by derive, or use one key",
      },
    ];
  });
  if (problems.length > 0) throw new DataError(problems);
}
