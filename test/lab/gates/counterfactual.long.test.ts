/** The truth, twenty times: what is planted is found and named, and what is not there is not. */
import { describe, expect, it } from "vitest";
import { truth } from "./planted.js";

const seeds = Array.from({ length: 20 }, (_, seed) => seed + 1);

describe("of 20 seeds", () => {
  it("a planted effect of the domain: at least 17 times the swap's interval lies below 0 and the field is named first", async () => {
    const found = await truth(seeds, true);
    expect(found.filter(({ high }) => high < 0).length).toBeGreaterThanOrEqual(17);
    expect(found.filter(({ named }) => named[0] === "item").length).toBeGreaterThanOrEqual(17);
    expect(found.filter(({ named }) => named.includes("mood")).length).toBeLessThanOrEqual(3);
  });

  it("no effect of the domain: at least 17 times the swap's interval covers 0 and no field is named", async () => {
    const found = await truth(seeds, false);
    expect(found.filter(({ low, high }) => low <= 0 && high >= 0).length).toBeGreaterThanOrEqual(17);
    expect(found.filter(({ named }) => named.length === 0).length).toBeGreaterThanOrEqual(17);
  });
});
