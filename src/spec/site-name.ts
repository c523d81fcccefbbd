/** What a gate is called, wherever one is named to people. */

/** `EPNet`, `PPNet ctr, layer 1`: layers count from 1, as the paper does. */
export function siteName({
  module,
  tower,
  layer,
}: {
  readonly module: "epnet" | "ppnet";
  readonly tower: string | null;
  readonly layer: number;
}): string {
  return module === "epnet" ? "EPNet" : `PPNet ${tower ?? ""}, layer ${layer + 1}`;
}
