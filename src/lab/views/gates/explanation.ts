/** The view of an explained row and its sequences' positions. */

import { siteName } from "../../../core/spec/model.js";
import type { JsonObject } from "../../../core/util/json.js";
import { count, fixed, signed } from "../../../core/util/text.js";
import type { ExplainedGate, ExplainedPosition, RowExplanation } from "../../gates/explain.js";
import { bars } from "../bars.js";
import { chart, columnNames, type Panel, panelRows, xAxis, yAxis } from "../compose.js";
import { type DotRow, dotRowsHeight, dotRowsPanel } from "../dot-rows.js";
import type { Cell } from "../format.js";
import { BETTER, finite, highest, inTitle, largestOf, markup, rounded, sentence, WORSE } from "../theme.js";
import { type Chart, col, type Sheet, sheetFrom } from "../view.js";

export function explanationSheet({ row, domain, rows, tasks, gates }: RowExplanation): Sheet {
  const usual = domain === null ? "mean" : "domain's mean";
  const compared = domain === null ? count(rows, "row") : `${count(rows, "row")} of ${domain}`;
  const caption = `Gates of row ${row}, compared with ${compared}; the change of a logit with one gate alone held at its ${usual}, or at 1`;
  const change = (tower: string, key: string, heading: string) =>
    [`delta_logit_${tower}_${key}`, `Δ${tower} logit, ${heading}`] as const;
  return sheetFrom(caption, gates, [
    col.text(["module", null], ({ module }) => module),
    col.text(["task", null], ({ tower }) => tower ?? "all"),
    col.count(["layer", null], ({ layer }) => layer),
    col.text(["field", null], ({ field }) => field),
    col.text([null, "gate"], (gate) => (gate.field === null ? siteName(gate) : `${siteName(gate)} ${gate.field}`)),
    col.number("value", ({ value }) => value, 3),
    col.share("quantile", ({ quantile }) => quantile, 0),
    col.number(["domain_mean", usual], ({ domainMean }) => domainMean, 3),
    tasks.map(({ tower }, at) =>
      col.number(change(tower, "at_domain_mean", `at its ${usual}`), ({ atDomainMean }) => atDomainMean[at], 3),
    ),
    tasks.map(({ tower }, at) => col.number(change(tower, "at_one", "at 1"), ({ atOne }) => atOne[at], 3)),
  ]);
}

export function explainedTasksSheet({ tasks }: RowExplanation): Sheet {
  return sheetFrom("Predictions of this row", tasks, [
    col.text("task", ({ tower }) => tower),
    col.number("logit", ({ logit }) => logit, 3),
    col.number("probability", ({ probability }) => probability, 3),
    col.number("label", ({ label }) => label),
  ]);
}

/** A position with the row's values there. */
export interface PositionValues extends ExplainedPosition {
  /** By feature; a feature whose list is shorter has none. */
  readonly values: Readonly<Record<string, Cell>>;
}

/** One row per position, in the order of the sequences. @param towers names of the tasks' towers */
export function positionsSheet(row: number, towers: readonly string[], positions: readonly PositionValues[]): Sheet {
  const features = [...new Set(positions.flatMap((position) => position.features))];
  const encoders = [...new Set(positions.flatMap(({ weights }) => weights.map(({ encoder }) => encoder)))];
  const caption = `Positions of the sequences of row ${row}: their weights, and the change of a logit without the position`;
  return sheetFrom(caption, positions, [
    col.text("sequence", ({ sequence }) => sequence),
    col.count("position", ({ position }) => position),
    features.map((name) => col.any([name, shortName(name, positions)], ({ values }) => values[name])),
    encoders.map((name) => {
      const weight = ({ weights }: PositionValues) => weights.find(({ encoder }) => encoder === name)?.weight;
      return col.number([`weight_${name}`, `weight, ${name}`], weight, 3);
    }),
    towers.map((tower, task) =>
      col.number([`delta_logit_${tower}_without`, `Δ${tower} logit without it`], ({ without }) => without[task], 3),
    ),
  ]);
}

