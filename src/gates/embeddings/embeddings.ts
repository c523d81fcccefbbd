import type { EncodedData } from "../../data/encoded/index.js";
import type { ReadingEngine } from "../../engine/index.js";
import { inTurns } from "../../util/turns.js";
import { rowBatches } from "../rows/sample.js";
import type { EmbeddingProjection, EmbeddingsReport } from "../types.js";
import { principalComponents } from "./projection.js";
import { silhouettes } from "./silhouette.js";

/** Number of projected rows: more do not make a picture clearer, and silhouettes take quadratic time. */
const mostRows = 1000;

/** Of at most a thousand evenly spread rows of `sample`; `null` if EPNet is off. */
export async function embeddingsReport(
  engine: ReadingEngine,
  data: EncodedData,
  sample: Int32Array,
  signal: AbortSignal | undefined,
): Promise<EmbeddingsReport | null> {
  const count = Math.min(mostRows, sample.length);
  const rows = Int32Array.from({ length: count }, (_, at) => sample[Math.floor((at * sample.length) / count)]!);
  const parts: { dim: number; before: Float32Array; after: Float32Array }[] = [];
  for (const places of rowBatches(count)) {
    signal?.throwIfAborted();
    const part = await engine.embeddings({ data, rows: places.map((place) => rows[place]!) });
    if (part === null) return null;
    parts.push(part);
  }
  if (parts.length === 0) return null;
  const domainCount = engine.spec.domains?.count ?? 0;
  const byRow = data.domains;
  const domains = byRow === null || domainCount === 0 ? null : rows.map((row) => byRow[row]!);
  const project = (which: "before" | "after"): Promise<EmbeddingProjection | null> =>
    projected(joined(parts.map((part) => part[which])), parts[0]?.dim ?? 0, domains, domainCount, signal);
  return {
    rows: count,
    domains: domains === null ? null : Array.from(domains),
    before: await project("before"),
    after: await project("after"),
  };
}

/** `null` if a value is not finite. */
async function projected(
  values: Float32Array,
  dim: number,
  domains: Int32Array | null,
  domainCount: number,
  signal: AbortSignal | undefined,
): Promise<EmbeddingProjection | null> {
  if (!values.every(Number.isFinite)) return null;
  const components = await inTurns(principalComponents(values, dim), signal);
  if (domains === null) return { ...components, silhouette: null, silhouettes: [] };
  // Of what the picture shows: in all dimensions, domains can be apart that lie on top of each other in the picture.
  const plane = Float32Array.from(components.points.flat());
  const { overall, domains: byDomain } = await inTurns(silhouettes(plane, 2, domains, domainCount), signal);
  return { ...components, silhouette: overall, silhouettes: byDomain };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
