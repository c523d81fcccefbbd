/**
 * Text of others as a terminal may have it. Names, values and paths come from files of anybody; a terminal obeys the
 * control characters in them: it can be made to hide text, to change what was printed, or to type an answer.
 */

/**
 * Control characters but tab and line end; those that change the direction of text, so that what is read is not what is
 * there; and those that are no characters, which a terminal and a picture replace or refuse.
 */
const obeyed = /\r(?!\n)|(?![\t\r\n])\p{Cc}|[\p{Bidi_Control}\p{Cs}\u2028\u2029\ufffe\uffff]/gu;

/** The text with such characters as escapes (`\u001b`), which JSON, JavaScript and Python read as the same characters. */
export function visible(text: string): string {
  return text.replace(obeyed, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Such text on one line: a name cannot pass for the next line of what names it. */
export function visibleLine(text: string): string {
  return visible(text).replace(/\r?\n/g, (end) => (end === "\n" ? "\\n" : "\\r\\n"));
}

/** Such text of several lines, of which only the first begins a line: a name in it cannot pass for another message. */
export function visibleBlock(text: string): string {
  return visible(text).replace(/\n(?=\S)/g, "\n    ");
}
