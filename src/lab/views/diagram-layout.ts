/** The layout of a model's diagram: the main path in the middle, EPNet's gate on its left, PPNet's on its right. */
import type {
  FeatureBlock,
  GateBlock,
  GroupBlock,
  ModelStructure,
  PpnetLayerBlock,
  TowerBlock,
} from "../../core/nn/plan/structure.js";
import { losses } from "../../core/spec/losses.js";
import { count, grouped } from "../../core/util/text.js";
import {
  type Arrow,
  across,
  type Box,
  boxHeight,
  type Drawing,
  down,
  end,
  lettersIn,
  middle,
  type Span,
  shapeText,
  spread,
} from "./drawing.js";
import { colour, GATES, INK, PLAIN, shorten, shortenAll } from "./theme.js";

/** Pixels of the axes on the narrowest page. */
export const WIDTH = 600;
const GAP = 28;
/** Room at the right of PPNet's gates for the line of their prior. */
const RAIL = 22;

type Columns = ReturnType<typeof placeColumns>;

function placeColumns({ groups }: ModelStructure) {
  const has = (name: GroupBlock["name"]): boolean => groups.some((group) => group.name === name);
  const [hasLeft, hasRight] = [has("domain"), has("uia")];
  const spans = spread({ x: 0, width: WIDTH }, 1 + Number(hasLeft) + Number(hasRight), GAP);
  return { left: hasLeft ? spans[0]! : null, centre: spans[hasLeft ? 1 : 0]!, right: hasRight ? spans.at(-1)! : null };
}

export function drawModel(structure: ModelStructure): { readonly drawing: Drawing; readonly height: number } {
  const drawing: Drawing = { boxes: [], arrows: [], products: [], words: [] };
  const columns = placeColumns(structure);
  const groups = addGroups(drawing, structure, columns, 2);
  const layers = addLayers(drawing, structure, columns, groups);
  const epnet = addEpnet(drawing, structure, columns, layers, groups);
  const ppnet = addPpnet(drawing, structure, columns, epnet, groups);
  const towers = addTowers(drawing, structure, columns, ppnet);
  addKey(drawing, structure, towers + 26);
  return { drawing, height: towers + 40 };
}

function addKey(drawing: Drawing, { switches, epnet, ppnet }: ModelStructure, y: number): void {
  const stops = switches.stopGradient && (epnet !== null || ppnet.some(({ gate }) => gate !== null));
  drawing.arrows.push(across(y, 0, 34, PLAIN, { head: null, isStopped: false }));
  drawing.words.push({ x: 40, y, text: "values, and gradients back" });
  if (!stops) return;
  drawing.arrows.push(across(y, 250, 284, PLAIN, { head: null, isStopped: true }));
  drawing.words.push({ x: 290, y, text: "values only: the gradient is stopped" });
}

function chain(dims: readonly number[]): string {
  return dims.map(grouped).join(" → ");
}

function parametersText(amount: number, copies = 1): string {
  return `${copies === 1 ? "" : `${copies} × `}${count(amount, "parameter")}`;
}

function firstNames(names: readonly string[], most: number): readonly string[] {
  return names.length <= most ? names : [...names.slice(0, most), `… ${grouped(names.length - most)} more`];
}

const GROUP_NAMES = 4;
const GROUP_HOVERED = 12;

/** One box per group, side by side. Returns their bottom. */
function addGroups(drawing: Drawing, { groups }: ModelStructure, { left, centre, right }: Columns, y: number): number {
  const height = boxHeight(2 + Math.max(1, ...groups.map(({ features }) => Math.min(GROUP_NAMES, features.length))));
  for (const { name, features, width, isRead } of groups) {
    const span = { domain: left, all: centre, uia: right }[name];
    if (span === null) continue;
    const names = features.map((feature) => feature.name);
    drawing.boxes.push({
      ...span,
      y,
      height,
      colour: name === "all" ? PLAIN : GATES,
      lines: [
        `${name}: ${count(features.length, "feature")}`,
        isRead ? shapeText(width) : "not read: gates are off",
        ...(names.length <= GROUP_NAMES ? names : firstNames(names, GROUP_NAMES - 1)),
      ],
      hover: [`group ${name} ${shapeText(width)}`, ...firstNames(features.map(featureLine), GROUP_HOVERED)],
      isHollow: !isRead,
    });
  }
  return y + height;
}

