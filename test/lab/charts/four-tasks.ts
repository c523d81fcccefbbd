/** Results of two tasks as results of four whose names are long. */

const names: readonly Readonly<Record<string, string>>[] = [
  {
    ctr: "click_through_rate_home_feed",
    cvr: "conversion_rate_within_7_days",
    clk: "clicked_the_card",
    buy: "ordered_within_7_days",
  },
  { ctr: "share_with_friends_7d", cvr: "watch_time_over_30_seconds", clk: "shared_7d", buy: "watched_30_seconds" },
];
const short = /(?<![a-z])(ctr|cvr|clk|buy)(?![a-z])/g;

/** Each part of `facts` that is of a task occurs twice, under other names. */
export function fourTasks<Facts>(facts: Facts): Facts {
  return renamed(facts, 0, "") as Facts;
}

function renamed(value: unknown, set: number, key: string): unknown {
  if (typeof value === "string") return value.replace(short, (name) => names[set]![name]!);
  if (Array.isArray(value)) {
    const isWhole = set > 0 || (key !== "tasks" && !value.some(isOfTask));
    if (isWhole) return value.map((each) => renamed(each, set, ""));
    const first = value.map((each) => renamed(each, 0, ""));
    const second = value.filter((each) => key === "tasks" || isOfTask(each)).map((each) => renamed(each, 1, ""));
    return [...first, ...second];
  }
  if (value instanceof Map || typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  // Losses have a task's name in their keys.
  const entries = Object.entries(value).flatMap(([name, each]) =>
    (set === 0 && name.search(short) >= 0 ? [0, 1] : [set]).map((at) => [
      renamed(name, at, ""),
      renamed(each, at, name),
    ]),
  );
  return Object.fromEntries(entries);
}

/** Of a text, an object with one, or one whose task has one. */
function isOfTask(value: unknown): boolean {
  const fields = typeof value === "object" && value !== null ? Object.entries(value) : [["", value] as const];
  return fields.some(([key, each]) =>
    key === "task" ? isOfTask(each) : typeof each === "string" && each.search(short) >= 0,
  );
}
