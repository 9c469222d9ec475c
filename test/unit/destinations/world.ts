import type { DestinationSettings } from '../../../gateway/destinations/index.ts';
import { DEFAULT_RULES } from '../../../gateway/destinations/rules.ts';
import type { Account } from '../../../gateway/fax/account.ts';
import type { LineType, Place } from '../../../gateway/fax/destination.ts';
import type { AccountId } from '../../../gateway/fax/ids.ts';
import { type AccountPolicy, DEFAULT_POLICY } from '../../../gateway/fax/policy.ts';
import type { Clock } from '../../../gateway/ports/clock.ts';
import type { GuardRecords, PlaceDecision } from '../../../gateway/ports/guard-records.ts';
import type { LineTypes } from '../../../gateway/ports/line-types.ts';
import type { Log } from '../../../gateway/ports/log.ts';

export const NOW = 1_767_225_600_000;
export const HOUR = 3_600_000;

export const placed = (text: string): Place => text as string as Place;

export function settingsOf(change: Partial<DestinationSettings> = {}): DestinationSettings {
  return { rules: DEFAULT_RULES, homes: [], watched: true, holds: true, holdFor: 20 * HOUR, ...change };
}

export function accountWith(policy: Partial<AccountPolicy> = {}): Account {
  return {
    id: 'acc_1' as AccountId,
    name: 'main',
    title: '',
    disabled: false,
    paused: false,
    pausedReason: null,
    closedAt: null,
    eraseAt: null,
    erasedAt: null,
    policy: { ...DEFAULT_POLICY, ...policy },
    cidrs: [],
    createdAt: NOW,
  };
}

/** Decisions and kinds of lines in memory. */
export function memoryGuardRecords(decisions: readonly PlaceDecision[] = []) {
  const lines = new Map<string, { type: LineType | 'unknown'; until: number }>();
  const reads = { decisions: 0 };
  const records: Pick<GuardRecords, 'decisions' | 'lineType' | 'keepLineType'> = {
    decisions: async () => {
      reads.decisions++;
      return [...decisions];
    },
    lineType: async (number, now) => {
      const known = lines.get(number);
      return known !== undefined && known.until > now ? known.type : undefined;
    },
    keepLineType: async (number, type, until) => void lines.set(number, { type, until }),
  };
  return { records, lines, reads };
}

/** A clock whose timers run when they are told to. */
export function handClock(): Clock & { advance(ms: number): void } {
  let at = NOW;
  let timers: { at: number; run: () => void }[] = [];
  return {
    now: () => at,
    monotonic: () => at - NOW,
    after: (ms, run) => {
      const timer = { at: at + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    advance: (ms) => {
      at += ms;
      const due = timers.filter((timer) => timer.at <= at);
      timers = timers.filter((timer) => timer.at > at);
      for (const { run } of due) run();
    },
  };
}

/** A log that keeps what it is told. */
export function keptLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (fields: object, text: string) => void lines.push(`${text} ${JSON.stringify(fields)}`);
  return { lines, debug: keep, info: keep, warn: keep, error: keep };
}

/** Somebody who knows one kind of line, and counts who asks. */
export function knows(type: LineType | 'unknown'): LineTypes & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    name: 'test',
    asked,
    lookup: async (number) => {
      asked.push(number);
      return type;
    },
  };
}
