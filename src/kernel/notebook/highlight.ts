/** The look of a notebook's page: its CSS and highlighted code. */
import { escapeHtml } from "../../core/util/escape.js";
import { assetText } from "../../core/util/files/package-root.js";

/** The page's CSS: one column, wide outputs scroll, colours follow the reader's light or dark setting. */
export const pageStyle: string = assetText("kernel/notebook/assets/page.css");

const keywords =
  "abstract|as|async|await|break|case|catch|class|const|continue|default|delete|do|else|enum|export|extends|false|" +
  "finally|for|from|function|if|implements|import|in|instanceof|interface|let|new|null|of|readonly|return|satisfies|" +
  "static|super|switch|this|throw|true|try|type|typeof|undefined|var|void|while|yield";

const token = new RegExp(
  [
    // Unterminated tokens extend to the end: searching for an end from each start would take quadratic time.
    String.raw`(?<comment>\/\/[^\n]*|\/\*[^]*?(?:\*\/|$))`,
    String.raw`(?<string>"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?)`,
    "(?<template>`(?:[^`\\\\]|\\\\[^])*`?)",
    String.raw`(?<number>\b(?:0x[\da-fA-F_]+|\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?n?)\b)`,
    `(?<keyword>(?<![\\w$.])(?:${keywords})(?![\\w$]))`,
  ].join("|"),
  "g",
);

/** Longer code was not written by hand and is not highlighted. */
const longest = 200_000;

export function highlight(code: string): string {
  if (code.length > longest) return escapeHtml(code);
  let html = "";
  let end = 0;
  for (const match of code.matchAll(token)) {
    const kind = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined)?.[0];
    html += `${escapeHtml(code.slice(end, match.index))}<span class="${kind}">${escapeHtml(match[0])}</span>`;
    end = match.index + match[0].length;
  }
  return html + escapeHtml(code.slice(end));
}
