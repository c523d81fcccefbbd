/** The step that adds a layer of the user's own. */
import { SpecError } from "../../errors/index.js";
import type { CustomLayer, ModelSpec } from "../../spec/index.js";
import { checkName, show } from "../../spec/validate/index.js";
import { step } from "./step.js";

/** Adds a layer behind those that are there. Throws {@link SpecError} for what is no layer, or a name that is taken. */
export function withLayer(spec: ModelSpec, layer: CustomLayer): ModelSpec {
  if (layer?.kind !== "layer" || typeof layer.apply !== "function") {
    throw new SpecError({
      path: "layers",
      message: "not a layer",
      received: typeof layer === "function" ? "a function" : show(layer),
      expected: 'what layer(name, { parameters, apply }) of "pepnet/nn" makes',
    });
  }
  const path = `layers.${layer.name}`;
  return step(spec, { layers: [...spec.layers, layer] }, () => [
    ...checkName(path, layer.name),
    ...(spec.layers.some(({ name }) => name === layer.name)
      ? [{ path, message: `duplicate layer "${layer.name}"`, expected: "each name once", fix: "give it another name" }]
      : []),
  ]);
}
