/** Lays out panels of one kind, one per gate or task, in rows. */
import { emptyPanel } from "./empty.js";
import type { Panel, PanelRow } from "./panel.js";

/** How panels are laid out. */
export interface RowsOptions {
  /** Largest number of panels side by side; the last row keeps the widths of the others. */
  readonly across: number;
  /** Height of each panel's axes, in pixels. */
  readonly height: number;
  /** The text of a figure without panels. */
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
