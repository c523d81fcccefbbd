/**
 * Where in the user's own code an operation was called: the first stack frame outside this library and TF.js. In a
 * notebook the kernel turns it into the line of the cell as it was written.
 */
import path from "node:path";
import { notebookDisplay } from "./notebook.js";

/** A place in the user's code. */
export interface Place {
  /** What was called there, as it is written: `tf.cumsum`, or `dataSync` of a tensor. `null`: not known. */
  readonly operation: string | null;
  /** Such as `cell 3, line 4, column 10`, or `layers/cross.js:4:10`. */
  readonly text: string;
  /** The frames from there on outwards, as V8 writes them. */
  readonly frames: string;
}

const ownFolder = path.resolve(__dirname, "..");
const frameOf = /^\s+at (?:(.*?) \()?(?:file:\/\/)?(\[cell \d+\]|[^()]*?):(\d+):(\d+)\)?$/;

/** The user's place in a stack; `null` where all of it is the library's. */
export function userPlace(stack: string): Place | null {
  const lines = stack.split("\n");
  let above: string | undefined;
  for (const [index, line] of lines.entries()) {
    const found = frameOf.exec(line);
    if (found === null) continue;
    const [, name, file = "", row, column] = found;
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
