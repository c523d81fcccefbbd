/**
 * A TF.js backend that computes nothing: its tensors' data are {@link Value}s, and running a kernel records one more.
 * So the forward pass and TF.js's own autodiff, run once on it, leave the graph of a whole training step.
 */
import * as tf from "@tensorflow/tfjs";
import { EngineError } from "../errors/index.js";
import type { Attributes, DType, Graph, Value } from "./graph.js";

/** The backend's name in TF.js. */
export const traceBackendName = "pepnet-trace";

interface MutableValue extends Value {
  references: number;
}

let recording: MutableValue[] | null = null;

/** Records an operation's result. */
export function record(
  op: string,
  inputs: readonly Value[],
  attributes: Attributes,
  shape: readonly number[],
  dtype: DType,
): Value {
  if (recording === null) throw refusal(op, "it runs outside a trace, on tensors of one");
  const value: MutableValue = { id: recording.length, op, inputs, attributes, shape: [...shape], dtype, references: 1 };
  recording.push(value);
  return value;
}

/** A value as TF.js's kernels return them. */
export function toInfo(value: Value): tf.TensorInfo {
  return { dataId: value as object, shape: [...value.shape], dtype: value.dtype };
}

/**
 * The value behind a tensor.
 * @throws EngineError for a tensor that this trace did not make.
 */
export function valueBehind(tensor: tf.TensorInfo): Value {
  const value = tensor.dataId as unknown as Value;
  if (recording?.[value.id] !== value) {
    throw refusal("a tensor from outside", "it uses a tensor that was made before, outside the program");
  }
  return value;
}

/** The same data under another shape-preserving name: one more reference. */
export function alias(tensor: tf.TensorInfo): tf.TensorInfo {
  (valueBehind(tensor) as MutableValue).references++;
  return { dataId: tensor.dataId, shape: tensor.shape, dtype: tensor.dtype };
}

/** An error that names what cannot be traced, and the way out. */
export function refusal(operation: string, reason: string): EngineError {
  return new EngineError({
    path: `program: ${operation}`,
    message: `this program cannot be compiled: ${reason}`,
    fix: 'run it with engine: "wasm" or "cpu", or write that part with other TF.js operations',
  });
}

class TraceBackend extends tf.KernelBackend {
  /** A tensor made from JavaScript numbers: a constant of the program. */
  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId {
    if (dtype === "string" || dtype === "complex64") throw refusal("tensor", `a constant of type ${dtype}`);
    const numbers = dtype === "float32" ? Float32Array : dtype === "int32" ? Int32Array : Uint8Array;
    return record("Constant", [], { values: numbers.from(values as ArrayLike<number>) }, shape, dtype) as object;
  }
  override move(): void {
    throw refusal("a tensor from outside", "it uses a tensor that was made before, outside the program");
  }
  override readSync(): never {
    throw refusal("dataSync", "it reads a tensor's values while it is traced");
  }
  override async read(): Promise<never> {
    throw refusal("data", "it reads a tensor's values while it is traced");
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

/** Registers the backend, once. Its kernels are registered by `kernels.ts`. */
export function registerTraceBackend(): void {
  if (tf.findBackendFactory(traceBackendName) == null)
    tf.registerBackend(traceBackendName, () => new TraceBackend(), 0);
}

/** A new input of the program that is being traced. */
export function traceInput(name: string, shape: readonly number[], dtype: DType): tf.Tensor {
  const value = record("Input", [], { name }, shape, dtype);
  return tf.engine().makeTensorFromTensorInfo({ dataId: value as object, shape: [...shape], dtype });
}

/**
 * Runs `program` with every kernel recorded, and goes back to the backend that was set before.
 * @throws EngineError for an operation that has no traced kernel.
 */
export function traced(program: () => Map<string, tf.Tensor>): Graph {
  registerTraceBackend();
  const before = tf.getBackend();
  void tf.setBackend(traceBackendName); // at once: the backend starts synchronously
  const values: MutableValue[] = [];
  recording = values;
  try {
    const outputs = new Map<string, Value>();
    for (const [name, tensor] of program()) {
      outputs.set(name, valueBehind(tensor));
      tensor.dispose();
    }
    return { values, outputs };
  } catch (error) {
    throw explain(error);
  } finally {
    recording = null;
    if (before !== undefined && before !== traceBackendName) void tf.setBackend(before);
  }
}

/** TF.js says "Kernel 'X' not registered for backend": name the operation, and the way out. */
function explain(error: unknown): unknown {
  const text = error instanceof Error ? error.message : String(error);
  const kernel = /[Kk]ernel '(\w+)' not registered for backend/.exec(text)?.[1];
  return kernel === undefined ? error : refusal(kernel, `the TF.js operation ${kernel} has no lowering to ONNX`);
}
