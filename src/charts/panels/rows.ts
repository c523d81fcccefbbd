/** Panels of one kind, one a gate or task, side by side and then below each other. */
import { emptyPanel } from "./empty.js";
import type { Panel, PanelRow } from "./panel.js";

/** How panels are laid out. */
export interface RowsOptions {
  /** The most panels side by side; the last row keeps the widths of the others. */
  readonly across: number;
  /** Of each panel's axes, in pixels. */
  readonly height: number;
  /** What a figure without panels says. */
  readonly empty: string;
}

/** Rows of panels, or one line of text without panels. */
export function panelRows(panels: readonly Panel[], { across, height, empty }: RowsOptions): PanelRow[] {
  if (panels.length === 0) return [{ height: 60, panels: [emptyPanel(empty)] }];
  const widths = panels.length > across ? Array<number>(across).fill(1) : undefined;
  return Array.from({ length: Math.ceil(panels.length / across) }, (_, row) => ({
    height,
    panels: panels.slice(row * across, (row + 1) * across),
    widths,
  }));
}
