/** Compares a cell's outputs with those of a new run. */
import { joinLines, type Multiline, type Output } from "../format.js";
import { widgetViewType } from "../widgets.js";
import { type Comparison, type Difference, short } from "./difference.js";
import { compareHtml } from "./html.js";
import { compareFigure, compareJson } from "./json.js";
import { compareText } from "./text.js";

const plotlyType = "application/vnd.plotly.v1+json";

/**
 * Returns the differences. Printed text is compared as a whole, since it arrives in pieces; other outputs one by one,
 * in order.
 */
export function compareOutputs(
  recorded: readonly Output[],
  now: readonly Output[],
  comparison: Comparison,
): Difference[] {
  const streams = (["stdout", "stderr"] as const).flatMap((name) => {
    const [old, fresh] = [printed(recorded, name), printed(now, name)];
    if (old === fresh) return [];
    if (fresh === "") return [{ form: name, kind: "missing" as const, recorded: short(old) }];
    if (old === "") return [{ form: name, kind: "unexpected" as const, now: short(fresh) }];
    return compareText(old, fresh, comparison).map((difference) => ({ form: name, ...difference }));
  });
  const [old, fresh] = [withoutStreams(recorded), withoutStreams(now)];
  const others = Array.from({ length: Math.max(old.length, fresh.length) }, (_, index) => {
    const [a, b] = [old[index], fresh[index]];
    const output = (a ?? b)!.number;
    if (!b) return [{ output, form: outputForm(a!.output), kind: "missing" as const, recorded: summary(a!.output) }];
    if (!a) return [{ output, form: outputForm(b.output), kind: "unexpected" as const, now: summary(b.output) }];
    return compareOutput(a.output, b.output, comparison).map((difference) => ({ output, ...difference }));
  });
  return [...streams, ...others.flat()];
}

function printed(outputs: readonly Output[], name: string): string {
  return outputs
    .map((output) => (output.output_type === "stream" && output.name === name ? joinLines(output.text) : ""))
    .join("");
}

function withoutStreams(
  outputs: readonly Output[],
): { output: Exclude<Output, { output_type: "stream" }>; number: number }[] {
  return outputs.flatMap((output, index) => (output.output_type === "stream" ? [] : [{ output, number: index + 1 }]));
}

function compareOutput(recorded: Output, now: Output, comparison: Comparison): Difference[] {
  if (recorded.output_type === "error" && now.output_type === "error") {
    const [old, fresh] = [`${recorded.ename}: ${recorded.evalue}`, `${now.ename}: ${now.evalue}`];
    return compareText(old, fresh, comparison).map((difference) => ({ form: "error", ...difference }));
  }
  if ("data" in recorded && "data" in now) return compareBundles(recorded.data, now.data, comparison);
  return [{ form: outputForm(recorded), kind: "text", recorded: summary(recorded), now: summary(now) }];
}

type Bundle = Readonly<Record<string, unknown>>;

/**
 * A picture with a figure is not compared, since it is drawn from the figure, and of a widget only its text; HTML is compared only if the text does
 * not differ.
 */
function compareBundles(recorded: Bundle, now: Bundle, comparison: Comparison): Difference[] {
  const types = [...new Set([...Object.keys(recorded), ...Object.keys(now)])]
    .sort()
    .filter((type) => type !== widgetViewType);
  const differences = types.flatMap((form): Difference[] => {
    if (!(form in now)) return [{ form, kind: "missing", recorded: valueSummary(form, recorded[form]) }];
    if (!(form in recorded)) return [{ form, kind: "unexpected", now: valueSummary(form, now[form]) }];
    if (form.startsWith("image/") && form !== "image/svg+xml" && plotlyType in recorded) return [];
    return compareForm(form, recorded[form], now[form], comparison).map((difference) => ({ form, ...difference }));
  });
  const textDiffers = differences.some(({ form }) => form === "text/plain");
  return differences.filter(({ form, kind }) => !(form === "text/html" && textDiffers && kind !== "missing"));
}

function compareForm(
  form: string,
  recorded: unknown,
  now: unknown,
  comparison: Comparison,
): Omit<Difference, "output" | "form">[] {
  if (form === plotlyType) return compareFigure(recorded, now, comparison);
  if (/\bjson$/.test(form)) return compareJson(recorded, now, comparison);
  const [old, fresh] = [joinLines(recorded as Multiline), joinLines(now as Multiline)];
  if (form.startsWith("image/") && form !== "image/svg+xml") {
    if (old.replace(/\s/g, "") === fresh.replace(/\s/g, "")) return [];
    return [{ kind: "picture", recorded: valueSummary(form, recorded), now: valueSummary(form, now) }];
  }
  return form === "text/html" || form === "image/svg+xml"
    ? compareHtml(old, fresh, comparison)
    : compareText(old, fresh, comparison);
}

function outputForm(output: Output): string {
  if (output.output_type === "stream") return output.name;
  if (output.output_type === "error") return "error";
  const types = Object.keys(output.data);
  return types.find((type) => type !== "text/plain") ?? types[0] ?? output.output_type;
}

function summary(output: Output): string {
  if (output.output_type === "error") return short(`${output.ename}: ${output.evalue}`);
  if (output.output_type === "stream") return short(joinLines(output.text));
  const text = joinLines(output.data["text/plain"] as Multiline | undefined);
  return short(text === "" ? Object.keys(output.data).join(", ") : text);
}

function valueSummary(form: string, value: unknown): string {
  if (form.startsWith("image/")) return `a picture of ${joinLines(value as Multiline).length} letters`;
  return short(
    typeof value === "string" || Array.isArray(value) ? joinLines(value as Multiline) : JSON.stringify(value),
  );
}