/** Without the name of the sequence, if all positions are of one. */
function shortName(feature: string, positions: readonly PositionValues[]): string {
  const sequences = new Set(positions.map(({ sequence }) => sequence));
  const [sequence] = sequences;
  const prefix = `${sequence}__`;
  return sequences.size === 1 && feature.startsWith(prefix) ? feature.slice(prefix.length) : feature;
}

const MAX_POSITIONS = 40;
const AXES_WIDTH = 560;
const HEIGHT = 130;

/** How much lower each task's logit is without a position; one panel per task. @param towers the tasks' towers */
export function positionsChart(row: number, towers: readonly string[], positions: readonly PositionValues[]): Chart {
  const clicks = largestOf(positions, size, MAX_POSITIONS);
  const several = new Set(positions.map(({ sequence }) => sequence)).size > 1;
  const names = clicks.map((each) => `${several ? `${each.sequence} ` : ""}${each.position}${valueText(each)}`);
  const ends = clicks.flatMap(({ without }) => without.map((each) => contribution(each) ?? 0));
  const margin = 0.05 * (Math.max(0, ...ends) - Math.min(0, ...ends)) || 1;
  // One scale, since logits of tasks compare.
  const range = [rounded(Math.min(0, ...ends) - margin), rounded(Math.max(0, ...ends) + margin)];
  const { xaxis, below } = columnNames(names, AXES_WIDTH);
  const panels = towers.map((tower, task): Panel => {
    const values = clicks.map(({ without }) => contribution(without[task]));
    const isLast = task === towers.length - 1;
    return {
      title: `${tower}: logit with the position − without it`,
      marks: [
        bars({
          at: [...values.keys()],
          values,
          width: 0.7,
          color: values.map((value) => ((value ?? 0) < 0 ? WORSE : BETTER)),
          hover: clicks.map(({ weights }, place) => {
            const texts = weights.map(({ encoder, weight }) => `${encoder}: ${fixed(weight, 3)}`);
            return markup`${tower}, ${names[place]!}<br>adds ${fixed(values[place], 4)} to the logit<br>${texts.join(", ")}`;
          }),
        }),
      ],
      xaxis: isLast ? xaxis : { ...xaxis, showticklabels: false },
      yaxis: yAxis("", { nticks: 5, range }),
      below: isLast ? below : 14,
    };
  });
  return chart({
    title: title(row, towers, positions),
    rows: panelRows(positions.length === 0 ? [] : panels, { across: 1, height: HEIGHT, empty: "no positions" }),
    sheet: positionsSheet(row, towers, positions),
  });
}

const MAX_GATES = 12;

/**
 * How much higher each task's logit is with a gate's values than with their mean in the domain; one panel per task,
 * with a row per field of EPNet, beside the row's value of the field, and per layer of PPNet.
 */
export function rowGatesChart(explanation: RowExplanation, values: Readonly<Record<string, Cell>>): Chart {
  const { row, tasks, domain, gates: all } = explanation;
  const change = ({ atDomainMean, atOne }: ExplainedGate, task: number): number | null =>
    contribution(atDomainMean[task] ?? atOne[task]);
  const largest = (gate: ExplainedGate): number =>
    Math.max(0, ...tasks.map((_, task) => Math.abs(change(gate, task) ?? 0)));
  const gates = [...largestOf(all, largest, MAX_GATES)].sort((a, b) => largest(b) - largest(a));
  const places = gates.map((gate) => gateName(gate, values));
  const usual = domain === null ? "mean of the rows" : `mean in ${domain}`;
  const axis = changeRange(gates.flatMap((gate) => tasks.map((_, task) => change(gate, task))));
  const panels = tasks.map(({ tower }, task) =>
    dotRowsPanel({
      title: tower,
      rows: gates.map((gate, at): DotRow => {
        const value = change(gate, task);
        return {
          name: places[at]!,
          value,
          low: value && Math.min(0, value),
          high: value && Math.max(0, value),
          color: (value ?? 0) < 0 ? WORSE : BETTER,
          printed: signed(value),
          hover: markup`${tower}, ${places[at]!}<br>gate ${fixed(gate.value, 3)}, ${usual} ${fixed(gate.domainMean, 3)}<br>logit ${signed(value, 4)}`,
        };
      }),
      reference: 0,
      axis: xAxis(`logit − that with the gate at its mean`, axis),
    }),
  );
  return chart({
    title: rowGatesTitle(explanation, gates, places, (at, task) => change(gates[at]!, task)),
    rows: panelRows(gates.length === 0 ? [] : panels, {
      across: 2,
      height: dotRowsHeight(gates.length),
      empty: "no gates",
    }),
    sheet: explanationSheet({ ...explanation, row }),
  });
}

