/** The value at the end of a cell as a bundle of MIME types: what the value says of itself, else a short text. */
import { inspect } from "node:util";
import type { MimeBundle } from "../../../port/index.js";
import { frameBundle, isFrame } from "./frame.js";

const displaySymbol = Symbol.for("Jupyter.display");

/** A value that shows itself: Jupyter's convention for JavaScript, as Deno's kernel has it. */
interface ShowsItself {
  [displaySymbol](): MimeBundle | Promise<MimeBundle>;
}

const limits = {
  depth: 3,
  maxArrayLength: 24,
  maxStringLength: 4_000,
  breakLength: 100,
  compact: 3,
  sorted: false,
} as const;

/** A bundle, and what went wrong where the value's own method failed. */
export interface Shown {
  readonly bundle: MimeBundle;
  readonly problem?: unknown;
}

/** How a value is shown. Never throws. */
export async function show(value: unknown): Promise<Shown> {
  try {
    if (showsItself(value)) return { bundle: withText(await value[displaySymbol]()) };
    if (isFrame(value)) return { bundle: frameBundle(value) };
    if (isTensor(value)) return { bundle: { "text/plain": tensorText(value) } };
  } catch (problem) {
    return { bundle: { "text/plain": safeInspect(value) }, problem };
  }
  return { bundle: { "text/plain": safeInspect(value) } };
}

function showsItself(value: unknown): value is ShowsItself {
  const canHave = (typeof value === "object" && value !== null) || typeof value === "function";
  return canHave && typeof (value as Partial<ShowsItself>)[displaySymbol] === "function";
}

/** Every bundle needs a text, for clients that draw nothing else; bytes travel as base64. */
function withText(bundle: MimeBundle): MimeBundle {
  if (typeof bundle !== "object" || bundle === null) {
    throw new TypeError(`Symbol.for("Jupyter.display") must give an object of MIME types, not ${inspect(bundle)}`);
  }
  const types = Object.keys(bundle);
  const text = types.includes("text/plain") ? {} : { "text/plain": `[${types.join(", ")}]` };
  return { ...text, ...sendable(bundle) };
}

/** A bundle as it can be sent. Throws a TypeError where a part is neither text nor bytes nor JSON. */
export function sendable(bundle: MimeBundle): MimeBundle {
  return Object.fromEntries(Object.entries(bundle).map(([type, data]) => [type, asJson(type, data)]));
}

/** What is sent: text as it is, bytes as base64, all else as the JSON that it is. */
function asJson(type: string, data: unknown): unknown {
  if (typeof data === "string") return data;
  if (data instanceof Uint8Array) return Buffer.from(data).toString("base64");
  try {
    const json = JSON.stringify(data);
    if (json !== undefined) return JSON.parse(json);
  } catch (error) {
    throw new TypeError(`the value shown as ${type} is no JSON: ${(error as Error).message}`);
  }
  throw new TypeError(`the value shown as ${type} must be text, bytes or JSON, not ${inspect(data)}`);
}

interface Tensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly isDisposed: boolean;
  toString(verbose?: boolean): string;
}

/** A TF.js tensor, by shape: the kernel does not load TF.js. */
function isTensor(value: unknown): value is Tensor {
  const tensor = value as Tensor & { dataId?: unknown; dataSync?: unknown };
  return (
    typeof value === "object" &&
    value !== null &&
    "dataId" in value &&
    Array.isArray(tensor.shape) &&
    typeof tensor.dataSync === "function"
  );
}

function tensorText(tensor: Tensor): string {
  const head = `Tensor ${tensor.dtype} [${tensor.shape.join(", ")}]`;
  if (tensor.isDisposed) return `${head}, disposed`;
  return `${head}\n${tensor.toString().replace(/^Tensor\n/, "")}`;
}

function safeInspect(value: unknown): string {
  try {
    return inspect(value, limits);
  } catch (error) {
    return `[a value that cannot be shown: ${(error as Error)?.message ?? String(error)}]`;
  }
}
