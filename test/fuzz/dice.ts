import { createRandom } from '../../src/simulate/random.ts';

/** Random choices that a seed and a case's number repeat on every machine. */
export interface Dice {
  /** 0 to `below`, exclusive. */
  integer(below: number): number;
  /** True once in so many throws. */
  once(outOf: number): boolean;
  pick<T>(items: readonly T[]): T;
  bytes(length: number): Uint8Array;
}

export function createDice(seed: number, purpose: string): Dice {
  const random = createRandom(seed, purpose);
  const integer = (below: number): number => Math.floor(random.uniform() * below);
  return {
    integer,
    once: (outOf) => integer(outOf) === 0,
    pick<T>(items: readonly T[]): T {
      if (items.length === 0) throw new Error('nothing to pick from');
      return items[integer(items.length)] as T;
    },
    bytes: (length) => Uint8Array.from({ length }, () => integer(256)),
  };
}
