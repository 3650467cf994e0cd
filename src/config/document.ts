import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';

/** Where something stands in a file, both counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A YAML text as plain values, with the way back to where each was written. */
export interface YamlDocument {
  readonly value: unknown;
  /** Place of the value at `path`, or of the nearest mapping around it; with `key`, of that key's name there. */
  locate(path: readonly PropertyKey[], key?: string): Place | null;
}

export interface SyntaxFault {
  readonly message: string;
  readonly place: Place | null;
}

/** Reads one YAML 1.2 document. Every syntax fault is listed, and none quotes the text: it may hold a secret. */
export function parseYaml(
  text: string,
): { readonly ok: true; readonly document: YamlDocument } | { readonly ok: false; faults: SyntaxFault[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
  });
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0) {
    const faults = problems.map(({ code, message, pos }) => ({
      message: inWords(code, message, text.slice(pos[0])),
      place: placeAt(lines, pos[0]),
    }));
    return { ok: false, faults };
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // An alias without its anchor, or aliases that multiply beyond reason.
    return { ok: false, faults: [{ message: error instanceof Error ? error.message : '', place: null }] };
  }
  return {
    ok: true,
    document: {
      value,
      locate(path, key) {
        const start = startOf(document, path, key);
        return start === null ? null : placeAt(lines, start);
      },
    },
  };
}

function inWords(code: string, message: string, rest: string): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return `the key ${/^[^\s:]*/.exec(rest)?.[0] ?? ''} is written twice in one mapping; keep one of the two`;
    case 'TAB_AS_INDENT':
      return 'a tab is used for indentation; YAML takes spaces only';
    case 'MULTIPLE_DOCS':
      return 'a second document begins (---); keep one';
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'a second "key:" stands on one line, or a text with ": " in it lacks quotes';
    default:
      return message.replace(/: ".*$/s, '');
  }
}

function placeAt(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

function startOf(document: Document.Parsed, path: readonly PropertyKey[], key?: string): number | null {
  let node: Node | null = document.contents;
  let start = node?.range?.[0] ?? null;
  for (const step of key === undefined ? path : [...path, key]) {
    if (isAlias(node)) node = node.resolve(document) ?? null;
    let next: unknown = null;
    if (isSeq(node)) next = node.items[Number(step)];
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === step);
      const wanted = step === key ? pair?.key : pair?.value;
      next = wanted;
    }
    if (!isNode(next)) return start;
    node = next;
    start = node.range?.[0] ?? start;
  }
  return start;
}

function isNode(value: unknown): value is Node {
  return isMap(value) || isSeq(value) || isScalar(value) || isAlias(value);
}
