/** The sliders of a dial, the charts that follow them, and below them the details that a click on a chart shows. */

import { showBy } from "../../core/port/notebook.js";
import { hasEpnet, hasPpnet } from "../../core/spec/model.js";
import { escapeHtml } from "../../core/util/escape.js";
import type { DialGammas } from "../../lab/views/studies/responses.js";
import { clickChannel } from "../../lab/widgets/clicks.js";
import { select, slider } from "../../lab/widgets/controls.js";
import { type AnyInput, type Live, live } from "../../lab/widgets/live.js";
import { type Dataset, resolveUsers } from "../data/dataset.js";
import type { RunNames } from "../names.js";
import { ChartOutput, type DisplayBundle } from "../result.js";
import { allDomains, Dial, DialCalls } from "./dial.js";
import { assertScalable, assertStudy, readState } from "./dial-state.js";
import type { DialOptions, Subject } from "./options.js";

/** What a list of outputs holds. */
interface Shown {
  bundle(options?: { readonly png?: boolean }): Promise<DisplayBundle>;
}

/** A drill-down takes longer than a move, so it is computed once the sliders rest. */
const restMillis = 500;

/** Sliders for each gamma, a task and a domain; below them AUCs, gates and the rows that move most; then a drill-down. */
function dialWidget(dial: Dial): { display(): Promise<null> } {
  const calls = new DialCalls();
  let call: string | null = null;
  const detail = live({}, () => drillDown(dial, calls, call));
  const channel = clickChannel((clicked) => {
    call = clicked;
    return detail.refresh();
  });
  let rest: NodeJS.Timeout | undefined;
  const main = mainOutput(dial, calls, channel, () => {
    if (call === null) return;
    clearTimeout(rest);
    rest = setTimeout(() => void detail.refresh(), restMillis).unref();
  });
  return {
    async display() {
      await main.display();
      return detail.display();
    },
  };
}

function mainOutput(dial: Dial, calls: DialCalls, channel: string, moved: () => void): Live<readonly Shown[]> {
  const { epnet, ppnet } = dial.trained;
  const gammas = Object.entries({ epnet, ppnet }).flatMap(([module, gamma]): [string, AnyInput][] => {
    if (gamma === null) return [];
    const label = `gamma of ${module === "epnet" ? "EPNet" : "PPNet"}`;
    return [[module, slider({ min: 0.05, max: Math.max(4, 2 * gamma), step: 0.05, value: gamma, label })]];
  });
  const inputs: Record<string, AnyInput> = {
    ...Object.fromEntries(gammas),
    task: select({ options: dial.towers, label: "task" }),
    domain: select({ options: [allDomains, ...dial.domainNames], label: "domain" }),
  };
  return live(inputs, async (values) => {
    await dial.set(Object.fromEntries(gammas.map(([module]) => [module, values[module]])));
    const domain = values["domain"] === allDomains ? undefined : values["domain"];
    const [rows, ...curves] = await dial.partCharts({ tower: values["task"], domain }, calls);
    const charts = [...curves, ...(await dial.gammaCharts(calls)), rows!];
    moved();
    return [dial.table(), ...charts.map((chart) => withClicks(chart, channel))];
  });
}

function withClicks(output: ChartOutput, channel: string): ChartOutput {
  const chart = output.toChart();
  const layout = { ...chart.figure.layout, meta: { clicks: channel } };
  return new ChartOutput({ ...chart, figure: { ...chart.figure, layout } });
}

async function drillDown(dial: Dial, calls: DialCalls, call: string | null): Promise<readonly Shown[]> {
  if (call === null) {
    const text = "Click a domain, a gate or a row in a chart to look into it (in JupyterLab and Notebook 7).";
    return [{ bundle: async () => ({ "text/html": `<p>${text}</p>`, "text/plain": text }) }];
  }
  const title = {
    bundle: async () => ({ "text/html": `<p><code>${escapeHtml(call)}</code></p>`, "text/plain": call }),
  };
  const work = calls.run(call, dial);
  return work === null ? [title] : [title, await work];
}

// In a notebook: sliders, and below them what they change.
showBy(Dial, function () {
  return dialWidget(this).display();
});

/** See `Run.dial`. @param keep makes the run of the scaled model */
export async function openDial<R, N extends RunNames>(
  subject: Subject,
  rows: Dataset,
  { rows: count = 10_000, seed, study, user }: DialOptions,
  keep: (gammas: DialGammas) => Promise<R>,
): Promise<Dial<R, N>> {
  const { spec } = subject;
  assertScalable(spec);
  const trained = { epnet: hasEpnet(spec) ? spec.epnet.gamma : null, ppnet: hasPpnet(spec) ? spec.ppnet.gamma : null };
  const { takeSample } = await import("../../lab/gates/sample.js");
  const encoded = await rows.encode(spec);
  const { data, numbers } = await takeSample(subject, encoded, { rows: count, seed }, "dial");
  const { column } = await resolveUsers(spec, rows.table, user);
  const users = column && { ...column, codes: Int32Array.from(numbers, (row) => column.codes[row]!) };
  const parts = { subject, rows, data, numbers, users, study: study ?? null, keep };
  const dial = new Dial<R, N>(parts, await readState(parts, trained));
  if (study !== undefined) assertStudy(study, trained, dial.towers, dial.domainNames);
  return dial;
}
