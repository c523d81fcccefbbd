/**
 * Compares a cell's outputs with those of a new run. Every output counts. Only times that the new run's outputs mark as
 * such (`port/times-mime.ts`) may differ, and each of them is reported as ignored.
 */
import { timesMime } from "../port/index.js";
import { compareJson, compareText, type Found, short } from "./compare-values.js";
import { joinLines, type Multiline, type Output } from "./format.js";
import { maskFigure, maskText } from "./times.js";
import { modelsOfView, widgetViewType } from "./widgets.js";

export interface Difference extends Found {
  /** Number of the output in the cell, from 1; missing for a whole stream. */
  readonly output?: number;
  /** A MIME type, a stream's name, `error`, or `metadata`. */
  readonly form: string;
}

/** A value that differs, but was not compared. */
export interface IgnoredValue {
  readonly output?: number;
  readonly form: string;
  readonly where?: string;
  readonly recorded: string;
  readonly now: string;
}

export interface Comparison {
  /** Largest accepted difference of two numbers, relative to the larger. */
  readonly tolerance: number;
  readonly onIgnored: (value: IgnoredValue) => void;
  /** Draws a figure as base64 PNG; null if that fails. */
  readonly draw: (figure: unknown) => Promise<string | null>;
  /** The saved states of widgets by model. */
  readonly widgets: {
    readonly recorded: Readonly<Record<string, unknown>>;
    readonly now: Readonly<Record<string, unknown>>;
  };
}

type Bundle = Readonly<Record<string, unknown>>;
type Shown = Exclude<Output, { output_type: "stream" }>;

const plotlyType = "application/vnd.plotly.v1+json";

/**
 * Returns the differences. Printed text is compared by stream, since it arrives in pieces; other outputs one by one, in
 * order.
 */
export async function compareOutputs(
  recorded: readonly Output[],
  now: readonly Output[],
  comparison: Comparison,
): Promise<Difference[]> {
  const [oldText, freshText] = [printed(recorded), printed(now)];
  const differences = [...new Set([...oldText.keys(), ...freshText.keys()])].flatMap((form): Difference[] => {
    const [old = "", fresh = ""] = [oldText.get(form), freshText.get(form)];
    if (old === fresh) return [];
    if (fresh === "") return [{ form, kind: "missing", recorded: short(old) }];
    if (old === "") return [{ form, kind: "unexpected", now: short(fresh) }];
    return compareText(old, fresh, comparison.tolerance).map((difference) => ({ form, ...difference }));
  });
  const [old, fresh] = [withoutStreams(recorded), withoutStreams(now)];
  for (let index = 0; index < Math.max(old.length, fresh.length); index++) {
    const [a, b] = [old[index], fresh[index]];
    const number = (a ?? b)!.number;
    const each: Difference[] = !b
      ? [{ form: outputForm(a!.output), kind: "missing", recorded: summary(a!.output) }]
      : !a
        ? [{ form: outputForm(b.output), kind: "unexpected", now: summary(b.output) }]
        : await compareOutput(a.output, b.output, {
            ...comparison,
            onIgnored: (value) => comparison.onIgnored({ output: number, ...value }),
          });
    differences.push(...each.map((difference) => ({ output: number, ...difference })));
  }
  return differences;
}

/** All text of each stream. */
function printed(outputs: readonly Output[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const output of outputs) {
    if (output.output_type !== "stream") continue;
    texts.set(output.name, (texts.get(output.name) ?? "") + joinLines(output.text));
  }
  return texts;
}

function withoutStreams(outputs: readonly Output[]): { output: Shown; number: number }[] {
  return outputs.flatMap((output, index) => (output.output_type === "stream" ? [] : [{ output, number: index + 1 }]));
}

async function compareOutput(recorded: Shown, now: Shown, comparison: Comparison): Promise<Difference[]> {
  if (recorded.output_type === "error" || now.output_type === "error") {
    const [old, fresh] = [recorded, now].map((output) => (output.output_type === "error" ? errorText(output) : null));
    if (typeof old !== "string" || typeof fresh !== "string") return [otherKind(recorded, now)];
    return compareText(old, fresh, comparison.tolerance).map((difference) => ({ form: "error", ...difference }));
  }
  if (recorded.output_type !== now.output_type) return [otherKind(recorded, now)];
  return [
    ...(await compareBundles(recorded.data, now.data, comparison)),
    ...compareJson(ownMetadata(recorded), ownMetadata(now), comparison.tolerance).map((difference) => ({
      form: "metadata",
      ...difference,
    })),
  ];
}

function errorText({ ename, evalue, traceback }: Extract<Output, { output_type: "error" }>): string {
  return [`${ename}: ${evalue}`, ...traceback].join("\n");
}

function otherKind(recorded: Shown, now: Shown): Difference {
  const [old, fresh] = [recorded, now].map((output) => short(`${output.output_type}: ${summary(output)}`));
  return { form: outputForm(recorded), kind: "text", recorded: old!, now: fresh! };
}

/** Without the seeds and data that other clients save there, which belong to the environment. */
function ownMetadata({ metadata }: { readonly metadata?: object }): object {
  const { pepnet: _, ...rest } = (metadata ?? {}) as { readonly pepnet?: unknown };
  return rest;
}

