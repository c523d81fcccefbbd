import type { DomainScreen, ScreenedCandidate } from "../../domains/screen.js";
import { count, ends, signed } from "../../util/text.js";
import { chart, panelRows } from "../compose.js";
import { dotRowsHeight, dotRowsPanel } from "../dot-rows.js";
import { changeAxis } from "../gates/counterfactuals.js";
import { inTitle, markup, ONE_OF_MANY, PLAIN, sentence } from "../theme.js";
import { type Chart, col, independentUnits, type Sheet, sheetFrom } from "../view.js";

export function domainScreenSheet(screen: DomainScreen): Sheet {
  const { label, rows, over, units } = screen;
  const foldUnits = units.length === 0 ? "rows" : units.map((name) => inTitle(name)).join(", ");
  const caption = `Columns that could be the domain of ${label}: gain of AUC as tables beside a logistic regression, on ${count(rows, "row")} that the tables were not fitted to (folds of ${foldUnits}; ${independentUnits(over)})`;
  return sheetFrom(caption, screen.candidates, [
    col.text("column", ({ name }) => name),
    col.count("values", ({ values }) => values),
    col.count(["fewest_rows", "rows of the rarest"], ({ fewestRows }) => fewestRows),
    col.count(["parameters", "weights more"], ({ name }) => screen.parameters.get(name)),
    col.text(["changes", "changes what it means"], ({ says, fields }) =>
      says === "none" || says === "cannot be told" ? "" : fields.map(({ field }) => field).join(", "),
    ),
    col.number(["delta_auc", "ΔAUC"], ({ gain }) => gain.value, 4),
    col.ends(({ gain }) => gain, 4),
    col.number(["adjusted_p_value", "adjusted p"], ({ pValue }) => pValue, 4),
    col.text("unit", ({ unit }) => unit),
    col.text("says", (candidate) => verdictText(screen, candidate)),
  ]);
}

function verdictText({ rows }: DomainScreen, { says, fields }: ScreenedCandidate): string {
  switch (says) {
    case "named":
      return `changes what ${fields[0]?.field} means, and gains most`;
    case "tied":
      return `changes what ${fields[0]?.field} means; cannot be told from the first`;
    case "smaller":
      return `changes what ${fields[0]?.field} means, and gains less than the first`;
    case "without gain":
      return "a change of what other columns mean, without a gain beyond noise on other rows";
    case "cannot be told":
      return `cannot be told with these ${count(rows, "row")}: about ${NEEDED} would be needed`;
    default:
      return `no change beyond noise`;
  }
}

/** What simulations needed to name what gains .005 (docs/domains.md). */
const NEEDED = "20,000";

export function domainScreenChart(screen: DomainScreen): Chart {
  const { candidates, over } = screen;
  const lines = candidates.map(({ name, gain, says, fields }) => {
    const isClear = says === "named" || says === "tied" || says === "smaller";
    return {
      name,
      value: gain.value,
      low: gain.low,
      high: gain.high,
      printed: signed(gain.value, 4),
      main: says === "named",
      color: isClear ? PLAIN : ONE_OF_MANY,
      hollow: !isClear,
      hover: markup`${name}${isClear ? ` with ${fields.map(({ field }) => field).join(", ")}` : ""}<br>AUC ${signed(gain.value, 4)}${ends(gain, (end) => signed(end, 4))}`,
    };
  });
  const axis = changeAxis(
    { user: over },
    candidates.map(({ gain }) => gain),
  );
  const panel = dotRowsPanel({ rows: lines, reference: 0, axis, letters: 24 });
  const height = dotRowsHeight(lines.length);
  return chart({
    title: domainScreenTitle(screen),
    rows: panelRows([panel], { across: 1, height, empty: "no column with 2 to 50 values" }),
    sheet: domainScreenSheet(screen),
  });
}

function domainScreenTitle({ candidates, control, rows }: DomainScreen): string {
  const real = candidates.filter(({ name }) => name !== control);
  const names = real.map(({ name }) => name);
  const [first] = candidates;
  if (real.length === 0) return "No column with 2 to 50 values could be the domain";
  if (first?.says === "cannot be told") {
    return `Which column could be the domain cannot be told with ${count(rows, "row")}: about ${NEEDED} would be needed`;
  }
  if (first?.says !== "named") {
    return `None of ${count(real.length, "column")} changes what others mean beyond noise; less than AUC +0.005 (through ids +0.02) would often be missed`;
  }
  if (first.name === control) return "A random column seems to gain: these rows cannot tell domains from noise";
  const also = real.filter(({ says }) => says === "tied").map(({ name }) => inTitle(name, names));
  const many = first.fields.length > 1 ? "mostly " : "";
  return sentence([
    `${inTitle(first.name, names)} changes what other columns mean (${many}${inTitle(first.fields[0]!.field)}): AUC ${signed(first.gain.value, 4)} as tables`,
    also.length > 0 ? `${also.join(", ")} cannot be told from it` : null,
  ]);
}
