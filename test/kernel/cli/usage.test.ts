/** Wrong use of `pepnet` in a shell, and the width of its help. */
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { pepnetIn } from "./command.js";

test.each<[string, string, RegExp]>([
  [
    "an option with an error in its name before a required one",
    "train --confg x",
    /unknown option '--confg'.*--config/s,
  ],
  ["a required option", "train", /required option '--config <file>' not specified/],
  ["a command's longer name", "evaluate", /unknown command 'evaluate' of pepnet \(did you mean "eval"\?\)/],
  ["its help", "evaluate --help", /unknown command 'evaluate' of pepnet \(did you mean "eval"\?\)/],
  ["a command of a command", "data describ x", /unknown command 'describ' of pepnet data .*"describe"/],
  ["a name that is like none", "xyz", /unknown command 'xyz' of pepnet \(commands: new, train, .*doctor, help\)/],
])("names %s", async (_, line, error) => {
  const { code, out, err } = await pepnetIn(tmpdir(), ...line.split(" "));
  expect(err).toMatch(error);
  expect([code, out]).toEqual([2, ""]);
});

test("a default command takes options at once", async () => {
  const { err } = await pepnetIn(tmpdir(), "export", "--run", "none", "--out", "served");
  expect(err).toMatch(/none/);
  expect(err).not.toMatch(/unknown command/);
});

test.each(["train", "new", "ablate", "runs", "predict", "report"])(
  "%s --help has 80 columns, but for what is copied",
  async (name) => {
    const { out } = await pepnetIn(tmpdir(), name, "--help");
    const prose = out.split("\n").filter((line) => !line.startsWith("  "));
    expect(prose.length).toBeGreaterThan(3);
    expect(prose.filter((line) => line.length > 80)).toEqual([]);
  },
);
