/** The signal that ends long work: which calls see it, and what several callers of one value get. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import {
  currentSignal,
  inTime,
  interruptible,
  isInterruption,
  notebookDisplaySymbol,
  orInTime,
  SharedValue,
  throwIfInterrupted,
  uninterrupted,
  withSignal,
} from "../../../src/core/util/interrupt.js";

const enough = new Error("enough");
const globals = globalThis as unknown as Record<symbol, unknown>;

/** A notebook whose cell is interrupted by `stop`. */
function fakeNotebook(): { readonly stop: AbortController; working: number } {
  const fake = { stop: new AbortController(), working: 0 };
  const display = {
    interruption: () => fake.stop.signal,
    beginWork: () => {
      fake.working++;
      return () => void fake.working--;
    },
  };
  Object.defineProperty(globals, notebookDisplaySymbol, { value: display, configurable: true });
  return fake;
}

afterEach(() => {
  delete globals[notebookDisplaySymbol];
});

/** Rejects when it is interrupted. */
const endless = (): Promise<never> =>
  interruptible(async (signal) => {
    for (;;) {
      await nextTurn();
      signal?.throwIfAborted();
    }
  });

/** Calls `work` in work that has been interrupted. */
const afterInterrupt = (work: () => Promise<void>): Promise<void> => {
  const stop = new AbortController();
  return withSignal(stop.signal, () => {
    stop.abort(enough);
    return work();
  });
};

describe("the current signal", () => {
  test("is none outside of a call, and after it", async () => {
    const stop = new AbortController();
    expect(currentSignal()).toBeUndefined();
    await withSignal(stop.signal, async () => {
      await nextTurn();
      expect(currentSignal()).toBe(stop.signal);
    });
    expect(currentSignal()).toBeUndefined();
  });

  test("aborts with that of an outer call, and not the other way round", async () => {
    const [outer, inner] = [new AbortController(), new AbortController()];
    await withSignal(outer.signal, async () => {
      const both = await withSignal(inner.signal, () => ({ signal: currentSignal()! }));
      inner.abort();
      expect([both.signal.aborted, currentSignal()!.aborted]).toEqual([true, false]);
    });
    const held = await withSignal(outer.signal, () =>
      withSignal(new AbortController().signal, () => ({ signal: currentSignal()! })),
    );
    outer.abort(enough);
    expect(held.signal.reason).toBe(enough);
  });

  test("holds where work is made by a `then`, as of verbs", async () => {
    const stop = new AbortController();
    let seen: AbortSignal | undefined;
    const lazy = {
      // biome-ignore lint/suspicious/noThenProperty: what verbs are
      then(resolved: (value: number) => void) {
        seen = currentSignal();
        resolved(7);
      },
    };
    expect(await withSignal(stop.signal, () => lazy as PromiseLike<number>)).toBe(7);
    expect(seen).toBe(stop.signal);
  });

  test("is the cell's in a notebook, also beside the signal of a call", async () => {
    const { stop } = fakeNotebook();
    expect(currentSignal()).toBe(stop.signal);
    const ended = withSignal(new AbortController().signal, endless);
    stop.abort(enough);
    await expect(ended).rejects.toBe(enough);
  });

  test("ends nothing that is not to be interrupted", async () => {
    await afterInterrupt(async () => {
      expect(() => throwIfInterrupted()).toThrow(enough);
      await uninterrupted(async () => {
        await nextTurn();
        expect(currentSignal()).toBeUndefined();
        throwIfInterrupted();
      });
    });
  });
});

describe("interruptible work", () => {
  test("does not begin after an abort", async () => {
    let isBegun = false;
    const work = async () => {
      isBegun = true;
    };
    await expect(withSignal(AbortSignal.abort(enough), () => interruptible(work))).rejects.toBe(enough);
    expect(isBegun).toBe(false);
  });

  test("is waited for by a cell until it ends, however it ends", async () => {
    const notebook = fakeNotebook();
    const ended = Promise.all([endless(), endless()]);
    expect(notebook.working).toBe(2);
    notebook.stop.abort(enough);
    await expect(ended).rejects.toBe(enough);
    await nextTurn();
    expect(notebook.working).toBe(0);
    await expect(endless()).rejects.toBe(enough);
    expect(notebook.working).toBe(0);
  });

  test("knows its own interruption from other errors", async () => {
    await afterInterrupt(async () => {
      expect([isInterruption(enough), isInterruption(new Error("enough"))]).toEqual([true, false]);
    });
    expect(isInterruption(enough)).toBe(false);
  });
});

describe("the last work of what is interrupted", () => {
  test("has its time, and gives nothing beyond it", async () => {
    await afterInterrupt(async () => {
      const quick = async () => {
        throwIfInterrupted();
        return 3;
      };
      expect([await inTime(quick), await orInTime(quick), await inTime(endless)]).toEqual([3, 3, null]);
    });
  });

  test("still fails with its own errors", async () => {
    const failing = () => Promise.reject(new Error("a fault"));
    await expect(inTime(failing)).rejects.toThrow("a fault");
    await expect(orInTime(failing)).rejects.toThrow("a fault");
  });
});

describe("a shared value", () => {
  test("is made once", async () => {
    const value = new SharedValue<number>();
    let made = 0;
    const make = async () => ++made;
    expect(await Promise.all([value.get(make), value.get(make)])).toEqual([1, 1]);
    expect(await value.get(make)).toBe(1);
  });

  test("that could not be made is made again", async () => {
    const value = new SharedValue<number>();
    await expect(value.get(() => Promise.reject(enough))).rejects.toBe(enough);
    expect(await value.get(async () => 2)).toBe(2);
  });

  test("is made by the next caller if the one that makes it is interrupted", async () => {
    const value = new SharedValue<number>();
    const stop = new AbortController();
    const first = withSignal(stop.signal, () => value.get(endless));
    const second = value.get(async () => 5);
    stop.abort(enough);
    await expect(first).rejects.toBe(enough);
    expect(await second).toBe(5);
  });

  test("is not waited for if the one that makes it was interrupted, and never ends", async () => {
    const value = new SharedValue<number>();
    const stop = new AbortController();
    void withSignal(stop.signal, () => value.get(() => new Promise(() => undefined)));
    stop.abort(enough);
    expect(await value.get(async () => 5)).toBe(5);
  });

  test("stays after an interrupt of the caller that has made it", async () => {
    const value = new SharedValue<number>();
    const stop = new AbortController();
    expect(await withSignal(stop.signal, () => value.get(async () => 5))).toBe(5);
    stop.abort(enough);
    expect(await value.get(() => Promise.reject(new Error("made twice")))).toBe(5);
  });

  test("is not made for a caller that is interrupted itself", async () => {
    const value = new SharedValue<number>();
    const stop = new AbortController();
    const callers = [1, 2].map(() => withSignal(stop.signal, () => value.get(endless)));
    stop.abort(enough);
    expect((await Promise.allSettled(callers)).map((each) => each.status)).toEqual(["rejected", "rejected"]);
  });
});
