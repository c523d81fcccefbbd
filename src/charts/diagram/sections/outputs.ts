/** The outputs of a task's towers: logits by domain, and the loss with its task space. */

import { type LossSpec, losses, type ModelStructure, type TowerBlock } from "../../../spec/index.js";
import { shapeText } from "../../../tables/index.js";
import { grouped } from "../../../util/text/format.js";
import { colour, shorten, shortenAll } from "../../theme/index.js";
import { type Box, boxHeight, lettersIn } from "../drawing.js";
import { COLOURS, type Span, spread } from "../places.js";

/** In a narrower cell, a domain's name does not fit. */
const LEAST_CELL = 42;
/** Pixels of a box of one line. */
export const BAR: number = boxHeight(1);
const SPACE = boxHeight(2);

/** One cell per domain if names fit, else one box with their count. */
export function logitBoxes(
  { domains, domainNames, copies }: ModelStructure,
  { tower }: TowerBlock,
  span: Span,
  y: number,
): Box[] {
  const name = tower.numClass === 1 ? "logits" : `${tower.numClass} logits`;
  const look = { y, height: BAR, colour: COLOURS.tower, isPlain: true };
  const whose = `${name} of ${tower.name}`;
  if (copies === 1) {
    return [
      { ...look, ...span, lines: [`${name} ${shapeText(tower.numClass)}`], hover: [whose, shapeText(tower.numClass)] },
    ];
  }
  const width = (span.width - 3 * (copies - 1)) / copies;
  // Without names, `scene=0` is the placeholder; 0 is enough here.
  const names = shortenAll(domainNames, Math.max(3, lettersIn(width)));
  const short = names.map((each, index) => (domains?.names == null ? String(index) : each));
  if (width < LEAST_CELL || new Set(short).size < copies) {
    const ends = `${shorten(domainNames[0] ?? "", 30)} … ${shorten(domainNames.at(-1) ?? "", 30)}`;
    const hover = [whose, `${shapeText(tower.numClass)}, each row from the tower of its domain`, ends];
    return [{ ...look, ...span, lines: [`${name} in ${copies} domains`], hover }];
  }
  return spread(span, copies, 3).map((cell, domain) => ({
    ...look,
    ...cell,
    colour: colour(domain, copies),
    lines: [short[domain] ?? ""],
    hover: [`${whose} in ${domainNames[domain] ?? ""}`, `[rows of that domain, ${grouped(tower.numClass)}]`],
  }));
}

/** The losses, and the weights of rows inside and outside the task space: filled for 1, hollow for 0. */
export function lossBoxes({ tower }: TowerBlock, span: Span, y: number): Box[] {
  const names = tower.losses.map(lossName).join(" + ") || "no loss yet";
  const weight = tower.weight === 1 ? "" : `, × ${tower.weight}`;
  const sample = tower.sampleWeight === null ? [] : [`rows weigh ${tower.sampleWeight}`];
  const box: Box = {
    ...span,
    y,
    height: BAR,
    colour: COLOURS.loss,
    isPlain: true,
    lines: [`${names} of ${tower.label}${weight}`],
    hover: [`loss of ${tower.name}`, `${names} of the label ${tower.label}`, `weight ${tower.weight}`, ...sample],
  };
  const space = tower.taskSpace;
  if (space === null) return [box];
  const sides = spread(span, 2, 3);
  const part = (index: number, text: string, weighs: number): Box => ({
    ...sides[index]!,
    y: y + BAR + 4,
    height: SPACE,
    colour: COLOURS.loss,
    isPlain: true,
    lines: [text, `× ${weighs}`],
    hover: [
      `task space of ${tower.name}: rows with ${space.indicatorLabel} > 0`,
      `inside they weigh ${space.inWeight}, outside ${space.outWeight}; then all are divided by their mean`,
    ],
    isHollow: weighs === 0,
  });
  return [
    box,
    part(0, `${shorten(space.indicatorLabel, lettersIn(sides[0]!.width) - 4)} > 0`, space.inWeight),
    part(1, "other rows", space.outWeight),
  ];
}

function lossName(loss: LossSpec): string {
  return loss.kind === "other" ? loss.field : losses[loss.kind].label;
}
