/** Names of finished copies; they sort by time. Nothing else in the folder is ever touched. */
export const BACKUP_NAME = /^raisingd-\d{8}T\d{6}Z\.db$/;

/** What an interrupted backup leaves behind. */
export const DRAFT_NAME = /^raisingd-\d{8}T\d{6}Z(-before-\d+)?\.db\.tmp(-journal)?$/;

export function backupName(now: Date): string {
  return `raisingd-${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z.db`;
}

/** Of the copy that is made before the database is brought to `version`. */
export function beforeUpgradeName(now: Date, version: number): string {
  return backupName(now).replace('.db', beforeUpgradeEnding(version));
}

/** By which those copies are found again. */
export function beforeUpgradeEnding(version: number): string {
  return `-before-${version}.db`;
}

export function draftName(name: string): string {
  return `${name}.tmp`;
}
