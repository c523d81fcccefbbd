/** Runs in the page: looks at a figure on every frame while it is updated, so that a flicker would be seen. */

/** What was seen. */
export interface Drawings {
  /** Distinct titles in order. */
  readonly titles: string[];
  /** Frames without a drawing. */
  readonly missing: number;
  /** Elements that held the figure one after another. */
  readonly elements: number;
  /** Pixels of its height, least and most. */
  readonly lowest: number;
  readonly highest: number;
}

/** Begins to look at the first figure. */
export function watchDrawing(selector: string): void {
  const holders = new Set<Element>();
  const seen = { titles: [] as string[], missing: 0, elements: 0, lowest: Number.POSITIVE_INFINITY, highest: 0 };
  (window as unknown as { drawings: Drawings }).drawings = seen;
  const look = (): void => {
    if ((window as unknown as { drawings?: Drawings }).drawings !== seen) return;
    const figure = document.querySelector(selector);
    if (figure) holders.add(figure);
    if (!figure?.querySelector(".main-svg")) seen.missing++;
    const title = figure?.querySelector(".gtitle")?.textContent ?? "";
    if (title !== "" && seen.titles.at(-1) !== title) seen.titles.push(title);
    const height = figure?.getBoundingClientRect().height ?? 0;
    seen.elements = holders.size;
    seen.lowest = Math.min(seen.lowest, height);
    seen.highest = Math.max(seen.highest, height);
    requestAnimationFrame(look);
  };
  look();
}

/** What was seen so far. */
export function drawingsOf(): Drawings {
  return (window as unknown as { drawings: Drawings }).drawings;
}

/** Stops looking. */
export function endWatching(): void {
  delete (window as { drawings?: Drawings }).drawings;
}
