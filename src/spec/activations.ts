/** Activation functions by PyTorch's names, as TorchEasyRec configs write them; those without parameters of their own. */

/** Names that `ppnet.activation` and a tower's `activation` accept. */
export const activationNames: readonly string[] = Object.freeze([
  "nn.ReLU",
  "nn.LeakyReLU",
  "nn.Sigmoid",
  "nn.Tanh",
  "nn.GELU",
  "nn.SiLU",
  "nn.ELU",
  "nn.SELU",
  "nn.Softplus",
  "nn.ReLU6",
  "nn.Identity",
]);
