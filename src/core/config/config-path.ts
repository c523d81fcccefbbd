/** Paths in the syntax of TorchEasyRec's `--edit_config_json`: `feature_configs[0].raw_feature.boundaries`. */

/** A step of a path: a field, a list index, or the list items that a field selects (all: `null`). */
export type PathStep =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "range"; readonly start: number; readonly end: number | null }
  | { readonly kind: "where"; readonly field: string; readonly value: string };

const stepPattern = /(?:^|\.)([A-Za-z_]\w*)|\[(-?\d+)\]|\[(\d*):(\d*)\]|\[([\w.]+)=([^\]]*)\]|\["((?:[^"\\]|\\.)*)"\]/y;

export function parsePath(path: string): PathStep[] | null {
  const steps: PathStep[] = [];
  stepPattern.lastIndex = 0;
  while (stepPattern.lastIndex < path.length) {
    const match = stepPattern.exec(path);
    if (match === null) return null;
    steps.push(parseStep(match));
  }
  return steps.length === 0 ? null : steps;
}

function parseStep([, name, index, start, end, field, value, key]: RegExpExecArray): PathStep {
  if (name !== undefined) return { kind: "field", name };
  if (index !== undefined) return { kind: "index", index: Number(index) };
  if (field !== undefined) return { kind: "where", field, value: (value ?? "").replace(/^(["'])(.*)\1$/, "$2") };
  if (key !== undefined) return { kind: "field", name: JSON.parse(`"${key}"`) as string };
  return { kind: "range", start: Number(start || 0), end: end ? Number(end) : null };
}

/** `a.b`, or `b` at the top level; `a["b c"]` if the name is not a valid field name. */
export function join(path: string, name: string): string {
  if (!/^[A-Za-z_]\w*$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === "" ? name : `${path}.${name}`;
}
