import fc from "fast-check";
import { expect, test, vi } from "vitest";

// Browsers have no Buffer: both codecs are held to the same rules.
test.each(["with Buffer", "without Buffer"])("base64 %s is the standard padded one", async (how) => {
  if (how === "without Buffer") vi.stubGlobal("Buffer", undefined);
  vi.resetModules();
  const { decodeBase64, encodeBase64 } = await import("./base64.ts");
  vi.unstubAllGlobals();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      const text = encodeBase64(bytes);
      expect(text).toBe(Buffer.from(bytes).toString("base64"));
      expect(Uint8Array.from(decodeBase64(text) ?? [])).toEqual(bytes);
    }),
  );
  expect(encodeBase64(new Uint8Array(100_000)).length).toBe(133_336);
  for (const bad of ["A", "AP8", "AP8=\n", " AP8", "AP_=", "AP-=", "A=B=", "====", "é123"]) {
    expect(decodeBase64(bad), bad).toBeUndefined();
  }
});
