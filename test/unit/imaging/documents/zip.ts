import { crc32 } from 'node:zlib';

/** One part of a ZIP file, stored as it is. `size` and `encrypted` are only stated. */
export interface Part {
  readonly name: string;
  readonly text?: string;
  readonly size?: number;
  readonly encrypted?: boolean;
}

/** A ZIP file of `parts` with a directory (APPNOTE.TXT §4.3). */
export function zipOf(parts: readonly Part[]): Uint8Array {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const { name, text = '', size = text.length, encrypted = false } of parts) {
    const local = Buffer.alloc(30);
    local.write('PK\x03\x04', 'latin1');
    local.writeUInt16LE(20, 4);
    local.writeUInt16LE(encrypted ? 1 : 0, 6);
    local.writeUInt32LE(crc32(text), 14);
    local.writeUInt32LE(text.length, 18);
    local.writeUInt32LE(size, 22);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.write('PK\x01\x02', 'latin1');
    entry.writeUInt16LE(20, 4);
    entry.writeUInt16LE(20, 6);
    local.copy(entry, 8, 6, 28);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    locals.push(local, Buffer.from(name + text));
    entries.push(entry, Buffer.from(name));
    offset += 30 + Buffer.byteLength(name + text);
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(Buffer.concat(entries).length, 12);
  end.writeUInt32LE(offset, 16);
  return new Uint8Array(Buffer.concat([...locals, ...entries, end]));
}
