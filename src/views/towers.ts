/** Task towers: one column per task. */
import { type LossSpec, losses } from "../spec/losses/index.js";
import type { ModelStructure, TowerBlock } from "../spec/structure.js";
import { count, grouped } from "../util/text.js";
import {
  type Arrow,
  activationName,
  type Box,
  boxHeight,
  COLOURS,
  type Columns,
  chain,
  type Drawing,
  down,
  joined,
  lettersIn,
  middle,
  parameters,
  type Section,
  type Span,
  shapeText,
  spread,
  WIDTH,
} from "./drawing.js";
import { colour, shorten, shortenAll } from "./theme.js";

/** Largest number of tasks with separate columns. */
const SHOWN = 3;
const NAMES = 6;
const TOWER = boxHeight(4);

/** One column per task; if there are many, the first two and the number of others. */
export function towersSection(structure: ModelStructure, columns: Columns, y: number): Section {
  const { towers } = structure;
  const cx = middle(columns.centre);
  const choice = choiceText(structure, lettersIn(cx));
  const top = y + (choice === null ? 34 : 52);
  if (towers.length === 0) return { drawing: noTask(columns.centre, y, top), y: top + BAR };
  const isCut = towers.length > SHOWN;
  const visibleTowers = isCut ? towers.slice(0, SHOWN - 1) : towers;
  const places = isCut ? SHOWN : towers.length;
  const spans = places === 1 ? [columns.centre] : spread({ x: 0, width: WIDTH - 10 }, places, 24);
  const tasks = visibleTowers.map((tower, index) => taskColumn(structure, tower, spans[index]!, top));
  const others = isCut ? [otherTasks(towers.slice(SHOWN - 1), spans[SHOWN - 1]!, top)] : [];
  const arrows = spans.map((span) => branch(cx, y, middle(span), top));
  const words = choice === null ? [] : [{ x: 0, y: y + 20, text: choice }];
  return {
    drawing: joined({ words, arrows }, ...tasks.map(({ drawing }) => drawing), ...others),
    y: Math.max(...tasks.map(({ y: bottom }) => bottom)),
  };
}

/** How a row's tower is selected; `null` if each task has one tower. */
function choiceText({ domains, copies }: ModelStructure, letters: number): string | null {
  if (domains === null || copies === 1) return null;
  const rest = " picks the row's tower";
  return shorten(domains.column, Math.max(8, letters - rest.length)) + rest;
}

function noTask(span: Span, y: number, top: number): Partial<Drawing> {
  const box = {
    ...span,
    y: top,
    height: BAR,
    colour: COLOURS.tower,
    lines: ["no task yet"],
    hover: [],
    isHollow: true,
  };
  return { boxes: [box], arrows: [down(middle(span), y, top, COLOURS.main)] };
}

function branch(from: number, y: number, to: number, top: number): Arrow {
  return {
    points: [
      [from, y],
      [from, top - 16],
      [to, top - 16],
      [to, top],
    ],
    colour: COLOURS.main,
    head: "down",
  };
}

function otherTasks(towers: readonly TowerBlock[], { x, width }: Span, y: number): Partial<Drawing> {
  const names = towers.map(({ tower }) => tower.name);
  const more = names.length - NAMES;
  const lines = [
    `… ${count(names.length, "more task")}`,
    ...names.slice(0, NAMES),
    ...(more > 0 ? [`… ${grouped(more)} more`] : []),
  ];
  return {
    boxes: [
      {
        x,
        width,
        y,
        height: boxHeight(lines.length),
        colour: COLOURS.tower,
        lines,
        hover: [...names.slice(0, 20), "each is in the table"],
        isHollow: true,
      },
    ],
  };
}

function taskColumn(structure: ModelStructure, block: TowerBlock, span: Span, top: number): Section {
  const { copies } = structure;
  const { tower } = block;
  const cx = middle(span);
  const dims = [block.inDim, ...(tower.mlp?.hidden ?? []), tower.numClass];
  const kinds = towerKinds(block);
  const lines = [
    `${tower.name}: ${copies === 1 ? "tower" : `${copies} towers`}`,
    chain(dims),
    kinds,
    parameters(block.parameters, copies),
  ];
  const hover = [
    `tower of ${tower.name}${copies === 1 ? "" : `, one for each of ${copies} domains`}`,
    `${shapeText(block.inDim)} → ${shapeText(tower.numClass)}`,
    `layers ${chain(dims)}`,
    kinds,
    `${parameters(block.parameters)}${copies === 1 ? "" : " each"}`,
  ];
  const box: Box = { ...span, y: top, height: TOWER, colour: COLOURS.tower, lines, hover, copies };
  const logits = top + TOWER + 28;
  const loss = logits + BAR + 22;
  const arrow = (from: number, to: number): Arrow => down(cx, from, to, COLOURS.tower);
  const arrows = [arrow(top + TOWER + (copies > 1 ? 8 : 0), logits), arrow(logits + BAR, loss)];
  const losses = lossBoxes(block, span, loss);
  return {
    drawing: { boxes: [box, ...logitBoxes(structure, block, span, logits), ...losses], arrows },
    y: Math.max(...losses.map((each) => each.y + each.height)),
  };
}

function towerKinds({ tower: { mlp } }: TowerBlock): string {
  if (mlp === null || mlp.hidden.length === 0) return "linear";
  const rates = mlp.dropout.filter((rate) => rate > 0);
  const kinds = [
    mlp.batchNorm ? "batch norm" : null,
    mlp.layerNorm ? "layer norm" : null,
    activationName(mlp.activation),
    rates.length > 0 ? `dropout ${[...new Set(rates)].join(", ")}` : null,
  ];
  return kinds.filter((kind) => kind !== null).join(", ") || "linear";
}

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
