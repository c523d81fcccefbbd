/** Drift where rows belong to users: users split at random have none, and a planted shift is still found. */
import { describe, test } from "vitest";
import { expectRates } from "../../rates.js";
import { driftRates } from "./user-worlds.js";

describe("users split at random", () => {
  test("have no drift in 95% of tables, if the user is known", async () => {
    expectRates(await driftRates());
  });
});
