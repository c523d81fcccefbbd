/** Filters untrusted CSS declarations: keeps those that style text, tables and drawings inside their box. */

const properties =
  /^(?:color|background(?:-color)?|opacity|fill(?:-opacity|-rule)?|stroke(?:-[a-z]+)?|stop-(?:color|opacity)|text-anchor|dominant-baseline|font(?:-[a-z-]+)?|line-height|letter-spacing|word-(?:break|spacing)|overflow(?:-wrap|-x|-y)?|white-space|text-(?:align|decoration|indent|transform|overflow)|vertical-align|(?:min-|max-)?(?:width|height)|padding(?:-[a-z]+)?|margin(?:-[a-z]+)?|border(?:-[a-z-]+)?|table-layout|caption-side|list-style-type|display|flex(?:-[a-z]+)?|gap|align-items|justify-content|box-sizing)$/;
const functions = new Set(["rgb", "rgba", "hsl", "hsla", "calc", "min", "max"]);

/** Longer styles were not written by hand. */
const longest = 4_000;

/** Allowed declarations. None can load anything or move a box. */
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

/** Words, numbers and colours. Escapes and comments could spell a function that is not allowed. */
function isPlain(value: string): boolean {
  if (!/^[\w\s#%.,()+*/"'-]*$/.test(value) || value.includes("/*")) return false;
  return [...value.matchAll(/([\w-]*)\s*\(/g)].every(([, name]) => functions.has(name!.toLowerCase()));
}
