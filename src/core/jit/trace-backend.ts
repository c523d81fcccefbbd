/** A TF.js backend that computes nothing and records each kernel call, including those of TF.js's autodiff. */
import { type Place, userPlace } from "../port/place.js";
import * as tf from "../tfjs/index.js";
import { type Attributes, arrays, type DType, type Graph, type Value } from "./graph.js";
import { Refusal } from "./refusal.js";

export const traceBackendName = "pepnet-trace";

interface MutableValue extends Value {
  references: number;
}

let recording: MutableValue[] | null = null;
/** An error that could not be thrown where it occurred. */
let pending: Refusal | null = null;
/** Whether values record the user's line; enabled only after a failed trace, since it costs time. */
let locating = false;
/** While a gradient is traced, the place of its forward operation. */
let forward: Place | null = null;

export function record(
  op: string,
  inputs: readonly Value[],
  attributes: Attributes,
  shape: readonly number[],
  dtype: DType,
): Value {
  if (recording === null) throw refusal(op, "it runs outside a trace, on tensors of a trace");
  const value: MutableValue = {
    id: recording.length,
    op,
    inputs,
    attributes,
    shape: [...shape],
    dtype,
    references: 1,
    place: locating ? here() : null,
  };
  recording.push(value);
  return value;
}

function here(): Place | null {
  return forward ?? userPlace(new Error().stack ?? "");
}

export function toInfo(value: Value): tf.TensorInfo {
  return { dataId: value as object, shape: [...value.shape], dtype: value.dtype };
}

/** The value behind a tensor. @throws EngineError for a tensor of another trace. */
export function valueBehind(tensor: tf.TensorInfo): Value {
  const value = tensor.dataId as unknown as Value;
  if (recording?.[value.id] !== value) throw fromOutside();
  return value;
}

export function alias(tensor: tf.TensorInfo): tf.TensorInfo {
  (valueBehind(tensor) as MutableValue).references++;
  return { dataId: tensor.dataId, shape: tensor.shape, dtype: tensor.dtype };
}

export function refusal(operation: string, reason: string, advice = ""): Refusal {
  return new Refusal(operation, reason, here(), advice);
}

function fromOutside(): Refusal {
  const reason = "it uses a tensor that was created outside the program";
  const fix = "create the tensor inside the function, or make it a parameter of the layer";
  return refusal("a tensor from outside", reason, fix);
}

function valuesRead(operation: string): Refusal {
  const reason = "it reads the values of a tensor, which do not exist during tracing";
  return refusal(operation, reason, "compute with tensors, such as tf.where or a comparison");
}

class TraceBackend extends tf.KernelBackend {
  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId {
    if (dtype === "string" || dtype === "complex64") throw refusal("tensor", `a constant of type ${dtype}`);
    return record("Constant", [], { values: arrays[dtype].from(values as ArrayLike<number>) }, shape, dtype) as object;
  }
  override move(): void {
    throw fromOutside();
  }
  override readSync(): never {
    throw valuesRead("dataSync");
  }
  /** Returns a promise that never settles, since a rejection would be unhandled; the trace fails when it ends. */
  override read(): Promise<never> {
    pending ??= valuesRead("data");
    return new Promise(() => undefined);
  }
  override incRef(dataId: tf.DataId): void {
    (dataId as unknown as MutableValue).references++;
  }
  override refCount(dataId: tf.DataId): number {
    return (dataId as unknown as MutableValue).references;
  }
  override disposeData(dataId: tf.DataId): boolean {
    const value = dataId as unknown as MutableValue;
    value.references--;
    return value.references <= 0;
  }
  override numDataIds(): number {
    return 0;
  }
  override floatPrecision(): 32 {
    return 32;
  }
  override epsilon(): number {
    return 1e-7;
  }
  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }
  override timerAvailable(): boolean {
    return false;
  }
  override dispose(): void {}
}

export function traceInput(name: string, shape: readonly number[], dtype: DType): tf.Tensor {
  const value = record("Input", [], { name }, shape, dtype);
  return tf.engine().makeTensorFromTensorInfo({ dataId: value as object, shape: [...shape], dtype });
}

/** @param locate record the user's line with each value @throws EngineError for an operation without a kernel */
export function traced(program: () => Map<string, tf.Tensor>, locate = false): Graph {
  // `kernels.ts` registers the backend's kernels.
  if (tf.findBackendFactory(traceBackendName) == null)
    tf.registerBackend(traceBackendName, () => new TraceBackend(), 0);
  const before: string | null | undefined = tf.getBackend();
  void tf.setBackend(traceBackendName); // immediately: the backend starts synchronously
  const values: MutableValue[] = [];
  recording = values;
  pending = null;
  tf.engine().startScope("trace"); // tensors that the program does not keep are released at the end
  const undo = [withoutRandom(), ...(locate ? [located()] : [])];
  try {
    const outputs = new Map<string, Value>();
    const results = program();
    if (pending !== null) throw pending;
    for (const [name, tensor] of results) {
      outputs.set(name, valueBehind(tensor));
      tensor.dispose();
    }
    return { values, outputs };
  } catch (error) {
    throw pending ?? explain(error);
  } finally {
    for (const back of undo) back();
    tf.engine().endScope();
    recording = null;
    if (before == null)
      tf.removeBackend(traceBackendName); // the next operation outside starts the backend that TF.js prefers
    else if (before !== traceBackendName) void tf.setBackend(before);
  }
}

/** Numbers drawn in JavaScript would be the same in every step: tf.dropout and tf.randomUniform start with these. */
function withoutRandom(): () => void {
  const mathRandom = Math.random;
  Math.random = () => {
    throw refusal("Math.random", "it draws random numbers in JavaScript, which would be the same in every step");
  };
  return () => {
    Math.random = mathRandom;
  };
}

type Gradients = Readonly<Record<string, () => unknown>>;

/** The used part of TF.js's tape, in 4.22. */
interface EngineWithTape {
  addTapeNode?: (...parts: unknown[]) => void;
  readonly state: { readonly activeTape?: { gradient?: (dys: unknown) => Gradients }[] };
}

function located(): () => void {
  const engine = tf.engine() as unknown as EngineWithTape;
  const { stackTraceLimit } = Error;
  const addTapeNode = engine.addTapeNode;
  Error.stackTraceLimit = 100;
  locating = true;
  if (addTapeNode !== undefined) {
    engine.addTapeNode = function (this: unknown, ...parts: unknown[]): void {
      const place = here();
      addTapeNode.apply(this, parts);
      const node = engine.state.activeTape?.at(-1);
      const gradient = node?.gradient;
      if (node === undefined || gradient === undefined) return;
      const within = <T>(run: () => T): T => {
        forward = place;
        try {
          return run();
        } finally {
          forward = null;
        }
      };
      // It returns a function for each input, called later.
      node.gradient = (dys) =>
        Object.fromEntries(Object.entries(within(() => gradient(dys))).map(([input, of]) => [input, () => within(of)]));
    };
  }
  return () => {
    delete engine.addTapeNode; // uncovers the method of the class
    locating = false;
    Error.stackTraceLimit = stackTraceLimit;
  };
}

/** TF.js reports "Kernel 'X' not registered for backend": name the operation, and the fix. */
function explain(error: unknown): unknown {
  const text = error instanceof Error ? error.message : String(error);
  const kernel = /[Kk]ernel '(\w+)' not registered for backend/.exec(text)?.[1];
  if (kernel === undefined || !(error instanceof Error)) return error;
  return new Refusal(kernel, `TF.js's kernel ${kernel} has no lowering to ONNX`, userPlace(error.stack ?? "") ?? null);
}
