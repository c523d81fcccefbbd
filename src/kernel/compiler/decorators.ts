/**
 * Cells get TypeScript's older decorators, which libraries such as TypeORM and Nest expect. A cell that begins with the
 * comment `// @experimentalDecorators: false` gets those of the language's standard, from a second converter.
 */
import type { Converter } from "tslab/dist/converter";

const asksStandard = /^\s*\/\/\s*@experimentalDecorators:\s*false\b/;

export function perDecorators(create: (hasStandardDecorators: boolean) => Converter): Converter {
  const older = create(false);
  let standard: Converter | null = null;
  const choose = (source: string): Converter => {
    if (!asksStandard.test(source)) return older;
    standard ??= create(true);
    return standard;
  };
  return {
    convert: (declarations, source) => choose(source).convert(declarations, source),
    inspect: (declarations, source, position) => choose(source).inspect(declarations, source, position),
    complete: (declarations, source, position) => choose(source).complete(declarations, source, position),
    addModule: (name, content, metadata) => choose(content).addModule(name, content, metadata),
    close() {
      older.close();
      standard?.close();
    },
  };
}
