/** Panels of one kind, one a gate or task, side by side and then below each other. */
import type { Panel, PanelRow } from "./compose.js";

/** Rows of at most `width` panels, each `height` pixels high; the last row keeps the widths of the others. */
export function inRows(panels: readonly Panel[], width: number, height: number): PanelRow[] {
  const widths = panels.length > width ? { widths: Array<number>(width).fill(1) } : {};
  return Array.from({ length: Math.ceil(panels.length / width) }, (_, row) => ({
    height,
    panels: panels.slice(row * width, (row + 1) * width),
    ...widths,
  }));
}
