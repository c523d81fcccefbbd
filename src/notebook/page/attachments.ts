/** Resolves pictures that are stored in a markdown cell and shown as `![](attachment:name.png)`. */
import { isInlinePicture, type Pictures } from "../../render/index.js";
import type { NotebookCell } from "../format.js";

const scheme = "attachment:";

/** The data URL of an attachment by its address; `null` if the cell has no such picture. */
export function attachedPictures({ attachments = {} }: Pick<NotebookCell, "attachments">): Pictures {
  return (address) => {
    if (!address.startsWith(scheme)) return null;
    const name = decoded(address.slice(scheme.length));
    const bundle = Object.hasOwn(attachments, name) ? attachments[name] : undefined;
    const urls = Object.entries(bundle ?? {}).map(([type, data]) => `data:${type};base64,${base64(data)}`);
    return urls.find(isInlinePicture) ?? null;
  };
}

function base64(data: unknown): string {
  const text = Array.isArray(data) ? data.join("") : String(data);
  return text.replace(/[^A-Za-z0-9+/=]/g, "");
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
