export function buffersIn(value: unknown, buffers: Set<ArrayBufferLike> = new Set()): Set<ArrayBufferLike> {
  if (ArrayBuffer.isView(value)) buffers.add(value.buffer);
  else if (value instanceof Map || Array.isArray(value)) for (const item of value.values()) buffersIn(item, buffers);
  else if (typeof value === "object" && value !== null)
    for (const item of Object.values(value)) buffersIn(item, buffers);
  return buffers;
}

/** The buffers that can be transferred to another thread instead of copied. */
export function movableIn(value: unknown): ArrayBuffer[] {
  return [...buffersIn(value)].filter((buffer): buffer is ArrayBuffer => buffer instanceof ArrayBuffer);
}

export function bytesIn(value: unknown): number {
  return [...buffersIn(value)].reduce((sum, { byteLength }) => sum + byteLength, 0);
}
