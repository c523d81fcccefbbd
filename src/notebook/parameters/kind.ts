/** The kinds of values that a notebook's parameter accepts, from its declaration. */
import { isObject, type Json } from "../../util/json.js";

/** A kind of value. `any` if the declaration does not restrict it, such as `let folder = process.env.DATA`. */
export type Kind =
  | { readonly is: "number" | "text" | "boolean" | "object" | "any" }
  | { readonly is: "value"; readonly value: Json }
  | { readonly is: "list"; readonly of: Kind }
  | { readonly is: "union"; readonly of: readonly Kind[] };

/** Whether a value is of the kind. */
export function accepts(kind: Kind, value: Json): boolean {
  switch (kind.is) {
    case "any":
      return true;
    case "number":
    case "boolean":
      return typeof value === kind.is;
    case "text":
      return typeof value === "string";
    case "value":
      return value === kind.value;
    case "list":
      return Array.isArray(value) && value.every((item: Json) => accepts(kind.of, item));
    case "union":
      return kind.of.some((one) => accepts(one, value));
    case "object":
      return isObject(value);
  }
}

/** `a number`, `a list of numbers`, `"mean" or "sum"`. */
export function describeKind(kind: Kind): string {
  switch (kind.is) {
    case "any":
      return "anything";
    case "value":
      return JSON.stringify(kind.value);
    case "union":
      return kind.of.map(describeKind).join(" or ");
    case "list":
      return kind.of.is === "any" ? "a list" : `a list, each ${describeKind(kind.of)}`;
    case "boolean":
      return "true or false";
    case "object":
      return "an object";
    case "number":
      return "a number";
    case "text":
      return "text";
  }
}

/** Whether text may be a value of the kind, so that a command line's words need no quotes. */
export function takesText(kind: Kind): boolean {
  if (kind.is === "union") return kind.of.some(takesText);
  return kind.is === "text" || kind.is === "any" || (kind.is === "value" && typeof kind.value === "string");
}
