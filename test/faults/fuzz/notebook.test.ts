/** Parameters of notebooks and messages to the kernel, of any content: taken, refused by name, or dropped. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decode, encode, header } from "../../../src/kernel/wire.js";
import { injectedCell } from "../../../src/notebook/parameters/inject.js";
import { parseValues } from "../../../src/notebook/parameters/text.js";
import { Conversation } from "../../kernel/conversation.js";
import { cell, notebook } from "../../notebook/notebook-files.js";
import { cases, endsWell, prototypeNames } from "./fuzzing.js";

const parameters = cell(
  "const gamma = 1;\nlet name: string = 'x';\nvar list = [1, 2];\nlet flag = true, any = f();",
  "parameters",
);

describe("a notebook's parameters", () => {
  it("of any names and values", async () => {
    const name = fc.oneof(fc.string(), fc.constantFrom("gamma", "name", "list", "flag", "any", ...prototypeNames));
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, fc.jsonValue()), async (values) => {
        const injected = await endsWell(() =>
          injectedCell(notebook(parameters), values as Parameters<typeof injectedCell>[1], "n.ipynb"),
        );
        // What is injected is those values and nothing that runs.
        if (injected !== null) expect(readBack(String([injected.source].flat().join("")), values)).toEqual(values);
      }),
      cases(1500, 1),
    );
  });

  it("as words of a command line", async () => {
    const kind = fc.constantFrom(
      { is: "number" },
      { is: "text" },
      { is: "boolean" },
      { is: "any" },
      { is: "object" },
    ) as fc.Arbitrary<Parameters<typeof parseValues>[1]>;
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), kind, async (word, each) => {
        const values = await endsWell(() => parseValues(word, each, "/"));
        expect(values?.length).toBeGreaterThan(0);
      }),
      cases(2000, 2),
    );
  });

  it("in a parameters cell of any text", async () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .array(fc.constantFrom("let", "const", "a", "=", ":", "1", "'", "`", "${", "}", "[", ";", "\n", "//"))
        .map((parts) => parts.join(" ")),
    );
    await fc.assert(
      fc.asyncProperty(
        text,
        async (source) =>
          void (await endsWell(() => injectedCell(notebook(cell(source, "parameters")), { a: 1 }, "n.ipynb"))),
      ),
      cases(500, 3),
    );
  });
});

/** The injected declarations evaluated as what they look like. */
function readBack(source: string, values: object): Record<string, unknown> {
  const plain = source.replace(/^(let|var|const) (\w+)(: [^=]*)? =/gm, "$1 $2 =");
  const names = Object.keys(values);
  return new Function(`${plain}\n return { ${names.join(", ")} };`)() as Record<string, unknown>;
}

describe("messages to the kernel", () => {
  it("of any frames are messages or refused", async () => {
    const frame = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.json().map((text) => Buffer.from(text)),
      fc.constant(Buffer.from("<IDS|MSG>")),
    );
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 9 }), (frames) => {
        try {
          const message = decode(
            "",
            frames.map((each) => Buffer.from(each)),
          );
          expect(typeof message.header.msg_type).toBe("string");
          expect(typeof message.content).toBe("object");
          expect(message.content).not.toBeNull();
        } catch (error) {
          expect((error as Error).message).toMatch(/Jupyter message|JSON|Unexpected|token|property/);
        }
      }),
      cases(2000, 4),
    );
    const message = { identities: [], header: header("x", "s"), parent: {}, metadata: {}, content: {} };
    expect(() => decode("other", encode("key", message))).toThrow(/wrong signature/);
  });

  describe("sent for real", () => {
    let kernel: Conversation;
    beforeAll(async () => {
      kernel = await Conversation.start();
    });
    afterAll(() => kernel.end());

    it("leave it alive, each answered, and the next cell runs", async () => {
      const type = fc.constantFrom(
        "execute_request",
        "complete_request",
        "inspect_request",
        "is_complete_request",
        "history_request",
        "comm_info_request",
        "comm_open",
        "kernel_info_request",
      );
      const value = fc.oneof(
        fc.constantFrom(null, 0, -1, 1e9, "", "x", "1 +", "throw 1", [], {}, true, "\ud800", "😀".repeat(3)),
        fc.jsonValue({ maxDepth: 1 }),
      );
      const content = fc.record(
        {
          code: value,
          cursor_pos: value,
          silent: value,
          store_history: value,
          comm_id: value,
          hist_access_type: value,
          n: value,
          session: value,
          start: value,
          stop: value,
          output: value,
          raw: value,
          detail_level: value,
        },
        { requiredKeys: [] },
      );
      await fc.assert(
        fc.asyncProperty(type, content, async (each, fields) => {
          if (each === "comm_open") kernel.kernel.request(each, fields).reply.catch(() => undefined);
          else
            expect((await kernel.send(each, fields)).reply.status).toMatch(
              /ok|error|complete|incomplete|invalid|unknown/,
            );
        }),
        { ...cases(150, 5), endOnFailure: true },
      );
      expect((await kernel.run("1 + 1")).text).toBe("2");
    });
  });
});