/** One scale for all tasks, so that logits can be compared. */
function changeRange(values: readonly (number | null)[]): JsonObject {
  const ends = values.map((value) => value ?? 0);
  const [low, high] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  const margin = 0.05 * (high - low) || 1;
  return { range: [rounded(low - margin), rounded(high + margin)], tickformat: ".3~f" };
}

/** `price = 28.8` of EPNet's field, else the layer. */
function gateName(gate: ExplainedGate, values: Readonly<Record<string, Cell>>): string {
  if (gate.field === null) return siteName(gate);
  const value = values[gate.field];
  return value === undefined || value === null ? gate.field : `${gate.field} = ${value}`;
}

function rowGatesTitle(
  { row, tasks, domain, gates: all }: RowExplanation,
  gates: readonly ExplainedGate[],
  places: readonly string[],
  change: (gate: number, task: number) => number | null,
): string {
  const cells = places.flatMap((name, at) =>
    tasks.map(({ tower }, task) => ({ name, isField: gates[at]!.field !== null, tower, value: change(at, task) ?? 0 })),
  );
  const most = highest(cells, ({ value }) => Math.abs(value));
  if (most === undefined) return `Row ${row}: the model has no gates`;
  const verb = most.value < 0 ? "lowers" : "raises";
  const cut = all.length > MAX_GATES ? `${MAX_GATES} of ${count(all.length, "gate")}` : null;
  return sentence([
    `Row ${row}: ${most.isField ? `the gate of ${inTitle(most.name)}` : most.name} ${verb} the ${inTitle(most.tower)} logit most (${signed(most.value)})`,
    `against ${domain === null ? "the mean of all rows" : `its mean in ${inTitle(domain)}`}`,
    cut,
  ]);
}

function size({ without }: PositionValues): number {
  return Math.max(0, ...without.map((change) => Math.abs(change ?? 0)));
}

function contribution(without: number | null | undefined): number | null {
  const change = finite(without);
  return change === null ? null : 0 - change;
}

/** The first value, which is usually the item. */
function valueText({ values, features }: PositionValues): string {
  const value = features.map((name) => values[name]).find((each) => each !== null && each !== undefined);
  return value === undefined ? "" : `: ${value}`;
}

function title(row: number, towers: readonly string[], positions: readonly PositionValues[]): string {
  if (positions.length === 0) return `Row ${row} has no positions of sequences`;
  const most = highest(positions, size)!;
  const task = most.without.findIndex((change) => Math.abs(change ?? 0) === size(most));
  const part = positions.length > MAX_POSITIONS ? ` (${MAX_POSITIONS} of ${count(positions.length, "position")})` : "";
  const what = `${inTitle(most.sequence)} ${most.position}${inTitle(valueText(most))}`;
  const change = contribution(most.without[task]) ?? 0;
  const effect = `${change < 0 ? "lowers" : "raises"} the ${inTitle(towers[task] ?? "")} logit most (${fixed(change, 3)})`;
  return sentence([`${what} ${effect}`, `sequences of row ${row}${part}`]);
}
