/** What carries predictions is named falsely in few worlds. */
import { describe, it } from "vitest";
import { expectRates } from "../../rates.js";
import { nullImportances } from "./null-importance.js";

describe("what carries predictions", () => {
  it("is named falsely in at most 5% of worlds, all groups together, and hardly missed", async () => {
    expectRates(await nullImportances());
  });
});
