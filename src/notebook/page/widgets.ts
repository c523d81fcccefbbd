/** Draws the last state of widgets on a page: a label, the value, and a slider's place, without a script. */

import { isObject } from "../../util/json.js";
import { escapeHtml } from "../../util/text/escape.js";

/** Deepest nesting of rows and columns: a file may refer to itself. */
const mostDepth = 12;

type States = Readonly<Record<string, unknown>>;

/** A widget's last state as HTML; `null` if the notebook does not have it, or the page does not know its class. */
export function widgetHtml(view: unknown, states: States): string | null {
  const id = isObject(view) ? view["model_id"] : undefined;
  const html = typeof id === "string" ? modelHtml(id, states, 0) : null;
  return html === null ? null : `<div class="widget">${html}</div>`;
}

function modelHtml(id: string, states: States, depth: number): string | null {
  const model = Object.hasOwn(states, id) ? states[id] : null;
  const state = isObject(model) && isObject(model["state"]) ? model["state"] : null;
  if (state === null || !isObject(model) || depth > mostDepth) return null;
  const label = typeof state["description"] === "string" ? escapeHtml(state["description"]) : "";
  const text = (value: unknown): string =>
    escapeHtml(typeof value === "string" ? value : String(JSON.stringify(value)));
  const labelled = (value: string): string => `<p><span>${label}</span> ${value}</p>`;
  switch (model["model_name"]) {
    case "FloatSliderModel":
    case "IntSliderModel":
      return labelled(`${meter(state)} <b>${text(state["value"])}</b>`);
    case "DropdownModel": {
      const { _options_labels: options, index } = state;
      return labelled(`<b>${text(Array.isArray(options) ? (options[Number(index)] ?? "") : "")}</b>`);
    }
    case "CheckboxModel":
      return labelled(`<b>${state["value"] === true ? "on" : "off"}</b>`);
    case "TextModel":
      return labelled(`<b>${text(state["value"])}</b>`);
    case "ButtonModel":
      return `<p>[${label}]</p>`;
    case "HBoxModel":
    case "VBoxModel": {
      const children = Array.isArray(state["children"]) ? state["children"] : [];
      const parts = children.map((child) => modelHtml(String(child).replace(/^IPY_MODEL_/, ""), states, depth + 1));
      return parts.every((part) => part !== null) ? parts.join("") : null;
    }
    default:
      return null;
  }
}

function meter({ min, max, value }: Readonly<Record<string, unknown>>): string {
  const numbers = [min, max, value].map(Number);
  return numbers.every(Number.isFinite)
    ? `<meter min="${numbers[0]}" max="${numbers[1]}" value="${numbers[2]}"></meter>`
    : "";
}
