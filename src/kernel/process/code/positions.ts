/** Positions in code: Jupyter counts characters, JavaScript counts UTF-16 units. */

/** Units before a number of characters. */
export function toUnits(code: string, points: number): number {
  return [...code].slice(0, points).join("").length;
}

/** Characters in a number of units. */
export function toPoints(code: string, units: number): number {
  return [...code.slice(0, units)].length;
}
