/**
 * Learned embeddings of numbers, without a table (TorchEasyRec `autodis` and `mlp` of a raw feature).
 */

/** How numbers become an embedding. */
export type NumberProjection =
  | {
      /** A mixture of `channels` trained vectors, whose weights depend on the number (AutoDis). */
      readonly kind: "autodis";
      /** Number of trained vectors. */
      readonly channels: number;
      /** Divides the scores before the softmax: small values choose one vector. */
      readonly temperature: number;
      /** The factor of the skip connection. */
      readonly keepProb: number;
    }
  | {
      /** A matrix without bias: x · W. */
      readonly kind: "mlp";
    };
