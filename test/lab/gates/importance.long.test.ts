/** Planted carriers are named, and nothing else, on twenty trained models. */
import { it } from "vitest";
import { expectRates } from "../../rates.js";
import { trainedImportances } from "./null-importance.js";

it("carriers are named and others are not, in at least 19 of 20 seeds each", { timeout: 900_000 }, async () => {
  expectRates(await trainedImportances(20));
});
