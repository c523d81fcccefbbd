/** The compiler of cells where it throws, and where TypeScript sets more timers than tslab has room for. */
import type { Converter } from "tslab/dist/converter";
import { describe, expect, it } from "vitest";
import { RebuildTimers, type TimerSlot } from "../../src/kernel/compiler/cell-programs.js";
import { recovering, type WatchingConverter } from "../../src/kernel/compiler/typescript.js";

describe("rebuild timers", () => {
  /** As tslab's converter: it throws at a second timer, and keeps one that threw. */
  class OneTimer implements TimerSlot {
    #run: (() => void) | null = null;
    setTimeout(callback: () => void): void {
      if (this.#run) throw new Error("Unexpected pending rebuildTimer");
      this.#run = callback;
    }
    rebuild(): void {
      if (!this.#run) throw new Error("rebuildTimer is not set properly");
      this.#run();
      this.#run = null;
    }
  }

  it("may be any number, run in order with those that they set, and can be cleared", () => {
    const slot = new OneTimer();
    const timers = new RebuildTimers(slot);
    const ran: string[] = [];
    const cleared = timers.setTimeout(() => ran.push("cleared"), 250);
    timers.setTimeout(
      (name) => {
        ran.push(String(name));
        timers.setTimeout(() => ran.push("set by it"), 250);
      },
      250,
      "first",
    );
    timers.setTimeout(() => ran.push("second"), 250);
    timers.clearTimeout(cleared);
    slot.rebuild();
    expect(ran).toEqual(["first", "second", "set by it"]);
    timers.setTimeout(() => ran.push("later"), 250);
    slot.rebuild();
    expect(ran).toContain("later");
  });

  it("stay pending where one before them throws", () => {
    const slot = new OneTimer();
    const timers = new RebuildTimers(slot);
    const ran: string[] = [];
    timers.setTimeout(() => {
      throw new Error("a full disk");
    }, 250);
    timers.setTimeout(() => ran.push("second"), 250);
    expect(() => slot.rebuild()).toThrow("a full disk");
    timers.setTimeout(() => ran.push("third"), 250);
    slot.rebuild();
    expect(ran).toEqual(["second", "third"]);
  });
});

describe("a converter that throws", () => {
  interface Fragile extends WatchingConverter {
    isBroken: boolean;
    readonly modules: string[];
  }

  /** Compiles every source but "throw" to itself, until it is broken. */
  function fragile(): Fragile {
    const use = <T>(source: string, result: T): T => {
      if (converter.isBroken || source === "throw") throw new Error(`cannot compile ${source}`);
      return result;
    };
    const converter: Fragile = {
      isBroken: false,
      modules: [],
      convert: (_, source) => use(source, { output: source, diagnostics: [] }),
      inspect: (_, source) => use(source, undefined as unknown as ReturnType<Converter["inspect"]>),
      complete: (_, source) => use(source, { start: 0, end: 0, candidates: [source] }),
      addModule: (name) => use(name, converter.modules.splice(converter.modules.length, 0, name) && []),
      close: () => use("anything", undefined),
      anew: (work) => work(),
      suggestsNames: true,
    };
    return converter;
  }

  function watched(): { readonly converter: Converter; readonly made: Fragile[] } {
    const made: Fragile[] = [];
    const converter = recovering(() => {
      made.push(fragile());
      return made.at(-1) as Fragile;
    });
    return { converter, made };
  }

  it("because of one source is kept", () => {
    const { converter, made } = watched();
    expect(() => converter.convert("", "throw")).toThrow("cannot compile throw");
    expect(converter.convert("", "fine").output).toBe("fine");
    expect(made).toHaveLength(1);
  });

  it("at everything is replaced, with the modules that were added", () => {
    const { converter, made } = watched();
    converter.addModule("helper", "export const x = 1;");
    (made[0] as Fragile).isBroken = true;
    expect(converter.complete("", "fine", 0).candidates).toEqual(["fine"]);
    expect(converter.convert("", "fine").output).toBe("fine");
    expect(made.map(({ modules }) => modules)).toEqual([["helper"], ["helper"]]);
  });
});
