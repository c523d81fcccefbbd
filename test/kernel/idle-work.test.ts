/** When the kernel does what no cell should wait for. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { whenIdle } from "../../src/kernel/process/idle-work.js";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function watched(kernel: { isIdle: boolean; cells: number }) {
  const work = vi.fn();
  whenIdle(kernel, work);
  return { work, pass: (millis: number) => vi.advanceTimersByTime(millis) };
}

test.each([40, 310, 1200])("not between cells that are %i ms apart, however short they are", (pause) => {
  const kernel = { isIdle: true, cells: 0 };
  const { work, pass } = watched(kernel);
  for (let cell = 0; cell < 40; cell++) {
    kernel.cells++;
    pass(pause);
  }
  expect(work).not.toHaveBeenCalled();
  pass(2000);
  expect(work).toHaveBeenCalledOnce();
  pass(10_000);
  expect(work).toHaveBeenCalledOnce();
});

test("not while a cell runs or waits, and in a kernel without cells after a second and a half", () => {
  const kernel = { isIdle: false, cells: 1 };
  const busy = watched(kernel);
  busy.pass(10_000);
  expect(busy.work).not.toHaveBeenCalled();
  kernel.isIdle = true;
  busy.pass(1100);
  expect(busy.work).not.toHaveBeenCalled();
  busy.pass(400);
  expect(busy.work).toHaveBeenCalledOnce();
  const fresh = watched({ isIdle: true, cells: 0 });
  fresh.pass(1499);
  expect(fresh.work).not.toHaveBeenCalled();
  fresh.pass(1);
  expect(fresh.work).toHaveBeenCalledOnce();
});
