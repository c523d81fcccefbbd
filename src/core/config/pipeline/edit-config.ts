/** Edits a config by path, like TorchEasyRec's `--edit_config_json`. */
import { ConfigError, type Problem } from "../../errors/index.js";
import type { Json, JsonObject } from "../../util/json.js";
import { didYouMean } from "../../util/names.js";
import { join, type PathStep, parsePath } from "../config-path.js";
import { type FieldType, fieldMessage, isOpen, type MessageType, messageType, oneofSiblings } from "../schema.js";
import { checkedMessage, type PipelineConfig } from "./open-config.js";

/**
 * Sets fields by path; `null` removes one. Lists take `[0]`, `[-1]`, `[1:3]`, `[tower_name=cvr]`.
 * @throws ConfigError with every problem
 */
export function editConfig(config: PipelineConfig, edits: Readonly<Record<string, Json>>): PipelineConfig {
  const problems: Problem[] = [];
  let message = config.message;
  for (const [path, value] of Object.entries(edits)) {
    const steps = parsePath(path);
    if (steps === null) {
      const expected = "a path such as model_config.pepnet.task_towers[0].weight";
      problems.push({ path: path || "an edit", message: "not a valid path", received: JSON.stringify(path), expected });
    } else message = new Edit(path, value, problems).inMessage(message, messageType("EasyRecConfig"), steps, "");
  }
  // Valid edits are checked together with invalid ones, so that all problems are reported at once.
  try {
    message = checkedMessage(message);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { ...config, message };
}

/** Sets a value at the steps of a path; a step that leads nowhere changes nothing and adds a problem. */
class Edit {
  constructor(
    private readonly path: string,
    private readonly value: Json,
    private readonly problems: Problem[],
  ) {}

  inMessage(message: JsonObject, type: MessageType, steps: readonly PathStep[], at: string): JsonObject {
    const [step, ...rest] = steps as [PathStep, ...PathStep[]];
    if (step.kind !== "field") return this.#fail(message, at, `${at || "the config"} is not a list`, "a field name");
    const { name } = step;
    const place = join(at, name);
    const field = Object.hasOwn(type.fields, name) ? type.fields[name]! : null;
    if (field === null && !isOpen(type)) {
      const names = type.fieldsArray.map((field) => field.name);
      const expected = `one of ${names.join(", ")}`;
      return this.#fail(message, place, `${type.name} has no field "${name}"`, expected, didYouMean(name, names));
    }
    const value = this.#inValue(message[name], field, rest, place);
    const siblings = field === null || value === undefined ? [] : oneofSiblings(field);
    const others = Object.entries(message).filter(([key]) => key !== name && !siblings.includes(key));
    return Object.fromEntries(value === undefined ? others : [...others, [name, value]]) as JsonObject;
  }

  /** Applies the rest of the path to the value; `undefined` removes it. */
  #inValue(value: Json | undefined, field: FieldType | null, steps: readonly PathStep[], at: string): Json | undefined {
    const [step] = steps;
    if (step === undefined) return this.value ?? undefined;
    if (step.kind !== "field") return this.#inList(value, field, steps, at);
    if (field?.map) return { ...(value as JsonObject | undefined), [step.name]: this.value };
    const type = field === null ? null : fieldMessage(field);
    if (type === null || field?.repeated) {
      const expected = field?.repeated ? `an item of the list, such as ${at}[0]` : `the path ${at}`;
      return this.#fail(value, `${at}.${step.name}`, `${at} has no fields`, expected);
    }
    return this.inMessage((value ?? {}) as JsonObject, type, steps, at);
  }

  #inList(value: Json | undefined, field: FieldType | null, steps: readonly PathStep[], at: string): Json | undefined {
    const [step, ...rest] = steps as [PathStep, ...PathStep[]];
    const items = Array.isArray(value) ? (value as readonly Json[]) : [];
    if (field !== null && !field.repeated) {
      return this.#fail(value, at, `${at} is not a list`, "a path without [ ] here");
    }
    const chosen = choose(items, step);
    if (chosen.length === 0) {
      const expected = items.length === 0 ? `${at}[0], since the list is empty` : `an index from 0 to ${items.length}`;
      const choices = step.kind === "where" ? named(items, step.field) : expected;
      return this.#fail(value, at, `${at} has no item at that index`, choices);
    }
    const type = field === null ? null : fieldMessage(field);
    const changed = (item: Json | undefined, place: string): Json | undefined => {
      if (rest.length === 0) return this.value ?? undefined;
      if (type === null) return this.#fail(item, place, `${place} has no fields`, `the path ${place}`);
      return this.inMessage((item ?? {}) as JsonObject, type, rest, place);
    };
    const length = Math.max(items.length, ...chosen.map((index) => index + 1));
    const next = Array.from({ length }, (_, index) =>
      chosen.includes(index) ? changed(items[index], `${at}[${index}]`) : items[index],
    );
    return next.filter((item): item is Json => item !== undefined);
  }

  #fail<T>(value: T, path: string, message: string, expected: string, fix?: string): T {
    this.problems.push({ path, message, received: this.path, expected, fix });
    return value;
  }
}

function choose(items: readonly Json[], step: PathStep): number[] {
  const all = items.map((_, index) => index);
  if (step.kind === "field") return [];
  if (step.kind === "range") return all.slice(step.start, step.end ?? undefined);
  if (step.kind === "where") return all.filter((index) => String(lookUp(items[index], step.field)) === step.value);
  const index = step.index < 0 ? items.length + step.index : step.index;
  return index >= 0 && index <= items.length ? [index] : [];
}

/** A field of an item, also inside its oneof: `feature_configs[feature_name=price]` searches `raw_feature` too. */
function lookUp(item: Json | undefined, name: string): Json | undefined {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return undefined;
  const message = item as JsonObject;
  if (name in message) return message[name];
  const [only, ...others] = Object.values(message);
  return others.length === 0 && only !== undefined ? lookUp(only, name) : undefined;
}

function named(items: readonly Json[], field: string): string {
  const values = items.map((item) => lookUp(item, field)).filter((value) => value !== undefined);
  return values.length === 0 ? `a field of the items, not ${field}` : `${field} one of ${values.join(", ")}`;
}
