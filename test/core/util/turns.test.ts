import { afterEach, expect, test, vi } from "vitest";
import { withSignal } from "../../../src/core/util/interrupt.js";
import { permutation, permuting, random } from "../../../src/core/util/random.js";
import { atOnce, inRuns, inTurns, type Work } from "../../../src/core/util/turns.js";

function* units(count: number): Work<number> {
  for (let unit = 0; unit < count; unit++) yield;
  return count;
}

afterEach(() => vi.restoreAllMocks());

let now = 1e9;

/** Each look at the clock is so many milliseconds after the one before. */
function clockSteps(millis: number): void {
  vi.spyOn(performance, "now").mockImplementation(() => {
    now += millis;
    return now;
  });
}

test("the event loop turns between units of work that take milliseconds", async () => {
  clockSteps(5);
  expect(await turnsDuring(() => inTurns(units(5)))).toBeGreaterThanOrEqual(5);
});

test("small units follow each other, up to a few milliseconds", async () => {
  clockSteps(0.5);
  const turns = await turnsDuring(() => inTurns(units(80)));
  expect(turns).toBeGreaterThanOrEqual(5);
  expect(turns).toBeLessThan(20);
});

test("work that is aborted stops where it is", async () => {
  clockSteps(5);
  const controller = new AbortController();
  const running = withSignal(controller.signal, () => inTurns(units(1000)));
  setImmediate(() => controller.abort(new Error("enough")));
  await expect(running).rejects.toThrow("enough");
});

test("runs cover everything once, whatever their length", () => {
  for (const [count, length] of [
    [0, 4],
    [4, 4],
    [9, 4],
  ] as const) {
    const visited: number[] = [];
    atOnce(
      inRuns(count, length, (start, end) => {
        for (let at = start; at < end; at++) visited.push(at);
      }),
    );
    expect(visited).toEqual(Array.from({ length: count }, (_, at) => at));
  }
});

test("an order drawn in turns is the one drawn at once", async () => {
  expect(await inTurns(permuting(300_000, random(3)))).toEqual(permutation(300_000, random(3)));
});

/** Turns of the event loop while work is under way. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let done = false;
  const count = () => {
    if (done) return;
    turns++;
    setImmediate(count);
  };
  setImmediate(count);
  await work();
  done = true;
  return turns;
}
