/** Activation functions by PyTorch's names, as TorchEasyRec configs write them: `nn.LeakyReLU(negative_slope=0.2)`. */

/** Names that `ppnet.activation` and a tower's `activation` accept; what `src/nn` computes (a test compares the two). */
export const activationNames: readonly string[] = Object.freeze([
  "nn.Identity",
  "nn.ReLU",
  "nn.ReLU6",
  "nn.LeakyReLU",
  "nn.ELU",
  "nn.SELU",
  "nn.CELU",
  "nn.GELU",
  "nn.SiLU",
  "nn.Mish",
  "nn.Sigmoid",
  "nn.LogSigmoid",
  "nn.Hardsigmoid",
  "nn.Hardswish",
  "nn.Hardtanh",
  "nn.Tanh",
  "nn.Tanhshrink",
  "nn.Softplus",
  "nn.Softsign",
]);

/** The name in an activation's text: `nn.ELU` of `nn.ELU(alpha=0.5)`; an empty text is the identity. */
export function activationName(text: string): string {
  return text.trim() === "" ? "nn.Identity" : (text.split("(")[0] as string).trim();
}
