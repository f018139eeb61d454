// UTF-8 byte offsets and UTF-16 positions of one document, each from the other.
import type { Text } from "@codemirror/state";

/**
 * Only characters outside ASCII differ, so only they are kept: a lookup is a binary search among them, and in an
 * ASCII text nothing at all. A lone surrogate counts three bytes, as it does once encoded (U+FFFD).
 */
export class Offsets {
  /** UTF-16 position before each character outside ASCII, ascending. */
  readonly #starts: number[] = [];
  /** UTF-16 position after it. */
  readonly #ends: number[] = [];
  /** Bytes minus UTF-16 units of the text up to and including it. */
  readonly #extra: number[] = [];
  readonly #length: number;

  constructor(text: string) {
    this.#length = text.length;
    let extra = 0;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0x80) continue;
      const start = i;
      const pair = (unit & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00;
      if (pair) i++;
      extra += unit < 0x800 ? 1 : 2;
      this.#starts.push(start);
      this.#ends.push(i + 1);
      this.#extra.push(extra);
    }
  }

  /** The byte offset of a position; inside a surrogate pair, that of the pair's start. */
  toByte(position: number): number {
    const pos = clamp(position, this.#length);
    const n = countAtMost(this.#ends.length, (i) => this.#ends[i]!, pos);
    const start = this.#starts[n];
    const at = start !== undefined && pos > start ? start : pos;
    return at + (n > 0 ? this.#extra[n - 1]! : 0);
  }

  /** The position of a byte offset; inside a character, that of the character's start. */
  toPosition(byte: number): number {
    const n = countAtMost(this.#ends.length, (i) => this.#ends[i]! + this.#extra[i]!, byte);
    const pos = byte - (n > 0 ? this.#extra[n - 1]! : 0);
    const start = this.#starts[n];
    return clamp(start !== undefined && pos > start ? start : pos, this.#length);
  }
}

const known = new WeakMap<Text, Offsets>();

/** The offsets of a document, made once for each version of it. */
export function offsetsOf(doc: Text): Offsets {
  let offsets = known.get(doc);
  if (!offsets) known.set(doc, (offsets = new Offsets(doc.toString())));
  return offsets;
}

function clamp(value: number, max: number): number {
  return value < 0 ? 0 : value > max ? max : value;
}

/** How many of the ascending values are at most `limit`. */
function countAtMost(length: number, value: (index: number) => number, limit: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value(middle) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