/** `user_id: table of 2,000 × 8`. */
function featureLine({ name, width, tableRows, table }: FeatureBlock): string {
  const short = shorten(name, 40);
  if (width === 0) return `${short}: not computed here`;
  if (table === null) return `${short}: its value, ${count(width, "column")}`;
  return `${short}: table of ${tableRows === null ? "a file's rows" : grouped(tableRows)} × ${grouped(width)}`;
}

/** Layers before EPNet from top to bottom; if there are many, only the first and the last. Returns their bottom. */
function addLayers(drawing: Drawing, { layers }: ModelStructure, { centre }: Columns, y: number): number {
  let top = y;
  for (const layer of layers.length > 3 ? [layers[0]!, null, layers.at(-1)!] : layers) {
    drawing.arrows.push(down(middle(centre), top, top + 20, PLAIN));
    top += 20;
    const shape = shapeText(layer?.width ?? 0);
    const what = layer?.rank ? `cross network of rank ${layer.rank}` : "custom layer";
    const [lines, hover] =
      layer === null
        ? [[`… ${grouped(layers.length - 2)} more layers`], layers.slice(1, -1).map(({ name }) => name)]
        : [
            [layer.name, `${what} ${shape}`],
            [layer.name, `a ${what}, ${shape} → ${shape}`, parametersText(layer.parameters)],
          ];
    drawing.boxes.push({ ...centre, y: top, colour: PLAIN, lines, hover });
    top += boxHeight(lines.length);
  }
  return top;
}

function gateLines(name: string, gate: GateBlock, { switches }: ModelStructure): string[] {
  const units = gate.parts === 1 ? grouped(gate.units) : `${gate.parts} × ${grouped(gate.units / gate.parts)}`;
  return [
    name,
    `input ${grouped(gate.prior)} + ${grouped(gate.main)}`,
    `→ ${grouped(gate.hidden)}, ReLU → ${units}`,
    switches.learnableGamma ? "γ · sigmoid, γ trained" : `${gate.gamma} · sigmoid`,
    parametersText(gate.parameters),
  ];
}

const GATE_HEIGHT = boxHeight(5);

/** The hover text of a gate. @param priorName the group of its prior */
function gateHover(gate: GateBlock, priorName: string, mainName: string, { switches }: ModelStructure): string[] {
  const stopped = (isStopped: boolean): string => (isStopped ? " (gradient stopped)" : "");
  const each = gate.parts === 1 ? "" : `, ${grouped(gate.units / gate.parts)} for each of ${gate.parts} tasks`;
  const prior = `${priorName} ${grouped(gate.prior)}${stopped(switches.detachPriors)}`;
  const main = `${mainName} ${grouped(gate.main)}${stopped(switches.stopGradient)}`;
  const range = switches.learnableGamma ? `a trained gamma that starts at ${gate.gamma}` : gate.gamma;
  return [
    `input ${shapeText(gate.prior + gate.main)}: ${prior}, ${main}`,
    `first layer: ${chain([gate.prior + gate.main, gate.hidden])}, ReLU`,
    `second layer: ${chain([gate.hidden, gate.units])}`,
    `output ${shapeText(gate.units)}${each}, between 0 and ${range}`,
    parametersText(gate.parameters),
  ];
}

function offBox(module: string, name: string, span: Span, y: number): Box {
  return {
    ...span,
    y,
    colour: GATES,
    lines: [name, "by a switch"],
    hover: [`switches.${module} is false`],
    isHollow: true,
  };
}

