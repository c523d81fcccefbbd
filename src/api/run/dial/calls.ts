/** The drill-downs of a dial: the code that looks into a domain, a gate or a row, and what a click on it runs. */
import type { GateReport, Intervention } from "../../../gates/index.js";
import type { Result } from "../../output/index.js";
import type { RunCounterfactualOptions, RunExplainOptions } from "../options.js";

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
      return (await import("../../../gates/index.js")).swapDomain(name);
    });
  };

  /** One field's gates of EPNet, held at their mean (in a domain). */
  readonly field = (field: string, domain: string | null): string => this.#freeze("epnet", { field }, domain);

  /** All gates of EPNet or of a layer, held at their mean (in a domain). */
  readonly gate = ({ module, tower, layer }: GateReport, domain: string | null): string => {
    return this.#freeze(module, module === "epnet" ? {} : { tower: tower ?? undefined, layer }, domain);
  };

  /** One row. */
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
      const { freezeGate } = await import("../../../gates/index.js");
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
