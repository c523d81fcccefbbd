/**
 * Reads a notebook's key numbers from its outputs: from cells tagged `result`, else from the last result with numbers.
 * Values can provide them as `application/vnd.pepnet.numbers+json`, as evaluations do; a number, an object of numbers,
 * and a table with one row or a row "mean" also work.
 */
import { numbersMime } from "../../port/index.js";
import { hasTag, joinLines, type Multiline, type Notebook, type NotebookCell, type Output } from "../format.js";

/** Numbers by name, in the order of the notebook. */
export type KeyNumbers = Readonly<Record<string, number>>;

/** The key numbers of a notebook. A repeated name with another number gets a counter: `AUC`, `AUC (2)`. */
export function keyNumbers(notebook: Pick<Notebook, "cells">): KeyNumbers {
  const tagged = notebook.cells.filter((cell) => hasTag(cell, "result"));
  if (tagged.length > 0) return merged(tagged.map(ofCell));
  const results = notebook.cells.map(ofCell).filter((numbers) => Object.keys(numbers).length > 0);
  return results.at(-1) ?? {};
}

function ofCell(cell: NotebookCell): KeyNumbers {
  return merged((cell.outputs ?? []).map(ofOutput));
}

function merged(list: readonly KeyNumbers[]): KeyNumbers {
  const numbers = new Map<string, number>();
  for (const [name, value] of list.flatMap((each) => Object.entries(each))) {
    let free = name;
    for (let count = 2; numbers.has(free) && numbers.get(free) !== value; count++) free = `${name} (${count})`;
    numbers.set(free, value);
  }
  return Object.fromEntries(numbers);
}

function ofOutput(output: Output): KeyNumbers {
  if (output.output_type !== "execute_result" && output.output_type !== "display_data") return {};
  const numbers = output.data[numbersMime];
  if (typeof numbers === "object" && numbers !== null) return finite(Object.entries(numbers));
  if (output.output_type !== "execute_result") return {};
  const text = joinLines(output.data["text/plain"] as Multiline | undefined).trim();
  return /^-?[\d.]+(e[-+]?\d+)?$/i.test(text) ? { result: Number(text) } : { ...ofObject(text), ...ofTable(text) };
}

function finite(entries: readonly (readonly [string, unknown])[]): KeyNumbers {
  return Object.fromEntries(entries.filter(([, value]) => Number.isFinite(value))) as KeyNumbers;
}

/** `{ auc: 0.77, 'log loss': 0.51 }`, as the kernel prints a plain object; nested values are left out. */
function ofObject(text: string): KeyNumbers {
  if (!/^\{[^{}[\]]*\}$/.test(text)) return {};
  const pairs = text.matchAll(/(?:'([^']+)'|([\p{L}_$][\p{L}\p{N}_$]*)): (-?[\d.]+(?:e[-+]?\d+)?)(?=[,\s}])/gu);
  return finite([...pairs].map(([, quoted, plain, number]) => [(quoted ?? plain) as string, Number(number)]));
}

/** A text table of this library: a line of names, a line of rules (`────`), rows. */
function ofTable(text: string): KeyNumbers {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => /^─+( +─+)*$/.test(line.trimEnd()));
  if (at < 1) return {};
  const spans = [...lines[at]!.matchAll(/─+/g)].map(({ index, 0: rule }) => [index, index + rule.length]);
  const cells = (line: string): string[] => spans.map(([from, to]) => [...line].slice(from, to).join("").trim());
  const names = cells(lines[at - 1]!);
  const end = lines.findIndex((line, index) => index > at && line.trim() === "");
  const rows = lines.slice(at + 1, end < 0 ? undefined : end).map(cells);
  const row = rows.find(([first]) => first === "mean") ?? (rows.length === 1 ? rows[0] : undefined);
  return finite((row ?? []).map((cell, index) => [names[index]!, cell === "" ? Number.NaN : number(cell)]));
}

function number(cell: string): number {
  const percent = /^(-?[\d.,]+) ?%$/.exec(cell)?.[1];
  return percent === undefined ? Number(cell.replaceAll(",", "")) : Number(percent.replaceAll(",", "")) / 100;
}
