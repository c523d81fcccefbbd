/** Any message of the schema, for properties. */
import fc from "fast-check";
import {
  type FieldType,
  fieldEnum,
  fieldMessage,
  isOpen,
  type MessageType,
  mapTypes,
} from "../../../src/core/config/schema.js";
import type { Json, JsonObject } from "../../../src/core/util/json.js";

const text = fc.string({ unit: "binary", maxLength: 6 });
/** Without −0, which JSON.stringify writes as 0. */
const float = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  fc.integer({ min: -1000, max: 1000 }),
);

/** A message with any of its fields, and all that are required; open messages are empty here. */
export function arbitraryMessage(type: MessageType, depth: number): fc.Arbitrary<JsonObject> {
  if (isOpen(type)) return fc.constant({});
  if (type.fieldsArray.length === 0) return fc.constant({});
  const alone = type.fieldsArray.filter((field) => !field.partOf);
  const oneofs = type.oneofsArray.map((oneof) => fc.constantFrom(...oneof.fieldsArray));
  return fc.tuple(fc.subarray(alone.filter((field) => !field.required)), ...oneofs).chain(([some, ...members]) => {
    const required = alone.filter((field) => field.required);
    const optional = [...(some as FieldType[]), ...(members as FieldType[])].slice(0, 6);
    const chosen = depth > 0 ? optional : optional.filter((field) => fieldMessage(field) === null);
    const fields = [...required, ...chosen].filter((field) => field.name !== "operator_params");
    return fc.record(Object.fromEntries(fields.map((field) => [field.name, arbitraryField(field, depth)])));
  }) as fc.Arbitrary<JsonObject>;
}

function arbitraryField(field: FieldType, depth: number): fc.Arbitrary<Json> {
  if (field.map) {
    const value = mapTypes(field)?.value === "float" ? float : fc.nat(1000);
    return fc.dictionary(text, value, { minKeys: 1, maxKeys: 3, noNullPrototype: true }) as fc.Arbitrary<Json>;
  }
  const one = arbitraryOne(field, depth);
  return field.repeated ? fc.array(one, { minLength: 1, maxLength: 3 }) : one;
}

function arbitraryOne(field: FieldType, depth: number): fc.Arbitrary<Json> {
  const type = fieldMessage(field);
  if (type !== null) return arbitraryMessage(type, depth - 1);
  const names = fieldEnum(field);
  if (names !== null) return fc.constantFrom(...Object.keys(names));
  switch (field.type) {
    case "string":
      return text;
    case "bool":
      return fc.boolean();
    case "int32":
      return fc.integer();
    case "uint32":
      return fc.nat({ max: 2 ** 31 - 1 });
    case "uint64":
      return fc.maxSafeNat();
    default:
      return float;
  }
}

const openName = fc.constantFrom("hidden_units", "mlp", "kernel", "a", "toString", "__proto__x");
const openScalar: fc.Arbitrary<Json> = fc.oneof(
  text,
  fc.boolean(),
  fc.integer(),
  fc.float({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0) && Math.abs(value) < 1e15),
  fc.constantFrom({ "@literal": "PYTORCH" }, { "@literal": "-inf" }, { "@literal": "18446744073709551615" }),
);

/** What an open message may hold: words, numbers, strings, lists and messages, nested. */
export const arbitraryOpen: fc.Arbitrary<JsonObject> = fc.letrec<{ message: JsonObject; value: Json }>((tie) => ({
  message: fc.dictionary(openName, tie("value"), { maxKeys: 4, noNullPrototype: true }) as fc.Arbitrary<JsonObject>,
  value: fc.oneof(
    { maxDepth: 3, depthIdentifier: "open" },
    openScalar,
    fc.array(openScalar, { maxLength: 3 }) as fc.Arbitrary<Json>,
    tie("message"),
    fc.array(tie("message"), { minLength: 1, maxLength: 3 }) as fc.Arbitrary<Json>,
  ),
})).message;
