/**
 * Makes untrusted text safe to print to a terminal. Names, values and paths come from any file, and control
 * characters in them can make a terminal hide text, change earlier output or type an answer.
 */

/**
 * Control characters except tab and line end; characters that change the direction of text and so hide its real
 * order; and noncharacters, which terminals and pictures replace or reject.
 */
const obeyed = /\r(?!\n)|(?![\t\r\n])\p{Cc}|[\p{Bidi_Control}\p{Cs}\u2028\u2029\ufffe\uffff]/gu;

/** Replaces such characters by escapes (`\u001b`), which JSON, JavaScript and Python parse to the same characters. */
export function visible(text: string): string {
  return text.replace(obeyed, unicodeEscape);
}

/** The escape of a character: `\u001b`. */
export function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** The escaped text on one line, so that a name cannot imitate a further line of the message. */
export function visibleLine(text: string): string {
  return visible(text).replace(/\r?\n/g, (end) => (end === "\n" ? "\\n" : "\\r\\n"));
}

/**
 * Escaped text of several lines; all lines but the first are indented, so that a name cannot imitate another
 * message.
 */
export function visibleBlock(text: string): string {
  return visible(text).replace(/\n(?=\S)/g, "\n    ");
}
