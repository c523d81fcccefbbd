/** The parts of the rows that a study's curves and surfaces are drawn for. */
import type { StudyReport } from "../../ablation/index.js";

/** With more domains, only all rows are drawn, and domains are in the table. */
export const mostDomains = 5;

/** Those that are drawn. */
export function drawnParts<Shape extends { readonly domain: number | null }>(
  shapes: readonly Shape[],
  { domainNames }: StudyReport,
): readonly Shape[] {
  return domainNames.length > mostDomains ? shapes.filter(({ domain }) => domain === null) : shapes;
}
