/** What each gate is worth: on labels without signal nothing, on planted ones the gate that carries it. */
import { describe, test } from "vitest";
import { expectRates } from "../../rates.js";
import { nullGates } from "./null-gates.js";

describe("what each gate is worth", () => {
  test("on labels without signal is nothing, and gates after one step differ as before it", async () => {
    expectRates(await nullGates());
  });
});
