/** The browser of tests: Chromium as the distribution has it. */

/** Its program; tests are skipped where it is missing. */
export const chromiumPath: string = process.env["PEPNET_CHROMIUM"] ?? "/usr/bin/chromium";

/** Without a sandbox (containers), a screen or the network. */
export const chromiumFlags: string[] =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync".split(
    " ",
  );

/** A page that waits for as long as a busy machine may take. */
export function patient<Opened extends { setDefaultTimeout(millis: number): void }>(page: Opened): Opened {
  page.setDefaultTimeout(300_000);
  return page;
}
