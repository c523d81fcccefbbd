/** Finds the user's call of an operation: the first stack frame outside this library and TF.js. */
import path from "node:path";
import { notebookDisplay } from "./notebook.js";

export interface Place {
  /** The call as written: `tf.cumsum`, or `dataSync` of a tensor. `null`: unknown. */
  readonly operation: string | null;
  /** A location such as `cell 3, line 4, column 10`, or `layers/cross.js:4:10`. */
  readonly text: string;
  readonly frames: string;
}

const ownFolder = path.resolve(__dirname, "../..");
const frameOf = /^\s+at (?:(.*?) \()?(?:file:\/\/)?(\[cell \d+\]|[^()]*?):(\d+):(\d+)\)?$/;

export function userPlace(stack: string): Place | null {
  const lines = stack.split("\n");
  let above: string | undefined;
  for (const [index, line] of lines.entries()) {
    const match = frameOf.exec(line);
    if (match === null) continue;
    const [, name, file = "", row, column] = match;
    if (isLibrary(file)) {
      above = name;
      continue;
    }
    const text =
      notebookDisplay()?.locate?.(file, Number(row), Number(column)) ??
      `${path.isAbsolute(file) ? path.relative("", file) : file}:${row}:${column}`;
    return { operation: operationName(above), text, frames: lines.slice(index).join("\n") };
  }
  return null;
}

function isLibrary(file: string): boolean {
  if (file.startsWith("node:") || file === "native") return true;
  if (/[\\/]node_modules[\\/](@tensorflow|tfjs-node-native)[\\/]/.test(file)) return true;
  return file.startsWith(ownFolder + path.sep);
}

/** `Object.cumsum__op [as cumsum]` is `tf.cumsum`, `Tensor.dataSync` is `dataSync`. */
function operationName(frame: string | undefined): string | null {
  if (frame === undefined) return null;
  if (frame.startsWith("Math.")) return "Math.random";
  const called = /\[as (\w+)\]$/.exec(frame)?.[1] ?? frame.split(/[.\s]/).at(-1) ?? "";
  const name = called.replace(/_+op$/, "").replace(/_$/, "");
  if (!/^[A-Za-z]\w*$/.test(name)) return null;
  return /^(?:Tensor|Variable|e|t)\d*\./.test(frame) ? name : `tf.${name}`;
}
