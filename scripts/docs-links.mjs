// `npm run docs:links`: checks that every web page linked from the Markdown pages exists. Needs a network.
import { setUp } from "./setup.mjs";

await setUp();
const { checkLinks, pages } = await import("./markdown.mjs");
const { broken, external } = await checkLinks(pages());
for (const line of broken) console.error(`✗ ${line}`);

const urls = new Map(external.map(({ url, page }) => [url.replace(/#.*$/, ""), page]));
let failed = broken.length;
for (const [url, page] of urls) {
  const answer = await ask(url);
  if (answer !== 200) failed += 1;
  console.log(`${answer === 200 ? "✓" : "✗"} ${url}${answer === 200 ? "" : ` (${answer}; in ${page})`}`);
}
process.exitCode = failed === 0 ? 0 : 1;

/** The HTTP status of a page, or the error. */
async function ask(url) {
  try {
    const response = await fetch(url, { redirect: "follow", signal: AbortSignal.timeout(20_000) });
    await response.body?.cancel();
    return response.status;
  } catch (error) {
    return error.cause?.message ?? error.message;
  }
}
