// The parts of the editor that need no browser. Everything else is tested in tests/browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { smallestChange, withLineFeeds } from "../src/change";
import { Offsets } from "../src/offsets";

const TEXTS = ["", "T | take 1", "é", "aéb", "日本|語", "x🙂y🙂", "🙂", "Tä | where n == \"日🙂\" // ok", "\ud800x", "x\udc00"];

test("a byte offset is what the encoder counts, at every character of every text", () => {
  for (const text of TEXTS) {
    const offsets = new Offsets(text);
    let position = 0;
    for (const character of [...text, ""]) {
      const bytes = new TextEncoder().encode(text.slice(0, position)).length;
      assert.equal(offsets.toByte(position), bytes, `toByte(${position}) in ${JSON.stringify(text)}`);
      assert.equal(offsets.toPosition(bytes), position, `toPosition(${bytes}) in ${JSON.stringify(text)}`);
      position += character.length;
    }
  }
});

test("an offset inside a character or outside the text is brought to the nearest place before it", () => {
  const offsets = new Offsets("a🙂b");
  for (const byte of [1, 2, 3, 4]) assert.equal(offsets.toPosition(byte), 1);
  assert.equal(offsets.toPosition(5), 3);
  assert.equal(offsets.toPosition(99), 4);
  assert.equal(offsets.toPosition(-1), 0);
  assert.equal(offsets.toByte(2), 1, "between the halves of a surrogate pair");
  assert.equal(offsets.toByte(99), 6);
});

test("the smallest change is one replacement and leaves what is equal at both ends alone", () => {
  const cases: [string, string, [number, number, string] | null][] = [
    ["same", "same", null],
    ["", "new", [0, 0, "new"]],
    ["old", "", [0, 3, ""]],
    ["abc", "abXc", [2, 2, "X"]],
    ["aaa", "aa", [2, 3, ""]],
    ["aa", "aaa", [2, 2, "a"]],
    ["one two three", "one 2 three", [4, 7, "2"]],
    ["x🙂y", "x🙃y", [1, 3, "🙃"]],
    ["🙂", "🙂🙂", [2, 2, "🙂"]],
    ["\ud83d\ude42", "\ud83c\ude42", [0, 2, "\ud83c\ude42"]],
  ];
  for (const [before, after, expected] of cases) {
    const change = smallestChange(before, after);
    assert.deepEqual(change && [change.from, change.to, change.insert], expected, `${before} -> ${after}`);
    if (change) assert.equal(before.slice(0, change.from) + change.insert + before.slice(change.to), after);
  }
});

test("every line end becomes a line feed", () => {
  assert.equal(withLineFeeds("a\r\nb\rc\nd"), "a\nb\nc\nd");
});
