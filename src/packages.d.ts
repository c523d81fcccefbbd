/** What the sources use of packages without types, whose @types packages `npm start` would have to download. */
/// <reference lib="dom" />

declare module "jsdom" {
  export class JSDOM {
    constructor(
      html?: string,
      options?: { readonly runScripts?: "dangerously" | "outside-only"; readonly pretendToBeVisual?: boolean },
    );
    readonly window: Window & typeof globalThis;
  }
}

declare module "markdown-it" {
  export interface Token {
    readonly type: string;
    readonly content: string;
    readonly info: string;
  }
  export default class MarkdownIt {
    constructor(options?: { readonly html?: boolean; readonly linkify?: boolean });
    render(text: string): string;
    parse(text: string, environment: object): Token[];
  }
}