/** EPNet's gate, or a box if it is off; its bottom. @param y bottom of the path @param priorFrom of the prior's box */
function addEpnet(drawing: Drawing, structure: ModelStructure, columns: Columns, y: number, priorFrom: number): number {
  const { left, centre } = columns;
  const { epnet, switches } = structure;
  if (left === null) return y;
  const [top, cx] = [y + 26, middle(centre)];
  if (epnet === null) {
    const bottom = top + boxHeight(2);
    drawing.boxes.push(offBox("epnet", "EPNet: off", left, top));
    drawing.arrows.push(down(cx, y, bottom, PLAIN, { head: null }));
    return bottom;
  }
  const by = top + GATE_HEIGHT - 18;
  const lines = gateLines("EPNet: Gate NU", epnet, structure);
  const hover = ["EPNet's Gate NU", ...gateHover(epnet, "domain", "all", structure)];
  drawing.boxes.push({ ...left, y: top, colour: GATES, lines, hover });
  drawing.arrows.push(
    down(cx, y, by, PLAIN, { isIntoProduct: true }),
    down(middle(left), priorFrom, top, GATES, { isStopped: switches.detachPriors }),
    across(top + 16, cx, end(left), PLAIN, { isStopped: switches.stopGradient }),
    across(by, end(left), cx, GATES, { isIntoProduct: true }),
  );
  const shape = shapeText(epnet.units);
  drawing.products.push({ x: cx, y: by, hover: ["EPNet: gate × embeddings, element by element", shape] });
  drawing.words.push({ x: cx + 16, y: by, text: `gated embeddings ${shape}` });
  return top + GATE_HEIGHT - 8;
}

const HEADING = 56;
const PITCH = 112;
const PPNET_LAYERS = 5;

/** PPNet's layers and gates; their bottom. @param y bottom of the path @param priorFrom bottom of the prior's box */
function addPpnet(drawing: Drawing, structure: ModelStructure, columns: Columns, y: number, priorFrom: number): number {
  const { centre, right } = columns;
  const { ppnet, towers } = structure;
  if (right === null || ppnet.length === 0) return y;
  const [top, cx] = [y + 22, middle(centre)];
  const layers = ppnet.slice(0, PPNET_LAYERS);
  const more = ppnet.length - layers.length;
  const gates = { x: right.x, width: right.width - RAIL };
  const first = top + HEADING;
  const below = first + layers.length * PITCH - 14;
  const bottom = below + (more > 0 ? 28 : 0);
  const frame = { x: centre.x - 10, width: end(right) + 2 - centre.x + 10, y: top, height: bottom - top };
  drawing.boxes.push({ ...frame, colour: GATES, lines: [], hover: [], copies: towers.length, isHollow: true });
  drawing.words.push(...ppnetHeading(structure, cx + 14, top));
  drawing.arrows.push(down(cx, y, first - 14, PLAIN, { head: null }));
  if (ppnet[0]!.gate === null) drawing.boxes.push(offBox("ppnet", "gates: off", gates, first));
  else {
    const rows = layers.map((_, row) => first + row * PITCH);
    drawing.arrows.push(...rows.flatMap((row) => railArrows(structure, centre, right, [row, first - 14, priorFrom])));
  }
  for (const [index, layer] of layers.entries()) {
    addPpnetLayer(drawing, structure, layer, index, { centre, gates, top: first + index * PITCH });
  }
  if (more > 0) {
    drawing.words.push({ x: cx + 14, y: below + 8, text: `… ${count(more, "more layer")}, in the table` });
    drawing.arrows.push(down(cx, below, bottom, PLAIN, { head: null }));
  }
  return bottom;
}

/** Next to the main path, which crosses the frame's top. */
function ppnetHeading({ towers, switches }: ModelStructure, x: number, top: number): Drawing["words"] {
  const names = towers.map(({ tower }) => tower.name);
  const isShared = switches.gatePlacement === "input" && switches.ppnet && names.length > 1;
  const each = shorten(names.join(", "), lettersIn(WIDTH - x) - (isShared ? 26 : 0));
  const first = names.length < 2 ? "PPNet" : `PPNet, for each of ${count(names.length, "task")}`;
  return [
    { x, y: top + 13, text: first, isBold: true },
    { x, y: top + 29, text: isShared ? `${each}, which share the gates` : each },
  ];
}

