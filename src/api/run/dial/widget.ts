/** The sliders of a dial, and the tables and charts that they change. */
import { type AnyInput, type Live, live, select, slider } from "../../../widgets/index.js";
import type { Result, ResultWithChart } from "../../output/index.js";

/** A task, and a domain. */
interface DialPart {
  readonly tower?: string;
  readonly domain?: string;
}

/** What the sliders move and show. */
interface Scalable {
  readonly trained: { readonly epnet: number | null; readonly ppnet: number | null };
  readonly towers: readonly string[];
  readonly domainNames: readonly string[];
  readonly evaluation: ResultWithChart;
  readonly gates: { chart(name: "quantiles"): Promise<Result> };
  isStudied(tower: string): boolean;
  set(gammas: { readonly epnet?: number; readonly ppnet?: number }): Promise<unknown>;
  table(): Result;
  movedRows(part: DialPart): Result;
  response(part: DialPart): Promise<Result>;
}

const allDomains = "all domains";

/** Sliders for each gamma, a task and a domain; below them AUCs, the rows that move most, and the gates. */
export function dialWidget(dial: Scalable): Live<readonly Result[]> {
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
    const setting = Object.fromEntries(gammas.map(([module]) => [module, values[module]]));
    await dial.set(setting);
    const domain = values["domain"] === allDomains ? undefined : values["domain"];
    const part = { tower: values["task"], domain };
    return [
      dial.table(),
      ...(dial.isStudied(values["task"]) ? [await dial.response(part)] : []),
      dial.movedRows(part),
      await dial.evaluation.chart(),
      await dial.gates.chart("quantiles"),
    ];
  });
}
