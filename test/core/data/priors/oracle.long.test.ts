/** 185 more random logs against the definition in Python. */
import { expect, test } from "vitest";
import { python } from "../../../kernel/python.js";
import { compareWithPython } from "./python-oracle.js";

test.skipIf(python === null)(
  "no cell of 185 random logs differs from a program in Python, read twice",
  { timeout: 900_000 },
  async () => {
    const cells = await compareWithPython(Array.from({ length: 185 }, (_, index) => 1015 + index));
    expect(cells).toBeGreaterThan(425_000);
  },
);
