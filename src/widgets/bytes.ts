/** Bytes inside a widget's state travel beside the JSON, and paths tell where they belong. */

/** JSON, or bytes. */
export type StateValue = unknown;

/** A widget's state by name. */
export type WidgetState = Readonly<Record<string, StateValue>>;

type Key = string | number;

/** A state without its bytes, and the bytes with their places. */
export interface SplitState {
  readonly state: Record<string, unknown>;
  readonly buffer_paths: readonly (readonly Key[])[];
  readonly buffers: readonly Uint8Array[];
}

/** Takes the bytes out of a state. */
export function splitBytes(state: WidgetState): SplitState {
  const paths: Key[][] = [];
  const buffers: Uint8Array[] = [];
  const strip = (value: unknown, path: readonly Key[]): unknown => {
    if (ArrayBuffer.isView(value)) {
      paths.push([...path]);
      buffers.push(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      return null;
    }
    if (Array.isArray(value)) return value.map((each, index) => strip(each, [...path, index]));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, strip(each, [...path, name])]));
  };
  return { state: strip(state, []) as Record<string, unknown>, buffer_paths: paths, buffers };
}

/** Puts bytes back. Paths that lead nowhere are ignored: the front end sent them. */
export function joinBytes(state: WidgetState, paths: unknown, buffers: readonly Uint8Array[]): WidgetState {
  const whole = structuredClone(state) as Record<Key, unknown>;
  for (const [index, path] of (Array.isArray(paths) ? paths : []).entries()) {
    const keys: unknown[] = Array.isArray(path) ? path : [];
    let place: unknown = whole;
    for (const key of keys.slice(0, -1)) place = member(place, key);
    const last = keys.at(-1);
    if (isOpen(place, last)) (place as Record<Key, unknown>)[last] = buffers[index];
  }
  return whole;
}

function member(place: unknown, key: unknown): unknown {
  return isOpen(place, key) ? (place as Record<Key, unknown>)[key] : undefined;
}

/** Only own members: a path must not reach a prototype. */
function isOpen(place: unknown, key: unknown): key is Key {
  return (
    typeof place === "object" &&
    place !== null &&
    (typeof key === "string" || typeof key === "number") &&
    (Object.hasOwn(place, key) || Array.isArray(place)) &&
    key !== "__proto__"
  );
}
