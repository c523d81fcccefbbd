/** Work of the kernel that no cell should wait for. */

const lookAgainMs = 300;
/** Cells that a person or a program runs in quick succession have priority, and do not wait for this work. */
const idleLooks = 5;

/** What cells do. */
export interface Activity {
  /** Whether no cell is running or waiting. */
  readonly isIdle: boolean;
  /** The number of cells so far. */
  readonly cells: number;
}

/** Calls `work` once no cell has run for a second and a half. */
export function whenIdle(kernel: Activity, work: () => void): void {
  let [looks, cells] = [0, kernel.cells];
  const timer = setInterval(() => {
    looks = kernel.isIdle && kernel.cells === cells ? looks + 1 : 0;
    cells = kernel.cells;
    if (looks < idleLooks) return;
    clearInterval(timer);
    work();
  }, lookAgainMs);
  timer.unref();
}
