import type { ModelSpec } from "../../spec/index.js";

/** The number at `path`, such as `epnet.gamma` or `towers.*.weight`; `null`: not one number. */
export function settingValue(spec: ModelSpec, path: string): number | null {
  const [root = "", ...rest] = path.split(".");
  const values = new Set(at(root === "train" ? spec.training : (spec as unknown as Members)[root], rest));
  const [value] = values;
  return values.size === 1 && typeof value === "number" ? value : null;
}

type Members = Readonly<Record<string, unknown>>;

function at(value: unknown, path: readonly string[]): unknown[] {
  const [name, ...rest] = path;
  if (name === undefined) return [value];
  if (typeof value !== "object" || value === null) return [null];
  if (!Array.isArray(value)) return at((value as Members)[name], rest);
  const entries = (value as Members[]).filter((entry) => name === "*" || entry["name"] === name);
  return entries.flatMap((entry) => at(entry, rest));
}
