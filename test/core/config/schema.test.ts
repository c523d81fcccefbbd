import { readFileSync } from "node:fs";
import fc from "fast-check";
import * as textformat from "protobufjs/ext/textformat.js";
import { describe, expect, it } from "vitest";
import { openConfig, type PipelineConfig } from "../../../src/core/config/pipeline/open-config.js";
import { printConfig } from "../../../src/core/config/pipeline/print-config.js";
import { fieldDefault, fieldEnum, fieldMessage, isOpen, messageType } from "../../../src/core/config/schema.js";
import { hasShared, sharedPath } from "../../shared.js";
import { arbitraryMessage, arbitraryOpen } from "./arbitrary-message.js";

describe.skipIf(!hasShared)("the schema (shared/tzrec-proto-fields.md)", () => {
  const sections = hasShared ? readFileSync(sharedPath("tzrec-proto-fields.md"), "utf8").split(/^### /m).slice(1) : [];

  /** Fields of later versions than the list. */
  const later: Readonly<Record<string, readonly string[]>> = { DataConfig: ["min_batch_size"] };

  it("has every message with its fields, numbers, labels, types and defaults", () => {
    let checked = 0;
    for (const section of sections) {
      const name = /^(\w+) {2}\(/.exec(section)?.[1];
      if (name === undefined || section.startsWith("enum ")) continue;
      const listed = [...section.matchAll(/^\| (\d+) \| (\w+) \| (\w+) \| ([^|]+?) \| (.*?) ?\|$/gm)];
      const type = messageType(name);
      const expected = [...listed.map((row) => row[2]!), ...(later[name] ?? [])];
      expect(Object.keys(type.fields).sort(), name).toEqual(expected.sort());
      for (const [, number, field, label, typeName, written] of listed as unknown as string[][]) {
        checked++;
        const own = type.fields[field as string];
        if (own === undefined) throw new Error(`${name}.${field}`);
        const mapped = own.map ? `map<string,${own.type}>` : own.type;
        const ownLabel = own.required ? "REQ" : own.repeated || own.map ? "rep" : own.partOf ? "1of" : "opt";
        expect([own.id, ownLabel, mapped], `${name}.${field}`).toEqual([Number(number), label, typeName]);
        if (written === "" || written === undefined) continue;
        const value = fieldDefault(own);
        if (typeof value === "number") expect(value, `${name}.${field}`).toBe(Number(written));
        else expect(shown(value, fieldEnum(own) === null), `${name}.${field}`).toBe(written);
      }
    }
    expect(checked).toBeGreaterThan(700);
  });

  it("has min_batch_size as alibaba/TorchEasyRec 05d69c37 declares it", () => {
    const { id, type, defaultValue, required, repeated } = messageType("DataConfig").fields["min_batch_size"]!;
    expect({ id, type, defaultValue, required, repeated }).toMatchObject({ id: 29, type: "uint32", defaultValue: 0 });
    expect([required, repeated]).toEqual([false, false]);
  });

  it("has every enum with its numbers", () => {
    const enums = sections.filter((section) => section.startsWith("enum "));
    expect(enums).toHaveLength(8);
    for (const section of enums) {
      const name = /^enum (\w+)/.exec(section)?.[1] ?? "";
      const values = [...section.matchAll(/(\w+)=(\d+)/g)].map(([, key, value]) => [key, Number(value)]);
      expect(messageType("EasyRecConfig").root.lookupEnum(`tzrec.protos.${name}`).values, name).toEqual(
        Object.fromEntries(values),
      );
    }
  });
});

/** The table writes Python's numbers and escapes. */
function shown(value: string | number | boolean, quoted: boolean): string {
  if (typeof value === "boolean" || !quoted) return String(value);
  return JSON.stringify(value).replace(/\\u00/g, "\\x");
}

describe("any pipeline, whichever its model", () => {
  const opened = (text: string, path?: string): PipelineConfig["message"] => openConfig(text, { path }).message;

  it("prints and opens again without loss, as text and as JSON", () => {
    fc.assert(
      fc.property(arbitraryMessage(messageType("EasyRecConfig"), 5), (message) => {
        const config = { message, notes: {}, warnings: [] };
        expect(opened(printConfig(config))).toEqual(message);
        expect(opened(printConfig(config, { path: "a.json" }), "a.json")).toEqual(message);
      }),
      { numRuns: 200, seed: 21 },
    );
  });

  it("is read by protobufjs's own text reader as the same values", () => {
    const type = messageType("EasyRecConfig");
    fc.assert(
      fc.property(arbitraryMessage(type, 5), (message) => {
        const text = printConfig({ message, notes: {}, warnings: [] });
        const other = type.toObject(textformat.fromText(type, text), { enums: String, longs: Number, json: true });
        expect(other).toEqual(message);
      }),
      { numRuns: 100, seed: 22 },
    );
  });

  it("keeps models whose fields are not listed as they are written", () => {
    const models = messageType("ModelConfig").oneofs["model"]?.fieldsArray ?? [];
    const open = models.filter((field) => isOpen(fieldMessage(field) ?? messageType("PEPNet")));
    expect(open.length).toBeGreaterThan(20);
    fc.assert(
      fc.property(fc.constantFrom(...open.map((field) => field.name)), arbitraryOpen, (name, content) => {
        const message = { model_config: { [name]: content } };
        const text = printConfig({ message, notes: {}, warnings: [] });
        expect(openConfig(text).message).toEqual(message);
      }),
      { numRuns: 200, seed: 23 },
    );
  });
});
