import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createDestinationGuard, type DestinationSettings } from '../../../gateway/destinations/index.ts';
import { DEFAULT_RULES } from '../../../gateway/destinations/rules.ts';
import { FaxError } from '../../../gateway/fax/errors.ts';
import type { FaxId } from '../../../gateway/fax/ids.ts';
import { parseE164 } from '../../../gateway/fax/number.ts';
import type { AccountPolicy } from '../../../gateway/fax/policy.ts';
import type { PlaceDecision } from '../../../gateway/ports/guard-records.ts';
import type { LineTypes } from '../../../gateway/ports/line-types.ts';
import { accountWith, HOUR, handClock, keptLog, knows, memoryGuardRecords, NOW, placed, settingsOf } from './world.ts';

const BERLIN = parseE164('+4930123456');
const HAMBURG = parseE164('+4940123456');
const VIENNA = parseE164('+4312345678');
const PARIS = parseE164('+33142345678');
const PREMIUM = parseE164('+499001234567');
const CHICAGO = parseE164('+13125550123');

interface Given {
  readonly policy?: Partial<AccountPolicy>;
  readonly settings?: Partial<DestinationSettings>;
  readonly decisions?: readonly PlaceDecision[];
  readonly lineTypes?: LineTypes;
}

function given({ policy, settings, decisions, lineTypes }: Given = {}) {
  const account = accountWith(policy);
  const memory = memoryGuardRecords(decisions);
  const log = keptLog();
  const clock = handClock();
  const counted: string[] = [];
  const guard = createDestinationGuard({
    records: memory.records,
    accounts: { account: async () => account },
    settings: settingsOf(settings),
    ...(lineTypes === undefined ? {} : { lineTypes }),
    clock,
    log,
    metrics: {
      count: (name, labels) => void counted.push(`${name} ${JSON.stringify(labels)}`),
      observe: () => undefined,
      gauge: () => undefined,
    },
  });
  const fax = (to: typeof BERLIN) => ({ id: 'fax_1' as FaxId, account: account.id, to });
  return { guard, account, log, clock, counted, ...memory, recheck: (to: typeof BERLIN) => guard.recheck(fax(to)) };
}

const decided = (place: string, decision: PlaceDecision['decision']): PlaceDecision => ({
  ...{ place: placed(place), decision, at: NOW, by: 'usr_1' },
});

const FREE = { hold: null, abroad: false };

describe('a fax at its acceptance', () => {
  test('to the country of an own number is called at once and counts to no cap abroad', async () => {
    const { guard, account, reads } = given();
    assert.deepEqual(await guard.admit(account, [BERLIN], [HAMBURG], NOW), [FREE]);
    assert.equal(reads.decisions, 0, 'nothing is read for it');
  });

  test('to another country waits for its approval, as long as the gateway says', async () => {
    const { guard, account, log, counted } = given({ settings: { holdFor: 3 * HOUR } });
    assert.deepEqual(await guard.admit(account, [BERLIN], [HAMBURG, VIENNA, PARIS], NOW), [
      FREE,
      { hold: { place: 'AT', until: NOW + 3 * HOUR }, abroad: true },
      { hold: { place: 'FR', until: NOW + 3 * HOUR }, abroad: true },
    ]);
    assert.deepEqual(counted, ['faxes_held_total {}']);
    assert.equal(log.lines.filter((line) => line.includes('"alert":"destination_held"')).length, 2);
  });

  test('to an approved country is called, and is abroad all the same', async () => {
    const { guard, account } = given({ decisions: [decided('AT', 'approved')] });
    assert.deepEqual(await guard.admit(account, [BERLIN], [VIENNA], NOW), [{ hold: null, abroad: true }]);
  });

  test('to a denied country is refused, with a pointer to the number', async () => {
    const { guard, account } = given({ decisions: [decided('AT', 'denied')] });
    await assert.rejects(guard.admit(account, [BERLIN], [HAMBURG, VIENNA], NOW), (error) => {
      assert.ok(error instanceof FaxError);
      assert.equal(error.code, 'destination_denied');
      assert.equal(error.reason, 'country_denied');
      assert.equal(error.pointer, '/to/1');
      return true;
    });
  });

  test('a gateway’s home countries need no number of the account', async () => {
    const { guard, account } = given({ settings: { homes: [placed('FR')] } });
    const [paris, berlin] = await guard.admit(account, [], [PARIS, BERLIN], NOW);
    assert.deepEqual(paris, FREE);
    assert.equal(berlin?.hold?.place, 'DE');
  });

  test('waits for nobody where the account or the gateway holds nothing, but counts as abroad', async () => {
    for (const off of [{ policy: { holdNewCountries: false } }, { settings: { holds: false } }]) {
      const { guard, account } = given(off);
      assert.deepEqual(await guard.admit(account, [BERLIN], [PARIS], NOW), [{ hold: null, abroad: true }]);
    }
  });

  test('a country that is denied is refused where nothing is held, too', async () => {
    const { guard, account } = given({ settings: { holds: false }, decisions: [decided('FR', 'denied')] });
    await assert.rejects(guard.admit(account, [BERLIN], [PARIS], NOW), { reason: 'country_denied' });
  });

  test('where no call costs anything countries do not matter, but rules do', async () => {
    const { guard, account } = given({ settings: { watched: false } });
    assert.deepEqual(await guard.admit(account, [BERLIN], [PARIS], NOW), [FREE]);
    await assert.rejects(guard.admit(account, [BERLIN], [PREMIUM], NOW), { reason: 'premium', pointer: '/to' });
  });

  test('a refusal is counted by its rule and repeats no digit of the number', async () => {
    const { guard, account, counted } = given();
    await assert.rejects(guard.admit(account, [BERLIN], [PREMIUM], NOW), (error) => {
      assert.ok(error instanceof FaxError);
      assert.doesNotMatch(error.message, /\d/);
      return true;
    });
    assert.deepEqual(counted, ['destinations_refused_total {"reason":"premium"}']);
  });

  test('a line of a kind that the account does not call is refused where the numbering plan tells it', async () => {
    const { guard, account } = given({ policy: { neverDial: ['mobile'] } });
    await assert.rejects(guard.admit(account, [BERLIN], [parseE164('+491711234567')], NOW), { reason: 'line_type' });
    assert.deepEqual(await guard.admit(account, [CHICAGO], [CHICAGO], NOW), [FREE]);
  });
});

