/** Reports where there is nothing to report: hardly any has a serious finding. */
import { test } from "vitest";
import { expectRates } from "../rates.js";
import { nullReports } from "./null-reports.js";

test("at most one report in twenty has a serious finding, or a best evaluation before the last", async () => {
  expectRates(await nullReports());
});
