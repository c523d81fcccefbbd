/** File names of a sweep's notebooks: the notebook's name and the varying parameters. */
import path from "node:path";
import type { Json } from "../../util/json.js";
import type { Parameters } from "../parameters/inject.js";

const longest = 80;

/** A unique name without extension for each set, such as `quickstart-gamma-1-seed-7`. */
export function sweepNames(notebook: string, sets: readonly Parameters[]): string[] {
  const base = path.basename(notebook, path.extname(notebook));
  const varying = varyingNames(sets);
  const taken = new Set<string>(["index"]);
  return sets.map((set) => {
    const parts = varying.filter((name) => name in set).map((name) => `${name}-${word(set[name] as Json)}`);
    const preferredName = [base, ...parts]
      .join("-")
      .slice(0, longest)
      .replace(/[-.]+$/, "");
    let name = preferredName;
    for (let count = 2; taken.has(name.toLowerCase()); count++) name = `${preferredName}-${count}`;
    taken.add(name.toLowerCase());
    return name;
  });
}

/** Parameters that differ between sets; all parameters if nothing varies. */
export function varyingNames(sets: readonly Parameters[]): string[] {
  const names = [...new Set(sets.flatMap((set) => Object.keys(set)))];
  const varying = names.filter((name) => new Set(sets.map((set) => JSON.stringify(set[name]))).size > 1);
  return varying.length > 0 ? varying : names;
}

/** A value as part of a portable file name; for a path, its last part. */
function word(value: Json): string {
  const text = typeof value === "string" ? path.basename(value) : JSON.stringify(value);
  return text.replace(/[^\p{L}\p{N}.+-]+/gu, "-").replace(/^-(?!\d)|-$/g, "") || "empty";
}