/** The two inputs of a gate: gated embeddings between the columns, uia at the far right. */
function railArrows(
  { switches }: ModelStructure,
  centre: Span,
  right: Span,
  [top, mainFrom, priorFrom]: readonly [top: number, mainFrom: number, priorFrom: number],
): Arrow[] {
  const main = end(centre) + GAP / 2;
  const prior = end(right) - RAIL / 2 + 2;
  const into = top + (switches.gatePlacement === "input" ? 46 : 32);
  const mainPoints = [[middle(centre), mainFrom] as const, [main, mainFrom] as const, [main, into] as const];
  const priorPoints = [[prior, priorFrom] as const, [prior, top + 46] as const, [end(right) - RAIL, top + 46] as const];
  return [
    { points: [...mainPoints, [right.x, into]], colour: PLAIN, head: "right", isStopped: switches.stopGradient },
    { points: priorPoints, colour: GATES, head: "left", isStopped: switches.detachPriors },
  ];
}

/** A layer with its gate: after it, or before it in the paper's placement. */
function addPpnetLayer(
  drawing: Drawing,
  structure: ModelStructure,
  layer: PpnetLayerBlock,
  index: number,
  { centre, gates, top }: { readonly centre: Span; readonly gates: Span; readonly top: number },
): void {
  const { gate } = layer;
  const isBefore = structure.switches.gatePlacement === "input" && gate !== null;
  const boxTop = isBefore ? top + 32 : top;
  const bottom = boxTop + boxHeight(3);
  const [from, to, cx] = [top - 14, top + PITCH - 14, middle(centre)];
  const main = (start: number, stop: number, more: Partial<Arrow> = {}): Arrow => down(cx, start, stop, PLAIN, more);
  drawing.boxes.push(layerBox(structure, layer, index, { ...centre, y: boxTop }));
  if (gate === null) {
    drawing.arrows.push(main(from, boxTop), main(bottom, to, { head: null }));
    return;
  }
  const py = isBefore ? top + 8 : bottom + 22;
  const [into, last] = [{ isIntoProduct: true }, { head: null }];
  drawing.boxes.push(gateBox(structure, gate, index, { ...gates, y: isBefore ? top - 8 : top + 4 }));
  drawing.arrows.push(
    ...(isBefore
      ? [main(from, py, into), main(py, boxTop), main(bottom, to, last)]
      : [main(from, boxTop), main(bottom, py, into), main(py, to, last)]),
    across(py, gates.x, cx, GATES, into),
  );
  const name = `gate × ${isBefore ? "input" : "output"} of layer ${index + 1}, element by element`;
  drawing.products.push({ x: cx, y: py, hover: [name, shapeText(gate.units / gate.parts)] });
}

function layerBox(
  { ppnetActivation }: ModelStructure,
  { inDim, outDim, dropout, parameters }: PpnetLayerBlock,
  index: number,
  place: Span & { readonly y: number },
): Box {
  const kinds = kindsText([activationName(ppnetActivation), dropout > 0 ? `dropout ${dropout}` : null]);
  return {
    ...place,
    colour: PLAIN,
    lines: [`layer ${index + 1}: ${chain([inDim, outDim])}`, kinds, parametersText(parameters)],
    hover: [
      `PPNet layer ${index + 1} of each task`,
      `${shapeText(inDim)} → ${shapeText(outDim)}`,
      kinds,
      `${parametersText(parameters)} a task`,
    ],
  };
}

/** `nn.ReLU` → `ReLU`; `null` for the identity. */
function activationName(name: string): string | null {
  const short = name.replace(/^nn\./, "");
  return short === "" || short === "Identity" ? null : short;
}

