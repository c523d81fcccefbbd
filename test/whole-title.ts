/** What a chart says: its title, and its subtitle after a semicolon. */
export function wholeTitle({ title, subtitle }: { readonly title: string; readonly subtitle?: string | null }): string {
  return [title, subtitle ?? ""].filter((text) => text !== "").join("; ");
}
