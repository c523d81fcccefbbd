/** Gradients that explode: a norm far above what it was. The engine measures it at every tenth step. */

/** The worst that was seen. */
export interface ExplodedGradients {
  /** The first step whose norm was far above those before. */
  readonly step: number;
  /** The norm that was measured. */
  readonly norm: number;
  /** Median of the norms measured before. */
  readonly median: number;
  /** Measured steps that were so. */
  readonly times: number;
}

/** Watches norms as they are measured. */
export interface GradientWatch {
  take(step: number, norm: number): void;
  readonly exploded: ExplodedGradients | null;
}

/** A norm is far above where it is so many times the median of those before. */
const farAbove = 100;
/** The first steps' norms fall fast: so many are needed to compare with. */
const fewest = 5;
const remembered = 50;

/** A watch of one training. */
export function gradientWatch(): GradientWatch {
  const norms: number[] = [];
  let exploded: ExplodedGradients | null = null;
  return {
    take(step, norm) {
      const median = medianOf(norms);
      if (norms.length >= fewest && !(norm <= farAbove * median)) {
        exploded = exploded === null ? { step, norm, median, times: 1 } : { ...exploded, times: exploded.times + 1 };
        return; // not one to compare with
      }
      norms.push(norm);
      if (norms.length > remembered) norms.shift();
    },
    get exploded() {
      return exploded;
    },
  };
}

/** A sentence for people, with what to do. */
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
