/** Cells get TypeScript's older decorators, and the standard's where they ask for them. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { Conversation } from "./conversation.js";

let talk: Conversation;
beforeAll(async () => {
  talk = await Conversation.start();
});
afterAll(() => talk.end());

it("a decorator receives the prototype and a name, as libraries expect", async () => {
  const { traceback, text } = await talk.run(`const seen: string[] = [];
    const log = (target: object, name: string) => void seen.push(name);
    class Older { @log run() { return 1; } }
    seen`);
  expect([traceback, text]).toEqual(["", "[ 'run' ]"]);
});

it("a cell that asks for it gets the standard's decorators, and the variables of other cells", async () => {
  await talk.run("const factor = 3;");
  const { traceback, text } = await talk.run(`// @experimentalDecorators: false
    function times<This>(method: (this: This) => number, context: ClassMethodDecoratorContext<This>) {
      return function (this: This) { return factor * method.call(this); };
    }
    class Standard { @times run() { return 2; } }
    new Standard().run()`);
  expect([traceback, text]).toEqual(["", "6"]);
  expect((await talk.run("new Standard().run() + factor")).text).toBe("9");
});
