/**
 * The step that adds a custom layer.
 */
import { SpecError } from "../../errors/index.js";
import type { CustomLayer, ModelSpec } from "../../spec/index.js";
import { checkName, show } from "../../spec/validate/index.js";
import { step } from "./step.js";

/** Appends a layer. Throws {@link SpecError} for a value that is not a layer, or a duplicate name. */
export function withLayer(spec: ModelSpec, layer: CustomLayer): ModelSpec {
  if (layer?.kind !== "layer" || typeof layer.apply !== "function") {
    throw new SpecError({
      path: "layers",
      message: "not a layer",
      received: typeof layer === "function" ? "a function" : show(layer),
      expected: 'the result of layer(name, { parameters, apply }) of "pepnet/nn"',
    });
  }
  const path = `layers.${layer.name}`;
  return step(spec, { layers: [...spec.layers, layer] }, () => [
    ...checkName(path, layer.name),
    ...(spec.layers.some(({ name }) => name === layer.name)
      ? [
          {
            path,
            message: `duplicate layer "${layer.name}"`,
            expected: "each name only once",
            fix: "choose another name",
          },
        ]
      : []),
  ]);
}
