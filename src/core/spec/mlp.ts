/** A stack of fully connected layers. */
export interface MlpSpec {
  readonly hidden: readonly number[];
  /** Empty: no dropout; one ratio: for all layers; else one ratio per layer. */
  readonly dropout: readonly number[];
  /** PyTorch's name, such as `nn.ReLU`. */
  readonly activation: string;
  /** Batch normalisation between each linear layer and its activation. */
  readonly batchNorm: boolean;
  /** Layer normalisation between each linear layer and its activation. */
  readonly layerNorm: boolean;
  /** Whether linear layers have a bias. Batch norm removes it. */
  readonly bias: boolean;
}
