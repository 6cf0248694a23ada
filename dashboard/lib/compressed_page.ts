/**
 * A page that is compressed once, with gaps for the few texts that differ each time it is sent.
 *
 * The text between two gaps is compressed separately, up to a byte boundary and without a reference to the text before it. So it stays valid
 * when the gap is filled with an uncompressed block, and together they are one ordinary gzip stream.
 */
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';

const deflate = promisify(deflateRaw);

/** A gzip header without a file name or time. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
/** An empty last block. */
const END = Buffer.from([3, 0]);
/** As many as the longest text so far. */
let zeros = Buffer.alloc(0);

interface Part {
  /** One or more blocks, none of them the last of the stream. */
  blocks: Buffer;
  length: number;
  /** What the text adds to the checksum of the text before it. */
  crc: number;
}

/** Parts, and between them the names of the gaps. */
export interface CompressedPage<Gap extends string> {
  parts: Part[];
  gaps: Gap[];
  /** Bytes in memory. */
  size: number;
}

/** Compress the texts around the gaps. There is one text more than gaps. */
export async function compressPage<Gap extends string>(
  texts: string[],
  gaps: Gap[],
): Promise<CompressedPage<Gap>> {
  const parts = await Promise.all(texts.map((text) => compressed(Buffer.from(text))));
  return { parts, gaps, size: parts.reduce((sum, { blocks }) => sum + blocks.length, 0) };
}

/** Return the page as a gzip stream. */
export function gzipPage<Gap extends string>(
  { parts, gaps }: CompressedPage<Gap>,
  values: Record<Gap, string>,
): Buffer {
  const stored = new Map<Gap, Part>(gaps.map((gap) => [gap, storedBlock(Buffer.from(values[gap]))]));
  const all = parts.flatMap((part, index) => {
    const gap = gaps[index - 1] && stored.get(gaps[index - 1] as Gap);
    return gap ? [gap, part] : [part];
  });
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(
    all.reduce((crc, { length, crc: added }) => (crcOfZeros(length, crc) ^ added) >>> 0, 0),
    0,
  );
  trailer.writeUInt32LE(
    all.reduce((sum, { length }) => sum + length, 0),
    4,
  );
  return Buffer.concat([HEADER, ...all.map(({ blocks }) => blocks), END, trailer]);
}

async function compressed(text: Buffer): Promise<Part> {
  const blocks = await deflate(text, {
    level: constants.Z_BEST_COMPRESSION,
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  return part(text, Buffer.copyBytesFrom(blocks)); // A copy, because a small buffer keeps a larger one in memory.
}

/** Return the text as one uncompressed block. It has at most 65,535 bytes. */
function storedBlock(text: Buffer): Part {
  const header = Buffer.alloc(5);
  header.writeUInt16LE(text.length, 1);
  header.writeUInt16LE(text.length ^ 0xffff, 3);
  return part(text, Buffer.concat([header, text]));
}

function part(text: Buffer, blocks: Buffer): Part {
  return { blocks, length: text.length, crc: crc32(text) ^ crcOfZeros(text.length, 0) };
}

/**
 * Continue a checksum with zeros. CRC-32 is linear: with any other text of this length, the result differs from it by a number that
 * depends on the text only. So checksums can be joined when the texts are gone.
 */
function crcOfZeros(length: number, crc: number): number {
  if (zeros.length < length) zeros = Buffer.alloc(length);
  return crc32(zeros.subarray(0, length), crc);
}
