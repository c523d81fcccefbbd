/** The view of candidates for the domain. */

import { stringLiteral } from "../../../core/util/code-text.js";
import { listNames } from "../../../core/util/names.js";
import { count, ends, percent, signed } from "../../../core/util/text.js";
import type { UnitName } from "../../domains/evidence.js";
import type { ChangedField, DomainScreen, ScreenedCandidate } from "../../domains/screen.js";
import { chart, type Panel, panelRows, xAxis } from "../compose.js";
import { type DotRow, dotRowsHeight, dotRowsPanel } from "../dot-rows.js";
import { changeAxis } from "../gates/counterfactuals.js";
import { inTitle, markup, ONE_OF_MANY, PLAIN, sentence } from "../theme.js";
import { type Chart, col, independentUnits, type Sheet, sheetFrom } from "../view.js";

export function domainScreenSheet(screen: DomainScreen): Sheet {
  const { label, rows, over, tests } = screen;
  const caption = `Columns that could be the domain of ${label}: score tests of ${count(tests, "pair")} beside a logistic regression of all columns, on ${count(rows, "row")}; gain of AUC of the clearest pair on rows that it was not fitted to (${independentUnits(over)})`;
  return sheetFrom(caption, screen.candidates, [
    col.text("column", ({ name }) => name),
    col.count("values", ({ values }) => values),
    col.count(["fewest_rows", "rows of the rarest"], ({ fewestRows }) => fewestRows),
    col.count(["parameters", "weights more"], ({ name }) => screen.parameters.get(name)),
    col.text(["changes", "changes together with"], (candidate) => {
      return isClear(candidate) ? candidate.fields.map(({ field }) => field).join(", ") : "";
    }),
    col.number(["delta_auc", "ΔAUC"], ({ gain }) => gain.value, 4),
    col.ends(({ gain }) => gain, 4),
    col.number(["adjusted_p_value", "adjusted p"], ({ pValue }) => pValue),
    col.text(["unit", "one piece of evidence"], ({ unit, says }) => (says === "cannot be told" ? "" : unitText[unit])),
    col.text("says", (candidate) => verdictText(screen, candidate)),
  ]);
}

const unitText: Readonly<Record<UnitName, string>> = {
  user: "a user",
  item: "an item",
  session: "a session",
  stretch: "a user's stretch of visits",
  occurrence: "a stretch of time",
  row: "a row",
};

function isClear({ says }: ScreenedCandidate): boolean {
  return says !== "none" && says !== "cannot be told";
}

/** Simulated with this number of rows (docs/domains.md): at these gains of AUC, three logs of four were clear. */
const simulated = { rows: 12_000, slopes: 0.0017, tables: 0.005, ids: 0.015 };
const fewestNeeded = "2,000";

function verdictText(screen: DomainScreen, candidate: ScreenedCandidate): string {
  const { says, fields, gain } = candidate;
  const partner = fields[0]?.field;
  const isSure = (gain.low ?? 0) > 0;
  switch (says) {
    case "named":
      return `changes together with ${partner}, and gains most${isSure ? "" : "; the gain is within noise"}`;
    case "tied":
      return partner === screen.candidates[0]!.name
        ? "the other side of the first pair"
        : `changes together with ${partner}; cannot be told from the first`;
    case "smaller":
      return `changes together with ${partner}, and gains less than the first`;
    case "without gain":
      return `changes together with ${partner}, but gains nothing on other rows`;
    case "cannot be told":
      return untestedText(screen, candidate);
    default:
      return "no change beyond noise";
  }
}

function untestedText({ rows, isSmall, passing, untested, days }: DomainScreen, { name }: ScreenedCandidate): string {
  if (isSmall) return `cannot be told with these ${count(rows, "row")}`;
  if (passing.includes(name)) return `does not recur in ${spanText(days)}: its change cannot be told from drift`;
  const isTimeless = untested.some(({ candidate, field }) => candidate === name || field === name);
  return isTimeless ? "cannot be told without a time" : "says what another column says, and nothing else";
}

function spanText(days: number | null): string {
  if (days === null) return "these rows";
  return `these ${days < 2 ? count(Math.ceil(days * 24), "hour") : count(Math.ceil(days), "day")}`;
}

/** What cannot be told, and the option that would help. @param likelyTime a column that could be named as the time */
export function domainScreenNotes(screen: DomainScreen, likelyTime: string | null): string[] {
  const { untested, passing, candidates, days, over, units, heavy } = screen;
  const timeless = untested.filter(({ reason }) => reason === "no time");
  const pairs = [...new Set(timeless.map(({ field }) => field))].map((field) => {
    const others = timeless.flatMap((pair) => (pair.field === field ? [pair.candidate] : []));
    return `${listNames(others)} with "${field}"`;
  });
  const example = likelyTime === null ? "{ time }" : `{ time: ${stringLiteral(likelyTime)} }`;
  const quiet = passing.filter((name) => candidates.every((candidate) => candidate.name !== name));
  const does = quiet.length === 1 ? "does" : "do";
  return [
    ...(over === null || !units.includes(over)
      ? [
          "no user is named, so rows count as independent: a user's habits would look like an effect of a column; { user } names it",
        ]
      : []),
    ...(heavy === null
      ? []
      : [
          heavy.units === 1
            ? `1 value of "${heavy.column}" has ${percent(heavy.share)} of the rows: one piece of evidence with the weight of many, it is left out of the tests`
            : `${heavy.units} values of "${heavy.column}" have ${percent(heavy.share)} of the rows: few pieces of evidence with the weight of many, they are left out of the tests`,
        ]),
    ...(pairs.length > 0
      ? [
          `${pairs.join("; ")}: cannot be told without a time, since a user who drifts would look the same; ${example} names it`,
        ]
      : []),
    ...(quiet.length > 0
      ? [`${listNames(quiet)} ${does} not recur in ${spanText(days)}: a change cannot be told from drift`]
      : []),
  ];
}

