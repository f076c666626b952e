import { assert, property, string, uint8Array } from "fast-check";
import { expect, it } from "vitest";
import { decodeText } from "../../../src/discord/said/decode-text.ts";

const text = "Zwölf 🦊\r\nBoxkämpfer\rjagen";
const read = "Zwölf 🦊\nBoxkämpfer\njagen";

function bigEndian(of: string): Buffer {
  return Buffer.from(`\uFEFF${of}`, "utf16le").swap16();
}

it.each([
  ["UTF-8", Buffer.from(text)],
  ["UTF-8 with its mark", Buffer.from(`\uFEFF${text}`)],
  ["UTF-16, little end first", Buffer.from(`\uFEFF${text}`, "utf16le")],
  ["UTF-16, big end first", bigEndian(text)],
])("reads %s", (_name, bytes) => {
  expect(decodeText(bytes, undefined)).toBe(read);
});

it("reads what is no UTF-8 as what Discord calls it, else as Windows-1252", () => {
  const latin = Buffer.from("M\u00FCnchen", "latin1");
  expect(decodeText(latin, undefined)).toBe("München");
  expect(decodeText(latin, "no-such-charset")).toBe("München");
  expect(decodeText(Buffer.from([0xcc, 0xee]), "windows-1251")).toBe("Мо");
});

it("leaves out a character that the end tears, and colours of a terminal", () => {
  expect(decodeText(Buffer.from("a🦊").subarray(0, 3), "utf-8")).toBe("a");
  expect(decodeText(Buffer.from("\u001B[31mred\u001B[0m"), undefined)).toBe("[31mred[0m");
});

it.each([
  ["a picture", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]],
  ["an archive", [0x50, 0x4b, 0x03, 0x04, 0x14, 0]],
  ["UTF-32", [0xff, 0xfe, 0, 0, 0x41, 0, 0, 0]],
])("takes %s for no text", (_name, bytes) => {
  expect(decodeText(Uint8Array.from(bytes), undefined)).toBeUndefined();
});

it("gives back any text, and no control character of any bytes", () => {
  assert(
    property(string({ unit: "grapheme" }), (words) => {
      const plain = words.replaceAll(/\p{Cc}/gu, "").replace(/^\uFEFF/, "");
      expect(decodeText(Buffer.from(plain), "utf-8")).toBe(plain);
    }),
  );
  assert(
    property(uint8Array(), (bytes) => {
      expect(decodeText(bytes, undefined) ?? "").not.toMatch(/[^\P{Cc}\t\n\v\f]/u);
    }),
  );
});
