import { gatewayMark, parseBackupName } from './name.ts';
import type { StoredBackup } from './target.ts';

/** Which backups stay. */
export interface KeepRule {
  /** So many of the newest. */
  readonly newest: number;
  /** For so many days (UTC) besides the newest one of each day. */
  readonly days: number;
}

const DAY = 86_400_000;

/**
 * Names of backups that may go, oldest first. Pure. Only those of the gateway with this pin are looked at, and the
 * newest of them always stays.
 */
export function expired(stored: readonly StoredBackup[], pin: string, rule: KeepRule, now: number): string[] {
  const mark = gatewayMark(pin);
  const ours = stored
    .flatMap(({ name }) => parseBackupName(name) ?? [])
    .filter(({ gateway }) => gateway === mark)
    .sort((a, b) => b.at - a.at);
  const days = new Set<number>();
  const staying = ours.filter(({ at }, index) => {
    const day = Math.floor(at / DAY);
    const newestOfDay = !days.has(day);
    days.add(day);
    return index < Math.max(1, rule.newest) || (newestOfDay && now - at <= rule.days * DAY);
  });
  const kept = new Set(staying.map(({ name }) => name));
  return ours
    .filter(({ name }) => !kept.has(name))
    .map(({ name }) => name)
    .reverse();
}
