import { describe, expect, it } from 'vitest';
import { fromText } from '../../src/watch/path.ts';
import { createTakenFiles } from '../../src/watch/taken.ts';

const stamp = { size: 1, mtimeNs: 2n };
const paths = ['a', 'b', 'c', 'd', 'e'].map((name) => fromText(`/in/${name}.ab1`));

describe('files that were taken', () => {
  it('come up for a check in turn, all of them', () => {
    const taken = createTakenFiles();
    for (const path of paths) taken.take(path, stamp);
    const turns = [taken.nextToCheck(2), taken.nextToCheck(2), taken.nextToCheck(2)].flat();
    expect(turns).toEqual([...paths, paths[0]]);
    expect(taken.nextToCheck(99)).toHaveLength(5);
    expect(createTakenFiles().nextToCheck(5)).toEqual([]);
  });

  it('are forgotten when a scan no longer sees them', () => {
    const taken = createTakenFiles();
    for (const path of paths) taken.take(path, stamp);
    taken.forgetUnseen();
    for (const path of paths.slice(1)) expect(taken.see(path)).toBe(true);
    taken.forgetUnseen();
    expect(paths.map((path) => taken.stampOf(path))).toMatchObject([null, stamp, stamp, stamp, stamp]);
  });
});
