/** The view of AUC over the gammas of a dial. */
import { fixed } from "../../../core/util/text.js";
import { chart, panelRows, xAxis, yAxis } from "../compose.js";
import { rule } from "../lines.js";
import { type OverlaidCurve, overlay } from "../overlay.js";
import { finite, inTitle, markup, sentence } from "../theme.js";
import { ALL_ROWS, type Chart, col, domainColumns, type Sheet, sheetFrom } from "../view.js";

/** AUCs of a task over the gammas of each module, with the other module unchanged. */
export interface DialCurves {
  readonly tower: string;
  readonly domainNames: readonly string[];
  readonly modules: readonly {
    readonly name: string;
    readonly gammas: readonly number[];
    readonly now: number;
    readonly trained: number;
    /** By gamma: over all rows, then by domain. */
    readonly aucs: readonly (readonly (number | null)[])[];
  }[];
}

export function dialGammasChart({ tower, domainNames, modules }: DialCurves): Chart {
  const names = domainNames.length < 2 ? [ALL_ROWS] : [ALL_ROWS, ...domainNames];
  const values = modules.flatMap(({ aucs }) => aucs.flat().flatMap((auc) => finite(auc) ?? []));
  const range = [Math.min(...values), Math.max(...values)] as const;
  const panels = modules.map(({ name, gammas, now, aucs }) => {
    const curves = names.map((domain, at): OverlaidCurve => {
      const hover = markup`${domain}<br>${name} gamma %{x}: AUC %{y:.4f}`;
      return { name: domain, x: gammas, y: aucs.map((row) => row[at] ?? null), isMain: at === 0, hover };
    });
    const { marks, steps } = overlay(curves, { width: 290, height: 220, range });
    return {
      marks: [rule({ from: [now, range[0]], to: [now, range[1]], width: 2 }), ...marks],
      xaxis: xAxis(`gamma of ${name}`, steps),
      yaxis: yAxis("AUC", { tickformat: ".3~f" }),
    };
  });
  const [at, trained] = (["now", "trained"] as const).map((which) =>
    modules.map((module) => `${module.name} gamma ${module[which]}`).join(", "),
  );
  const { aucs = [], gammas = [], now = 0 } = modules[0] ?? {};
  const auc = finite(aucs[gammas.indexOf(now)]?.[0]);
  return chart({
    title: sentence([
      `${inTitle(tower)}: AUC ${auc === null ? "not defined" : fixed(auc)} with gates scaled to ${at!}`,
      at === trained ? "as trained" : `trained at ${trained!}`,
    ]),
    rows: panelRows(panels, { across: 2, height: 220, empty: "one gamma of each module" }),
    sheet: dialCurvesSheet({ tower, domainNames, modules }),
  });
}

function dialCurvesSheet({ tower, domainNames, modules }: DialCurves): Sheet {
  const rows = modules.flatMap(({ name, gammas, aucs }) =>
    gammas.flatMap((gamma, g) => aucs[g]!.map((auc, at) => ({ name, gamma, auc, domain: at - 1 }))),
  );
  return sheetFrom(`AUC of ${tower} with gates scaled, the other module as chosen`, rows, [
    col.text("module", ({ name }) => name),
    col.number("gamma", ({ gamma }) => gamma),
    domainColumns(domainNames),
    col.number(["auc", "AUC"], ({ auc }) => auc, 4),
  ]);
}
