/** `epnet.gamma 4`. */
export function settingText(path: string, value: unknown): string {
  return `${path} ${valueText(value)}`;
}

/** `[64, 32]`, `adam(0.001)`, `off` … */
export function valueText(value: unknown): string {
  if (value === true) return "on";
  if (value === false) return "off";
  if (value === null) return "none";
  if (typeof value === "string" || typeof value === "number") return String(value);
  if (Array.isArray(value)) return `[${value.map(valueText).join(", ")}]`;
  if (typeof value !== "object") return String(value);
  return objectText(optimizerOf(value) ?? value);
}

function optimizerOf(value: object): object | null {
  const { toDense, toSparse } = value as { toDense?: () => object; toSparse?: () => object };
  for (const side of [toDense, toSparse]) {
    try {
      if (side !== undefined) return side();
    } catch {
      // It lacks a setting of this side, so it belongs to the other.
    }
  }
  return null;
}

function objectText(value: object): string {
  const { kind, lr, ...rest } = value as Record<string, unknown>;
  if (typeof kind === "string")
    return lr === undefined
      ? kind + (Object.keys(rest).length === 0 ? "" : `(${pairs(rest)})`)
      : `${kind}(${valueText(lr)})`;
  return `{ ${pairs(value)} }`;
}

function pairs(value: object): string {
  return Object.entries(value)
    .map(([key, member]) => `${key} ${valueText(member)}`)
    .join(", ");
}