/** HTML is reported only if the text does not differ. */
async function compareBundles(recorded: Bundle, now: Bundle, comparison: Comparison): Promise<Difference[]> {
  const differences: Difference[] = [];
  for (const form of [...new Set([...Object.keys(recorded), ...Object.keys(now)])].sort()) {
    if (form === timesMime && form in now) continue; // it names places, and earlier versions did not write it
    if (!(form in now)) differences.push({ form, kind: "missing", recorded: valueSummary(form, recorded[form]) });
    else if (!(form in recorded)) differences.push({ form, kind: "unexpected", now: valueSummary(form, now[form]) });
    else {
      const each = isPicture(form)
        ? await comparePicture(form, recorded, now, comparison)
        : compareForm(form, recorded, now, comparison);
      differences.push(...each.map((difference) => ({ form, ...difference })));
    }
  }
  const textDiffers = differences.some(({ form }) => form === "text/plain");
  return differences.filter(({ form, kind }) => !(form === "text/html" && textDiffers && kind !== "missing"));
}

function isPicture(form: string): boolean {
  return form.startsWith("image/") && form !== "image/svg+xml";
}

/**
 * Equal figures give equal bytes. If the figures differ by what is ignored or tolerated, so do their pictures: then the
 * saved picture must be the one that the saved figure draws.
 */
async function comparePicture(form: string, recorded: Bundle, now: Bundle, comparison: Comparison): Promise<Found[]> {
  const bytes = (value: unknown): string => joinLines(value as Multiline).replace(/\s/g, "");
  const [old, fresh] = [bytes(recorded[form]), bytes(now[form])];
  if (old === fresh) return [];
  const summaries = { recorded: valueSummary(form, recorded[form]), now: valueSummary(form, now[form]) };
  const [figure, other] = [recorded[plotlyType], now[plotlyType]];
  const isVaried =
    figure !== undefined &&
    JSON.stringify(figure) !== JSON.stringify(other) &&
    compareForm(plotlyType, recorded, now, { ...comparison, onIgnored: () => {} }).length === 0;
  if (!isVaried || (await comparison.draw(figure)) !== old) return [{ kind: "picture", ...summaries }];
  comparison.onIgnored({ form, where: "drawn from the saved figure", ...summaries });
  return [];
}

function compareForm(form: string, recorded: Bundle, now: Bundle, comparison: Comparison): Found[] {
  const { tolerance } = comparison;
  const [old, fresh, times] = [recorded[form], now[form], now[timesMime]];
  const ignore = (where: string, a: string, b: string): void =>
    comparison.onIgnored({ form, where, recorded: a, now: b });
  if (form === widgetViewType) return compareViews(old, fresh, comparison, ignore);
  if (form === plotlyType) return compareJson(...maskFigure(old, fresh, times, ignore), tolerance);
  if (/\bjson$/.test(form)) return compareJson(old, fresh, tolerance);
  const texts = [joinLines(old as Multiline), joinLines(fresh as Multiline)] as const;
  const isMarkup = form === "text/html" || form === "image/svg+xml";
  const masked = form === "text/html" || form === "text/plain" ? maskText(form, ...texts, times, ignore) : texts;
  const isLoose = masked !== texts;
  if (!isMarkup) return compareText(...masked, tolerance, isLoose);
  const [a, b] = masked.map((text) => text.replace(/(<[^>]*>)/g, "\n$1\n")) as [string, string];
  return compareText(a, b, tolerance, isLoose).map((difference) => ({
    ...difference,
    ...(difference.where === undefined ? {} : { where: difference.where.replace("line", "element") }),
  }));
}

/** Compares the states that two views show; their models' ids are new in each run. */
function compareViews(
  recorded: unknown,
  now: unknown,
  { tolerance, widgets }: Comparison,
  ignore: (where: string, recorded: string, now: string) => void,
): Found[] {
  const [old, fresh] = [modelsOfView(recorded, widgets.recorded), modelsOfView(now, widgets.now)];
  if (old === null && fresh !== null) {
    ignore("state", "not saved", `${fresh.length} models`);
    return [];
  }
  return compareJson(...maskFigure(old, fresh, undefined, ignore), tolerance, "state");
}

function outputForm(output: Shown): string {
  if (output.output_type === "error") return "error";
  const types = Object.keys(output.data);
  return types.find((type) => type !== "text/plain") ?? types[0] ?? output.output_type;
}

function summary(output: Shown): string {
  if (output.output_type === "error") return short(`${output.ename}: ${output.evalue}`);
  const text = joinLines(output.data["text/plain"] as Multiline | undefined);
  return short(text === "" ? Object.keys(output.data).join(", ") : text);
}

function valueSummary(form: string, value: unknown): string {
  const isLines =
    typeof value === "string" || (Array.isArray(value) && value.every((line) => typeof line === "string"));
  const text = isLines ? joinLines(value as Multiline) : (JSON.stringify(value) ?? "");
  return form.startsWith("image/") ? `a picture of ${text.length} letters` : short(text);
}
