/** The kernel checks a cell that does not run, for editors; front ends underline what it reports. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { Conversation } from "./conversation.js";

let talk: Conversation;
beforeAll(async () => {
  talk = await Conversation.start();
});
afterAll(() => talk.end());

/** The underlined texts, and the messages. */
async function underlined(code: string, above: string[] = []): Promise<[string, string][]> {
  const { reply } = await talk.send("diagnostics_request", { code, above });
  const found: { start: number; end: number; message: string; severity: string }[] = reply.diagnostics;
  expect(found.every(({ severity }) => severity === "error")).toBe(true);
  return found.map(({ start, end, message }) => [code.slice(start, end), message]);
}

it("reports the compiler's errors with their places", async () => {
  expect(await underlined("const a: number = 1;\na + 1")).toEqual([]);
  expect(await underlined('"é😀";\nconst a: number = "text";')).toEqual([
    ["a", "Type 'string' is not assignable to type 'number'."],
  ]);
  expect(await underlined('idFeature("user").bucket(3)')).toEqual([["bucket", expect.stringMatching(/buckets/)]]);
});

it("knows the cells above, whether they have run or not, and runs none", async () => {
  expect(await underlined("later + 1")).toEqual([["later", expect.stringMatching(/Cannot find name 'later'/)]]);
  expect(await underlined("later + 1", ["const later = 1;", "let broken: = 3"])).toEqual([]);
  expect(await underlined("twice(later)", ["const later = '1';", "const twice = (n: number) => 2 * n;"])).toEqual([
    ["later", expect.stringMatching(/not assignable to parameter of type 'number'/)],
  ]);
  expect((await talk.run("typeof later")).traceback).toMatch(/Cannot find name 'later'/);
  await talk.run("const ran = 5;");
  expect(await underlined("ran.length", ["const ran = 5;"])).toHaveLength(1);
  expect((await talk.run("ran")).text).toBe("5");
});

it("does not underline commands and questions, which the kernel answers when the cell runs", async () => {
  expect(await underlined("!ls")).toEqual([]);
  expect(await underlined("idFeature?")).toEqual([]);
});

it("refuses a request without code", async () => {
  expect((await talk.send("diagnostics_request", { above: [] })).reply).toMatchObject({ status: "error" });
});

it("a cell that declares a name of the library before the library is loaded keeps its own", async () => {
  const other = await Conversation.start();
  const { text } = await other.run(
    "interface FeatureSpec { mine: number }\nconst spec: FeatureSpec = { mine: 4 };\nspec.mine",
  );
  expect(text).toBe("4");
  expect((await other.run("const again: FeatureSpec = { mine: 5 };\npepnet();\nagain.mine + spec.mine")).text).toBe(
    "9",
  );
  await other.end();
});
