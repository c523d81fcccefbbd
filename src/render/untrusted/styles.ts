/** CSS declarations of others, reduced to what changes how text, tables and drawings look inside their own box. */

const properties =
  /^(?:color|background(?:-color)?|opacity|fill(?:-opacity|-rule)?|stroke(?:-[a-z]+)?|stop-(?:color|opacity)|text-anchor|dominant-baseline|font(?:-[a-z-]+)?|line-height|letter-spacing|word-(?:break|spacing)|overflow(?:-wrap|-x|-y)?|white-space|text-(?:align|decoration|indent|transform|overflow)|vertical-align|(?:min-|max-)?(?:width|height)|padding(?:-[a-z]+)?|margin(?:-[a-z]+)?|border(?:-[a-z-]+)?|table-layout|caption-side|list-style-type|display|flex(?:-[a-z]+)?|gap|align-items|justify-content|box-sizing)$/;
const functions = new Set(["rgb", "rgba", "hsl", "hsla", "calc", "min", "max"]);

/** A longer style is none that a person wrote. */
const longest = 4_000;

/** The declarations that are kept. None can load anything, nor place a box elsewhere than where it stands. */
export function safeStyle(style: string): string {
  if (style.length > longest) return "";
  return style
    .split(";")
    .flatMap((declaration) => {
      const colon = declaration.indexOf(":");
      const name = declaration.slice(0, Math.max(0, colon)).trim().toLowerCase();
      const value = declaration.slice(colon + 1).trim();
      return properties.test(name) && isPlain(value) ? [`${name}:${value}`] : [];
    })
    .join(";");
}

/** Words, numbers and colours. Escapes and comments could spell a function that is not in the list. */
function isPlain(value: string): boolean {
  if (!/^[\w\s#%.,()+*/"'-]*$/.test(value) || value.includes("/*")) return false;
  return [...value.matchAll(/([\w-]*)\s*\(/g)].every(([, name]) => functions.has(name!.toLowerCase()));
}
