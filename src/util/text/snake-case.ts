/**
 * Converts names to snake case (`logLoss` to `log_loss`) for configs, records and log lines.
 */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