function kindsText(kinds: readonly (string | null)[]): string {
  return kinds.filter((kind) => kind !== null).join(", ") || "linear";
}

function gateBox(structure: ModelStructure, gate: GateBlock, index: number, place: Span & { readonly y: number }): Box {
  const whose = structure.switches.gatePlacement === "input" ? "one for all tasks" : "one a task";
  return {
    ...place,
    colour: GATES,
    lines: gateLines(`Gate NU ${index + 1}`, gate, structure),
    hover: [
      `PPNet's Gate NU of layer ${index + 1}, ${whose}`,
      ...gateHover(gate, "uia", structure.epnet === null ? "all" : "gated embeddings", structure),
    ],
  };
}

const TASKS = 3;
const TASK_NAMES = 6;
const BAR = boxHeight(1);

/** One column per task; if there are many, the first two and the number of others. Returns the bottom. */
function addTowers(drawing: Drawing, structure: ModelStructure, { centre }: Columns, y: number): number {
  const { towers, domains, copies } = structure;
  const cx = middle(centre);
  const hasChoice = domains !== null && copies > 1;
  const top = y + (hasChoice ? 52 : 34);
  if (towers.length === 0) {
    drawing.boxes.push({ ...centre, y: top, colour: PLAIN, lines: ["no task yet"], hover: [], isHollow: true });
    drawing.arrows.push(down(cx, y, top, PLAIN));
    return top + BAR;
  }
  if (hasChoice) {
    const rest = " picks the row's tower";
    const column = shorten(domains.column, Math.max(8, lettersIn(cx) - rest.length));
    drawing.words.push({ x: 0, y: y + 20, text: column + rest });
  }
  const isCut = towers.length > TASKS;
  const columns = isCut ? towers.slice(0, TASKS - 1) : towers;
  const places = isCut ? TASKS : towers.length;
  const spans = places === 1 ? [centre] : spread({ x: 0, width: WIDTH - 10 }, places, 24);
  for (const x of spans.map(middle)) {
    const points = [[cx, y] as const, [cx, top - 16] as const, [x, top - 16] as const, [x, top] as const];
    drawing.arrows.push({ points, colour: PLAIN, head: "down" });
  }
  const bottoms = columns.map((tower, index) => addTower(drawing, structure, tower, spans[index]!, top));
  if (isCut) {
    const names = towers.slice(TASKS - 1).map(({ tower }) => tower.name);
    const lines = [`… ${count(names.length, "more task")}`, ...firstNames(names, TASK_NAMES)];
    const hover = [...names.slice(0, 20), "each is in the table"];
    drawing.boxes.push({ ...spans[TASKS - 1]!, y: top, colour: PLAIN, lines, hover, isHollow: true });
  }
  return Math.max(...bottoms);
}

function addTower(drawing: Drawing, structure: ModelStructure, block: TowerBlock, span: Span, top: number): number {
  const { copies } = structure;
  const { tower, inDim, parameters } = block;
  const dims = chain([inDim, ...(tower.mlp?.hidden ?? []), tower.numClass]);
  const kinds = towerKinds(block);
  const towers = copies === 1 ? "tower" : `${copies} towers`;
  drawing.boxes.push({
    ...span,
    y: top,
    colour: PLAIN,
    lines: [`${tower.name}: ${towers}`, dims, kinds, parametersText(parameters, copies)],
    hover: [
      `tower of ${tower.name}${copies === 1 ? "" : `, one for each of ${copies} domains`}`,
      `${shapeText(inDim)} → ${shapeText(tower.numClass)}`,
      `layers ${dims}`,
      kinds,
      `${parametersText(parameters)}${copies === 1 ? "" : " each"}`,
    ],
    copies,
  });
  const bottom = top + boxHeight(4);
  const logits = bottom + 28;
  const loss = logits + BAR + 22;
  drawing.boxes.push(...logitBoxes(structure, block, span, logits), ...lossBoxes(block, span, loss));
  drawing.arrows.push(down(middle(span), bottom + (copies > 1 ? 8 : 0), logits, PLAIN));
  drawing.arrows.push(down(middle(span), logits + BAR, loss, PLAIN));
  return loss + BAR + (tower.taskSpace === null ? 0 : 4 + boxHeight(2));
}

