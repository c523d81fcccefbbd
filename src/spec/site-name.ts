type Site = { readonly module: "epnet" | "ppnet"; readonly tower: string | null; readonly layer: number };

/** `EPNet`, or `PPNet ctr, layer 1`: layers count from 1, as in the paper. */
export function siteName({ module, tower, layer }: Site): string {
  return module === "epnet" ? "EPNet" : `PPNet ${tower ?? ""}, layer ${layer + 1}`;
}
