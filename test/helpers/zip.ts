import {crc32, deflateRawSync} from 'node:zlib';

/** One entry of a zip made by hand, so that anything in it can be wrong. */
export interface ZipEntry {
  name: string | Buffer;
  body: Buffer | string;
  /** General purpose flags; 0x800 says that the name is UTF-8. */
  flags?: number;
  /** Unix mode. */
  mode?: number;
  /** Instead of the true ones. */
  crc?: number;
  size?: number;
  /** Write its sizes as zip64 does. */
  zip64?: boolean;
  store?: boolean;
}

export function zipOf(entries: ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const {name, body, flags = 0x800, mode = 0o100644, crc, size, zip64, store} of entries) {
    const raw = Buffer.from(body);
    const packed = store ? raw : deflateRawSync(raw);
    const bytes = Buffer.from(name);
    const sum = crc ?? crc32(raw);
    const full = size ?? raw.length;
    const extra = Buffer.alloc(zip64 ? 20 : 0);
    if (zip64) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(16, 2);
      extra.writeBigUInt64LE(BigInt(full), 4);
      extra.writeBigUInt64LE(BigInt(packed.length), 12);
    }
    const common = Buffer.alloc(26);
    common.writeUInt16LE(zip64 ? 45 : 20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(store ? 0 : 8, 4);
    common.writeUInt32LE(sum, 10);
    common.writeUInt32LE(zip64 ? 0xffffffff : packed.length, 14);
    common.writeUInt32LE(zip64 ? 0xffffffff : full, 18);
    common.writeUInt16LE(bytes.length, 22);
    common.writeUInt16LE(extra.length, 24);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, bytes, extra, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\u0001\u0002'), Buffer.from([63, 3]), common, tail, bytes, extra]));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}
