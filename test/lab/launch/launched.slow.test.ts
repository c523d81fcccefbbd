/** A launch of a domain that is like another one, and one of a domain that is like all: a short form of the long test. */
import { expect, it } from "vitest";
import { claimedStart, launchOf } from "./planted.js";

it("a planted twin is named, with the rows from which its own tower pays", async () => {
  const launch = await launchOf({ rows: 18_000, seed: 101 });
  expect(claimedStart(launch)).toBe("from feed");
  expect(launch.facts.sentences[0]).toMatch(
    /^ctr: start live from feed: its mean AUC after 0, 300, .* above that from shop/,
  );
});

it("where all domains are the same, no start is best", async () => {
  const launch = await launchOf({ rows: 6000, twin: 1, alike: 1, seed: 301 }, { rows: [300, 800] });
  expect(claimedStart(launch)).toBeNull();
  expect(launch.facts.sentences[0]).toContain("which start is best for live cannot be told with these rows");
});
