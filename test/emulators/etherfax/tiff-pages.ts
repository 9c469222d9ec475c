/**
 * Pages of a little-endian TIFF file whose every page is 1728 pixels wide and bilevel, counted without the project's own
 * reader (TIFF 6.0 §2); undefined: it is no such file.
 */
export function tiffPages(file: Uint8Array): number | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 8 || view.getUint16(0, true) !== 0x4949 || view.getUint16(2, true) !== 42) return undefined;
  let pages = 0;
  for (let at = view.getUint32(4, true); at !== 0; pages++) {
    if (at + 2 > file.length || pages > 1_000) return undefined;
    const entries = view.getUint16(at, true);
    const next = at + 2 + entries * 12;
    if (next + 4 > file.length || tagValue(view, at, entries, 256) !== 1_728) return undefined;
    at = view.getUint32(next, true);
  }
  return pages === 0 ? undefined : pages;
}

function tagValue(view: DataView, at: number, entries: number, tag: number): number | undefined {
  for (let entry = at + 2; entry < at + 2 + entries * 12; entry += 12) {
    if (view.getUint16(entry, true) !== tag) continue;
    return view.getUint16(entry + 2, true) === 3 ? view.getUint16(entry + 8, true) : view.getUint32(entry + 8, true);
  }
  return undefined;
}
