/** Names of finished copies; they sort by time. Nothing else in the folder is ever touched. */
export const BACKUP_NAME = /^raisingd-\d{8}T\d{6}Z\.db$/;

/** What an interrupted backup leaves behind. */
export const DRAFT_NAME = /^raisingd-\d{8}T\d{6}Z\.db\.tmp(-journal)?$/;

export function backupName(now: Date): string {
  return `raisingd-${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z.db`;
}

export function draftName(name: string): string {
  return `${name}.tmp`;
}
