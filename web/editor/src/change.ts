// The smallest single replacement that turns one text into another.

export interface Replacement {
  from: number;
  to: number;
  insert: string;
}

/** `null` when the texts are equal. Positions are UTF-16; a surrogate pair is never cut. */
export function smallestChange(before: string, after: string): Replacement | null {
  if (before === after) return null;
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before.charCodeAt(head) === after.charCodeAt(head)) head++;
  if (isLowSurrogate(before, head) || isLowSurrogate(after, head)) head--;
  let tail = 0;
  while (
    tail < shorter - head &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  ) {
    tail++;
  }
  if (isLowSurrogate(before, before.length - tail) || isLowSurrogate(after, after.length - tail)) tail--;
  return { from: head, to: before.length - tail, insert: after.slice(head, after.length - tail) };
}

/** Line ends as the editor keeps them. */
export function withLineFeeds(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}

/** Whether a cut before this unit would stand inside a surrogate pair. */
function isLowSurrogate(text: string, index: number): boolean {
  return (
    index > 0 &&
    (text.charCodeAt(index) & 0xfc00) === 0xdc00 &&
    (text.charCodeAt(index - 1) & 0xfc00) === 0xd800
  );
}
