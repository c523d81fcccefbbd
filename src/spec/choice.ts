import type { NameKind, Problem } from "../errors/index.js";
import type { FeatureSpec } from "./feature/feature.js";
import { checkKnown } from "./validate/checks.js";

/** The type of an option in a config and in saved files; a list: one of these texts. */
export type OptionType = "number" | "optional number" | "text" | "flag" | readonly string[];

/** Where a loss or a metric is: its path, its tower, and the features of the model. */
export interface Place {
  readonly path: string;
  readonly tower: {
    readonly name: string;
    readonly numClass: number;
    readonly losses: readonly { readonly kind: string }[];
  };
  readonly features: readonly FeatureSpec[];
}

/** What one file about a loss or a metric says of it. */
export interface Choice<S extends { readonly kind: string }> {
  readonly kind: S["kind"];
  /**
   * TorchEasyRec's message of the options, whose field has the name of the kind; `null`: TorchEasyRec has none, so
   * configs keep it in their `# pepnet:` line.
   */
  readonly message: string | null;
  /** Each option; its field has its name in snake case. */
  readonly options: { readonly [K in Exclude<keyof S, "kind">]: OptionType };
  /** The name in charts and tables. */
  readonly label: string;
  /** The method of the tower's builder. */
  readonly method: string;
  /** What the guide says: a call, and the other columns of its row. */
  readonly docs: readonly [call: string, ...cells: string[]];
  problems(spec: S, place: Place): readonly Problem[];
}

/** Checks that an option names a declared feature. */
export function featureProblems(path: string, name: string, { features }: Place, otherwise: string): Problem[] {
  const kind: NameKind = "feature";
  return checkKnown(
    path,
    name,
    features.map((feature) => feature.name),
    kind,
    otherwise,
  );
}