function towerKinds({ tower: { mlp } }: TowerBlock): string {
  if (mlp === null || mlp.hidden.length === 0) return "linear";
  const rates = mlp.dropout.filter((rate) => rate > 0);
  return kindsText([
    mlp.batchNorm ? "batch norm" : null,
    mlp.layerNorm ? "layer norm" : null,
    activationName(mlp.activation),
    rates.length > 0 ? `dropout ${[...new Set(rates)].join(", ")}` : null,
  ]);
}

const LEAST_CELL = 42;

function logitBoxes(structure: ModelStructure, { tower }: TowerBlock, span: Span, y: number): Box[] {
  const { domains, domainNames, copies } = structure;
  const name = tower.numClass === 1 ? "logits" : `${tower.numClass} logits`;
  const shape = shapeText(tower.numClass);
  const look = { y, colour: PLAIN, isPlain: true };
  const whose = `${name} of ${tower.name}`;
  if (copies === 1) return [{ ...look, ...span, lines: [`${name} ${shape}`], hover: [whose, shape] }];
  const width = (span.width - 3 * (copies - 1)) / copies;
  // Without names, `scene=0` is the placeholder; 0 is enough here.
  const names = shortenAll(domainNames, Math.max(3, lettersIn(width)));
  const short = names.map((each, index) => (domains?.names == null ? String(index) : each));
  if (width < LEAST_CELL || new Set(short).size < copies) {
    const ends = `${shorten(domainNames[0] ?? "", 30)} … ${shorten(domainNames.at(-1) ?? "", 30)}`;
    const hover = [whose, `${shape}, each row from the tower of its domain`, ends];
    return [{ ...look, ...span, lines: [`${name} in ${copies} domains`], hover }];
  }
  return spread(span, copies, 3).map((cell, domain) => {
    const hover = [`${whose} in ${domainNames[domain] ?? ""}`, `[rows of that domain, ${grouped(tower.numClass)}]`];
    return { ...look, ...cell, colour: colour(domain, copies), lines: [short[domain] ?? ""], hover };
  });
}

/** The losses, and the weights of rows inside and outside the task space: filled for 1, hollow for 0. */
function lossBoxes({ tower }: TowerBlock, span: Span, y: number): Box[] {
  const labels = tower.losses.map((loss) => (loss.kind === "other" ? loss.field : losses[loss.kind].label));
  const names = labels.join(" + ") || "no loss yet";
  const weight = tower.weight === 1 ? "" : `, × ${tower.weight}`;
  const sample = tower.sampleWeight === null ? [] : [`rows weigh ${tower.sampleWeight}`];
  const look = { colour: INK, isPlain: true };
  const lines = [`${names} of ${tower.label}${weight}`];
  const hover = [`loss of ${tower.name}`, `${names} of the label ${tower.label}`, `weight ${tower.weight}`, ...sample];
  const box = { ...look, ...span, y, lines, hover };
  const space = tower.taskSpace;
  if (space === null) return [box];
  const sides = spread(span, 2, 3);
  const part = (index: number, text: string, weighs: number): Box => ({
    ...look,
    ...sides[index]!,
    y: y + BAR + 4,
    lines: [text, `× ${weighs}`],
    isHollow: weighs === 0,
    hover: [
      `task space of ${tower.name}: rows with ${space.indicatorLabel} > 0`,
      `inside they weigh ${space.inWeight}, outside ${space.outWeight}; then all are divided by their mean`,
    ],
  });
  const inside = `${shorten(space.indicatorLabel, lettersIn(sides[0]!.width) - 4)} > 0`;
  return [box, part(0, inside, space.inWeight), part(1, "other rows", space.outWeight)];
}
