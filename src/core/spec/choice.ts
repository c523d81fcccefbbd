/** An entry of a list of losses or metrics, and the method of the tower's builder that makes it. */

import type { Problem } from "../errors/index.js";
import type { FeatureSpec } from "./feature/feature.js";
import type { OptionsOf } from "./option.js";
import { checkKnown } from "./validate/checks.js";

export interface Place {
  readonly path: string;
  readonly tower: {
    readonly name: string;
    readonly numClass: number;
    readonly losses: readonly { readonly kind: string }[];
  };
  readonly features: readonly FeatureSpec[];
}

export interface Choice<S extends { readonly kind: string }> {
  readonly options: OptionsOf<Omit<S, "kind">>;
  readonly label: string;
  /** Its row in the guide: a call, and the other columns. */
  readonly docs: readonly [call: string, ...cells: string[]];
  /** Problems beyond those of the options. */
  problems?(spec: S, place: Place): readonly Problem[];
}

/** A method of the tower's builder, and what its arguments make. */
export type MethodOf<Methods, Made> = {
  readonly [Name in keyof Methods]: {
    readonly method: Name;
    readonly make: Methods[Name] extends (...values: infer Values) => unknown ? (...values: Values) => Made : never;
  };
}[keyof Methods];

export function featureProblems(path: string, name: string, { features }: Place, otherwise: string): Problem[] {
  const names = features.map((feature) => feature.name);
  return checkKnown(path, name, names, "feature", otherwise);
}
