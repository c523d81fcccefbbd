/** Task towers: one column per task. */

import type { ModelStructure, TowerBlock } from "../../../spec/index.js";
import { shapeText } from "../../../tables/index.js";
import { count, grouped } from "../../../util/text/format.js";
import { shorten } from "../../theme/index.js";
import { type Arrow, type Box, boxHeight, type Drawing, down, joined, lettersIn } from "../drawing.js";
import { COLOURS, type Columns, middle, type Section, type Span, spread, WIDTH } from "../places.js";
import { activationName, chain, parameters } from "../wording.js";
import { BAR, logitBoxes, lossBoxes } from "./outputs.js";

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