describe('a fax before its call', () => {
  test('is called when nothing has changed', async () => {
    assert.equal(await given().recheck(BERLIN), undefined);
  });

  test('is not when the rules of the gateway deny it by now', async () => {
    const { recheck, counted } = given({ settings: { rules: { ...DEFAULT_RULES, deny: ['DE'] } } });
    assert.equal(await recheck(BERLIN), 'the gateway does not call this destination');
    assert.equal(counted.length, 1);
  });

  test('is not when the account’s own list, or an administrator, does', async () => {
    assert.match((await given({ policy: { destinations: ['AT'] } }).recheck(BERLIN)) ?? '', /the account may call/);
    assert.match((await given({ decisions: [decided('DE', 'denied')] }).recheck(BERLIN)) ?? '', /has denied/);
  });

  test('asks nobody of what kind the line is while the account calls all', async () => {
    const lineTypes = knows('mobile');
    assert.equal(await given({ lineTypes }).recheck(CHICAGO), undefined);
    assert.deepEqual(lineTypes.asked, []);
  });

  test('asks where the numbering plan does not tell it, once a month', async () => {
    const lineTypes = knows('mobile');
    const { recheck, clock } = given({ lineTypes, policy: { neverDial: ['mobile'] } });
    assert.equal(await recheck(CHICAGO), 'the account does not call lines of this kind');
    assert.equal(await recheck(CHICAGO), 'the account does not call lines of this kind');
    assert.equal(await recheck(BERLIN), undefined, 'a landline by its plan');
    assert.deepEqual(lineTypes.asked, [CHICAGO]);
    clock.advance(31 * 24 * HOUR);
    await recheck(CHICAGO);
    assert.equal(lineTypes.asked.length, 2);
  });

  test('is called when nobody knows, unless the account says otherwise', async () => {
    const neverDial = ['mobile'] as const;
    for (const lineTypes of [knows('unknown'), undefined]) {
      const asked = lineTypes === undefined ? {} : { lineTypes };
      assert.equal(await given({ ...asked, policy: { neverDial } }).recheck(CHICAGO), undefined);
      const closed = given({ ...asked, policy: { neverDial, unknownLine: 'refuse' } });
      assert.match((await closed.recheck(CHICAGO)) ?? '', /of this kind/);
    }
  });

  test('does not wait for ever for an answer, and says so in the log without the number', async () => {
    let aborted = false;
    const silent: LineTypes = {
      name: 'silent',
      lookup: (_number, signal) =>
        new Promise(() => {
          signal.addEventListener('abort', () => {
            aborted = true;
          });
        }),
    };
    const { recheck, clock, log, lines } = given({ lineTypes: silent, policy: { neverDial: ['mobile'] } });
    const answer = recheck(CHICAGO);
    // The look at what is known comes first.
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    clock.advance(5_000);
    assert.equal(await answer, undefined);
    assert.equal(aborted, true);
    assert.equal(lines.size, 0, 'no answer is no knowledge');
    assert.equal(log.lines.length, 1);
    assert.doesNotMatch(log.lines[0] ?? '', /312/);
  });

  test('a lookup that fails leaves its words, which may hold the number, out of the log', async () => {
    const broken: LineTypes = {
      name: 'broken',
      lookup: async (number) => Promise.reject(new TypeError(`no ${number}`)),
    };
    const { recheck, log } = given({ lineTypes: broken, policy: { neverDial: ['mobile'] } });
    assert.equal(await recheck(CHICAGO), undefined);
    assert.match(log.lines[0] ?? '', /TypeError/);
    assert.doesNotMatch(log.lines[0] ?? '', /312/);
  });
});
