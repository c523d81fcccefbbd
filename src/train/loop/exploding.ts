/**
 * Detects exploding gradients: a norm far above earlier ones. The engine measures the norm at every tenth step.
 */

/** The largest explosion. */
export interface ExplodedGradients {
  /** The first step with a norm far above the earlier ones. */
  readonly step: number;
  /** The measured norm. */
  readonly norm: number;
  /** Median of the norms before. */
  readonly median: number;
  /** Number of such measured steps. */
  readonly times: number;
}

/** Watches the measured norms. */
export interface GradientWatch {
  take(step: number, norm: number): void;
  readonly exploded: ExplodedGradients | null;
}

/** A norm counts as exploded at this multiple of the median before. */
const farAbove = 100;
/** The norms of the first steps fall fast: this number of norms is needed for a comparison. */
const fewest = 5;
const remembered = 50;

/** Creates a watch for one training. */
export function gradientWatch(): GradientWatch {
  const norms: number[] = [];
  let exploded: ExplodedGradients | null = null;
  return {
    take(step, norm) {
      const median = medianOf(norms);
      if (norms.length >= fewest && !(norm <= farAbove * median)) {
        exploded = exploded === null ? { step, norm, median, times: 1 } : { ...exploded, times: exploded.times + 1 };
        return; // excluded from comparisons
      }
      norms.push(norm);
      if (norms.length > remembered) norms.shift();
    },
    get exploded() {
      return exploded;
    },
  };
}

/** A sentence with the problem and a fix. */
export function explodedText({ step, norm, median, times }: ExplodedGradients): string {
  const [now, before] = [norm, median].map((value) => Number(value.toPrecision(3)));
  const often = times === 1 ? "" : `, and at ${times - 1} more of the measured steps`;
  return (
    `gradients exploded: their norm was ${now} at step ${step}, and its median before was ${before}${often}; ` +
    "to avoid it, clip gradients with train({ gradClipping: { max: 1 } }), lower the learning rate or use a warm-up"
  );
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
