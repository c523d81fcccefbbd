/** The sliders of a dial, the charts that they change, and below them what a click on a chart looks into. */
import { escapeHtml } from "../../../util/text/escape.js";
import { type AnyInput, clickChannel, type Live, live, select, slider } from "../../../widgets/index.js";
import { ChartOutput, type DisplayBundle, type Result } from "../../output/index.js";
import { DialCalls, type DrilledDial } from "./calls.js";
import type { DialGammas } from "./state.js";

/** A task, and a domain. */
interface DialPart {
  readonly tower?: string;
  readonly domain?: string | undefined;
}

/** What the sliders move and show. */
interface Scalable extends DrilledDial {
  readonly trained: DialGammas;
  readonly towers: readonly string[];
  readonly domainNames: readonly string[];
  isStudied(tower: string): boolean;
  set(gammas: { readonly epnet?: number; readonly ppnet?: number }): Promise<unknown>;
  table(): Result;
  gammaCharts(calls: DialCalls): Promise<readonly ChartOutput[]>;
  partCharts(part: DialPart, calls: DialCalls): Promise<readonly ChartOutput[]>;
}

/** What a list of outputs holds. */
interface Shown {
  bundle(): Promise<DisplayBundle>;
  quickBundle?(): Promise<DisplayBundle>;
}

const allDomains = "all domains";
/** A drill-down takes longer than a move, so it follows when the sliders rest. */
const restMillis = 500;

/** Sliders for each gamma, a task and a domain; below them AUCs, gates and the rows that move most; then a drill-down. */
export function dialWidget(dial: Scalable): { display(): Promise<null> } {
  const calls = new DialCalls();
  const drill: Drill = { call: null };
  const detail = live({}, () => drillDown(dial, calls, drill));
  const channel = clickChannel((call) => {
    drill.call = call;
    return detail.refresh();
  });
  let rest: NodeJS.Timeout | undefined;
  const main = mainOutput(dial, calls, channel, () => {
    if (drill.call === null) return;
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

interface Drill {
  call: string | null;
}

function mainOutput(dial: Scalable, calls: DialCalls, channel: string, moved: () => void): Live<readonly Shown[]> {
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

async function drillDown(dial: Scalable, calls: DialCalls, { call }: Drill): Promise<readonly Shown[]> {
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
