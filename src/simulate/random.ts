/** A source of random numbers that gives the same numbers for the same seed on every machine. */
export interface Random {
  /** Uniform, 0 inclusive to 1 exclusive, 32 bits fine. */
  uniform(): number;
  /** Normal with mean 0 and standard deviation 1. */
  normal(): number;
}

/**
 * SplitMix32: a Weyl sequence put through a 32-bit finalizer (Steele, Lea and Flood 2014, with the constants of
 * Chris Wellons' `lowbias32`). Not for secrets.
 * @param purpose separates the numbers used for one thing from those used for another, so that more noise in a
 *   simulation does not draw other host sequences
 */
export function createRandom(seed: number, purpose: string): Random {
  let state = scramble(seed ^ hashText(purpose));
  const uniform = () => {
    state = (state + 0x9e3779b9) | 0;
    return (scramble(state) >>> 0) / 2 ** 32;
  };
  let spare: number | undefined;
  const normal = () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = radiusOf(uniform());
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return { uniform, normal };
}

/** A number 0 to 1 that stands for `key`: always the same one, without any visible relation to the key. */
function hashUniform(key: number): number {
  return (scramble(scramble(key) + 0x9e3779b9) >>> 0) / 2 ** 32;
}

/** A normal deviate that stands for `key`. */
export function hashNormal(key: number): number {
  return radiusOf(hashUniform(2 * key)) * Math.cos(2 * Math.PI * hashUniform(2 * key + 1));
}

/** Box and Muller: a uniform number as the distance of a point of the normal plane from its origin. */
function radiusOf(uniform: number): number {
  return Math.sqrt(-2 * Math.log(1 - uniform));
}

function scramble(x: number): number {
  let z = x | 0;
  z = Math.imul(z ^ (z >>> 16), 0x7feb352d);
  z = Math.imul(z ^ (z >>> 15), 0x846ca68b);
  return z ^ (z >>> 16);
}

/** FNV-1a. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