/** How clear each candidate is, and the gains of the clear ones. Hollow and grey: not beyond noise. */
export function domainScreenChart(screen: DomainScreen): Chart {
  const { candidates } = screen;
  const panels = candidates.length === 0 ? [] : [evidencePanel(screen), gainPanel(screen)];
  const height = dotRowsHeight(candidates.length);
  return chart({
    title: domainScreenTitle(screen),
    rows: panelRows(panels, { across: 2, height, empty: "no column with 2 to 50 values" }),
    sheet: domainScreenSheet(screen),
  });
}

function look({ says }: ScreenedCandidate): Pick<DotRow, "main" | "color" | "hollow"> {
  const gains = says === "named" || says === "tied" || says === "smaller";
  return { main: says === "named", color: gains ? PLAIN : ONE_OF_MANY, hollow: !gains };
}

const level = 0.05;
/**
 * Smaller p values are drawn at this place and printed as less than it, because tails are approximate and other values need room.
 */
const leastP = 1e-12;

function evidencePanel(screen: DomainScreen): Panel {
  const rows = screen.candidates.map((candidate): DotRow => {
    const { name, pValue, says } = candidate;
    const isKnown = says !== "cannot be told";
    return {
      ...look(candidate),
      name,
      value: isKnown ? Math.abs(Math.log10(Math.max(pValue, leastP))) : null,
      printed: isKnown ? pText(pValue) : "",
      hover: markup`${name}<br>adjusted p ${pText(pValue)}<br>${verdictText(screen, candidate)}`,
    };
  });
  return dotRowsPanel({
    title: "how clear: adjusted p",
    rows,
    reference: -Math.log10(level),
    letters: 24,
    axis: xAxis("−log10 of adjusted p", { range: [-0.5, 12.5] }),
  });
}

function pText(pValue: number): string {
  if (pValue < leastP) return "<1e−12";
  return pValue < 0.001 ? pValue.toExponential(0).replace("-", "−") : pValue.toFixed(3);
}

function gainPanel(screen: DomainScreen): Panel {
  const rows = screen.candidates.map((candidate): DotRow => {
    const { name, gain, fields } = candidate;
    const isMeasured = gain.value !== null;
    const how = isMeasured ? `with ${fields[0]!.field}, ${asKind(fields[0]!)}` : "not measured: no change beyond noise";
    return {
      ...look(candidate),
      name,
      value: gain.value,
      low: gain.low,
      high: gain.high,
      printed: isMeasured ? signed(gain.value, 4) : "",
      hover: markup`${name}<br>${how}<br>AUC ${gainText(candidate)}`,
    };
  });
  const axis = changeAxis(
    { user: screen.over },
    screen.candidates.map(({ gain }) => gain),
  );
  return dotRowsPanel({ title: "what it gains", rows, reference: 0, axis });
}

function gainText({ gain }: ScreenedCandidate): string {
  return `${signed(gain.value, 4)}${ends(gain, (end) => signed(end, 4))}`;
}

function asKind({ kind }: ChangedField): string {
  return kind === "slope" ? "as slopes" : "as tables";
}

function domainScreenTitle({ candidates, rows, isSmall, tests }: DomainScreen): string {
  const names = candidates.map(({ name }) => name);
  const [first] = candidates;
  if (first === undefined) return "No column with 2 to 50 values could be the domain";
  if (isSmall) {
    return `Which column could be the domain cannot be told with ${count(rows, "row")}; at least ${fewestNeeded}, and 200 of each class, are needed`;
  }
  if (tests === 0) return "Which column could be the domain cannot be told: no pair of columns can be tested";
  if (first.says !== "named") {
    return `None of ${count(candidates.length, "column")} changes what others mean beyond noise; ${missedText(rows)}`;
  }
  const [partner] = first.fields;
  const others = candidates.filter(({ says, name }) => says === "tied" && name !== partner!.field);
  const also = others.map(({ name }) => inTitle(name, names)).join(", ");
  return sentence([
    `${inTitle(first.name, names)} and ${inTitle(partner!.field)} change together (AUC ${signed(first.gain.value, 4)})`,
    `${gainText(first)} ${asKind(partner!)}`,
    "statistics cannot tell which of the two is the domain",
    also === "" ? null : `${also} cannot be told from them`,
  ]);
}

/** The gains that are often missed fall with the number of rows. */
function missedText(rows: number): string {
  const at = (gain: number): string => `+${Number(((gain * simulated.rows) / rows).toPrecision(1))}`;
  const { slopes, tables, ids } = simulated;
  return `with ${count(rows, "row")}, less than about AUC ${at(slopes)} as slopes, ${at(tables)} as tables or ${at(ids)} through ids is often missed`;
}
