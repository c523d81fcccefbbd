/** `logLoss` as `log_loss`: the spelling of names in configs, records and log lines. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
