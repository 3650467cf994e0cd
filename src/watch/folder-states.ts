import type { FolderState, FolderStatus } from './finding.ts';

const FROM_GOOD_TO_BAD = ['available', 'starting', 'unavailable', 'hanging'] as const satisfies FolderState[];

/** One status for each folder, the worst: a folder may be watched for traces and hold the worklists too. */
export function worstOfEach(statuses: readonly FolderStatus[]): readonly FolderStatus[] {
  const worst = new Map<string, FolderStatus>();
  for (const status of statuses) {
    const other = worst.get(status.folder);
    if (other === undefined || badness(status) > badness(other)) worst.set(status.folder, status);
  }
  return [...worst.values()];
}

function badness({ state }: FolderStatus): number {
  return FROM_GOOD_TO_BAD.indexOf(state);
}
