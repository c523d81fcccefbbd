/** Outputs for tests, and their comparison. */
import { type Comparison, compareOutputs, type IgnoredValue } from "../../../src/kernel/notebook/compare.js";
import type { Output } from "../../../src/kernel/notebook/format.js";

/** Differences as `form place kind`, and what was ignored. */
export async function compared(
  recorded: readonly Output[],
  now: readonly Output[],
  options: Partial<Comparison> = {},
): Promise<{ differences: string[]; ignored: IgnoredValue[] }> {
  const ignored: IgnoredValue[] = [];
  const differences = await compareOutputs(recorded, now, {
    tolerance: 1e-6,
    onIgnored: (value) => ignored.push(value),
    draw: async () => null,
    widgets: { recorded: {}, now: {} },
    ...options,
  });
  return {
    differences: differences.map(({ form, where, kind }) => [form, where, kind].filter(Boolean).join(" ")),
    ignored,
  };
}

/** A rich output. */
export function shown(data: Record<string, unknown>, metadata: object = {}): Output {
  return { output_type: "display_data", data, metadata };
}

/** Printed text. */
export function printed(text: string, name = "stdout"): Output {
  return { output_type: "stream", name, text };
}
