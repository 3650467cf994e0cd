/** MLLP (HL7 v2.5.1 appendix C): VT, the message, FS, CR. */
const VT = 0x0b;
const FS = 0x1c;
const CR = 0x0d;
const LF = 0x0a;

/** Whether a message holds a byte that frames messages; it would arrive in pieces, so it must not be sent. */
export function holdsFramingByte(message: Uint8Array): boolean {
  return message.includes(VT) || message.includes(FS);
}

/** The bytes for one write; throws where the message holds a framing byte. */
export function encodeFrame(message: Uint8Array): Uint8Array {
  if (holdsFramingByte(message)) {
    throw new Error(
      'the message holds 0x0B or 0x1C, which MLLP keeps for itself: escape it when writing HL7',
    );
  }
  const frame = new Uint8Array(message.length + 3);
  frame[0] = VT;
  frame.set(message, 1);
  frame[message.length + 1] = FS;
  frame[message.length + 2] = CR;
  return frame;
}

/** What a stream turned out to hold: a message, or so many bytes that belong to none. */
export type Decoded =
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'noise';
      readonly length: number;
      readonly reason: 'outside a frame' | 'in a frame cut short' | 'in a frame too long';
    };

export interface FrameDecoder {
  /** Takes the next bytes of the stream, cut anywhere; returns what they complete. */
  push(chunk: Uint8Array): Decoded[];
  /** Bytes of a frame that has begun and not yet ended. */
  pending(): number;
}

/**
 * Reads frames from a stream. A frame ends with FS: the CR after it is left out by some receivers, and line ends
 * between frames are no noise. A VT inside a frame begins a new one. Never holds more than `maxBytes`.
 */
export function createFrameDecoder(maxBytes: number): FrameDecoder {
  let inside = false;
  let length = 0;
  // One growing buffer, not a list of chunks: a peer that sends byte by byte must not cost more than its bytes.
  let held = new Uint8Array(Math.min(maxBytes, 4096));

  const begin = (): void => {
    inside = true;
    length = 0;
  };
  const add = (part: Uint8Array): void => {
    const needed = length + part.length;
    if (needed <= maxBytes) {
      if (needed > held.length) {
        const larger = new Uint8Array(Math.min(maxBytes, Math.max(needed, 2 * held.length)));
        larger.set(held.subarray(0, length));
        held = larger;
      }
      held.set(part, length);
    }
    length = needed;
  };
  const end = (): Decoded => {
    inside = false;
    if (length > maxBytes) return { kind: 'noise', length, reason: 'in a frame too long' };
    return { kind: 'message', bytes: held.slice(0, length) };
  };

  return {
    pending: () => (inside ? length : 0),
    push(chunk) {
      const decoded: Decoded[] = [];
      let at = 0;
      while (at < chunk.length) {
        const start = firstOf(chunk, at, VT);
        if (!inside) {
          const stray = chunk.subarray(at, start).filter((byte) => byte !== CR && byte !== LF).length;
          if (stray > 0) decoded.push({ kind: 'noise', length: stray, reason: 'outside a frame' });
          if (start < chunk.length) begin();
          at = start + 1;
          continue;
        }
        const stop = Math.min(start, firstOf(chunk, at, FS));
        add(chunk.subarray(at, stop));
        if (stop === start && start < chunk.length) {
          decoded.push({ kind: 'noise', length, reason: 'in a frame cut short' });
          begin();
        } else if (stop < chunk.length) {
          decoded.push(end());
        }
        at = stop + 1;
      }
      return decoded;
    },
  };
}

function firstOf(chunk: Uint8Array, from: number, byte: number): number {
  const at = chunk.indexOf(byte, from);
  return at < 0 ? chunk.length : at;
}
