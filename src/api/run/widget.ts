/** The sliders of a dial, the charts that they change, and below them what a click on a chart looks into. */

import type { EncodedData } from "../../data/encoded/encoded.js";
import type { ReadingEngine } from "../../engine/scaled-engine.js";
import type { Intervention } from "../../gates/interventions.js";
import type { GateReport, GatesReport } from "../../gates/types.js";
import type { Evaluation } from "../../metrics/types.js";
import type { Predictions } from "../../train/evaluate.js";
import { escapeHtml } from "../../util/escape.js";
import { clickChannel } from "../../widgets/clicks.js";
import { select, slider } from "../../widgets/controls.js";
import { type AnyInput, type Live, live } from "../../widgets/live.js";
import type { Dataset } from "../data/dataset.js";
import type { DisplayBundle } from "../displayable.js";
import type { ReportedStudy } from "../report/options.js";
import { ChartOutput, type Result } from "../result.js";
import type { Readable, RunCounterfactualOptions, RunExplainOptions, Subject } from "./options.js";

/** The drill-downs of a dial: the code that looks into a domain, a gate or a row, and what a click on it runs. */

/** What drill-downs call. */
export interface DrilledDial {
  explain(options: RunExplainOptions): Promise<Result>;
  counterfactual(options: RunCounterfactualOptions): Promise<Result>;
}

/** Code by what it looks into. */
export class DialCalls {
  readonly #works = new Map<string, (dial: DrilledDial) => Promise<Result>>();

  /** What another domain's gates and towers would do to every row. */
  readonly domain = (name: string): string => {
    return this.#change(`swapDomain(${JSON.stringify(name)})`, async () => {
      return (await import("../../gates/interventions.js")).swapDomain(name);
    });
  };

  /** One field's gates of EPNet, held at their mean (in a domain). */
  readonly field = (field: string, domain: string | null): string => this.#freeze("epnet", { field }, domain);

  /** All gates of EPNet or of a layer, held at their mean (in a domain). */
  readonly gate = ({ module, tower, layer }: GateReport, domain: string | null): string => {
    return this.#freeze(module, module === "epnet" ? {} : { tower: tower ?? undefined, layer }, domain);
  };

  readonly row = (row: number): string => {
    return this.#offer(`await dial.explain({ row: ${row} })`, (dial) => dial.explain({ row }));
  };

  /** Runs what was offered; `null`: nothing under this code. */
  run(call: string, dial: DrilledDial): Promise<Result> | null {
    return this.#works.get(call)?.(dial) ?? null;
  }

  #freeze(
    module: "epnet" | "ppnet",
    where: { readonly field?: string; readonly tower?: string | undefined; readonly layer?: number },
    domain: string | null,
  ): string {
    const at = domain === null ? ("mean" as const) : { domain };
    const entries = Object.entries({ ...where, at }).filter(([, value]) => value !== undefined);
    const options = entries.map(([name, value]) => {
      return `${name}: ${domain !== null && name === "at" ? `{ domain: ${JSON.stringify(domain)} }` : JSON.stringify(value)}`;
    });
    return this.#change(`freezeGate("${module}", { ${options.join(", ")} })`, async () => {
      const { freezeGate } = await import("../../gates/interventions.js");
      return freezeGate(module, Object.fromEntries(entries));
    });
  }

  #change(code: string, change: () => Promise<Intervention>): string {
    return this.#offer(`await dial.counterfactual({ changes: [${code}] })`, async (dial) => {
      return dial.counterfactual({ changes: [await change()] });
    });
  }

  #offer(call: string, work: (dial: DrilledDial) => Promise<Result>): string {
    this.#works.set(call, work);
    return call;
  }
}

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

/** What a dial shows at its gammas: predictions, metrics and gates of the scaled model on its rows. */

/** The gammas of a dial. */
export interface DialGammas {
  /** EPNet's; `null`: the model has no EPNet. */
  readonly epnet: number | null;
  /** PPNet's; `null`: the model has no PPNet. */
  readonly ppnet: number | null;
}

/** The numbers at some gammas. */
export interface DialState {
  readonly gammas: DialGammas;
  readonly predictions: readonly Predictions[];
  readonly evaluation: Evaluation;
  readonly gates: GatesReport;
}

/** What a dial reads. `R`: the type of the run that it makes. */
export interface DialParts<R> {
  readonly subject: Subject;
  readonly rows: Dataset;
  /** The sampled rows, and their numbers in the data. */
  readonly data: EncodedData;
  readonly numbers: Int32Array;
  /** Trained models at several gammas. */
  readonly study: ReportedStudy | null;
  readonly keep: (gammas: DialGammas) => Promise<R>;
}

/** Computes the numbers. @param earlier of the same rows: its EPNet gates stay if only PPNet's gamma differs */
export async function readState(
  { subject, data }: Pick<DialParts<unknown>, "subject" | "data">,
  gammas: DialGammas,
  earlier?: DialState,
): Promise<DialState> {
  const { measurePredictions, predict } = await import("../../train/evaluate.js");
  const { gatesReport } = await import("../../gates/report.js");
  return scaledSubject(subject, gammas).engine.use(async (scaled): Promise<DialState> => {
    const predictions = await predict(scaled, data);
    const evaluation = await measurePredictions(scaled.spec, data, predictions);
    const sameEpnet = earlier?.gammas.epnet === gammas.epnet ? earlier.gates : null;
    const gates = await gatesReport(scaled, data, { rows: data.rows, details: false }, sameEpnet);
    return { gammas, predictions, evaluation, gates };
  });
}

/** The model with its gates scaled, for analyses that read rows. */
export function scaledSubject({ spec, engine }: Subject, gammas: DialGammas): Readable {
  return {
    spec,
    engine: {
      use: async (work) => {
        const { scaledEngine } = await import("../../engine/scaled-engine.js");
        return engine.use((running) => {
          const scaled: ReadingEngine = scaledEngine(running, {
            epnet: gammas.epnet ?? undefined,
            ppnet: gammas.ppnet ?? undefined,
          });
          return work(scaled);
        });
      },
    },
  };
}
