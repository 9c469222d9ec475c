import type { Account, Admin, Carrier, CarrierHealth, Me } from '../client/browser.ts';
import { href } from './address.ts';
import { counted } from './format.ts';

/** Something that waits for a person. */
export interface Alert {
  readonly kind: 'warning' | 'fault';
  /** What is so. */
  readonly title: string;
  /** What to do about it. */
  readonly advice: string;
  /** Where it is done. */
  readonly to: string;
}

/** What alerts are made of; a part that the person may not read is left out. */
export interface AlertSources {
  readonly accounts: readonly Account[];
  readonly carriers: readonly Carrier[];
  readonly health: readonly CarrierHealth[];
  readonly held: { readonly faxes: number; readonly places: number };
  /** Copies that carriers keep although they should be gone. */
  readonly kept: number;
  /** Copies of which it is not yet known. */
  readonly pending: number;
  readonly restoreHeld: boolean;
}

/** Reads what alerts are made of: of one account, as far as the person is for one. */
export function alertSources(admin: Admin, { scope }: Pick<Me, 'scope'>): Promise<AlertSources> {
  return scope === null ? ofAll(admin) : ofOne(admin, scope.id);
}

async function ofOne(admin: Admin, account: string): Promise<AlertSources> {
  const [accounts, places] = await Promise.all([admin.accounts(), admin.destinations(account)]);
  const waiting = places.filter(({ waiting }) => waiting > 0);
  const held = { faxes: waiting.reduce((sum, { waiting }) => sum + waiting, 0), places: waiting.length };
  return { accounts, carriers: [], health: [], held, kept: 0, pending: 0, restoreHeld: false };
}

async function ofAll(admin: Admin): Promise<AlertSources> {
  const [accounts, carriers, health, waiting, purges, restore] = await Promise.all([
    admin.accounts(),
    admin.carriers(),
    admin.carrierHealth(),
    admin.waitingDestinations(),
    admin.purges({ limit: 200 }),
    admin.restore(),
  ]);
  return {
    ...{ accounts, carriers, health },
    held: { faxes: waiting.reduce((sum, { faxes }) => sum + faxes, 0), places: waiting.length },
    kept: purges.items.filter(({ outcome }) => outcome === 'kept').length,
    pending: purges.items.filter(({ outcome }) => outcome === 'pending').length,
    restoreHeld: restore.held,
  };
}

/** What waits for a person, the gravest first. */
export function alertsOf(from: AlertSources): Alert[] {
  const alerts: Alert[] = [];
  if (from.restoreHeld)
    alerts.push({
      kind: 'fault',
      title: 'This gateway was restored from a backup and waits.',
      advice: 'It dials, answers and accepts nothing until somebody confirms that the lost gateway is off.',
      to: href('/host'),
    });
  if (from.kept > 0)
    alerts.push({
      kind: 'fault',
      title: `Carriers still keep ${counted(from.kept, 'copy', 'copies')} of faxes.`,
      advice: 'The carrier refused to erase them, or did not answer for a week. Try again, or ask the carrier.',
      to: href('/carriers'),
    });
  alerts.push(...from.health.flatMap(breakerAlert), ...from.carriers.flatMap(pauseAlert));
  if (from.held.faxes > 0)
    alerts.push({
      kind: 'warning',
      title: `${counted(from.held.faxes, 'fax', 'faxes')} to ${counted(from.held.places, 'new country', 'new countries')} ${from.held.faxes === 1 ? 'waits' : 'wait'} for a decision.`,
      advice: 'Approve or deny each country on the page of its account; faxes that nobody decides on fail.',
      to: href('/accounts'),
    });
  const paused = from.accounts.filter((account) => account.paused);
  if (paused.length > 0)
    alerts.push({
      kind: 'warning',
      title: `${counted(paused.length, 'account')} ${paused.length === 1 ? 'is' : 'are'} paused: ${paused.map(({ name }) => name).join(', ')}.`,
      advice: 'Paused accounts send nothing new; what is queued waits.',
      to: href('/accounts'),
    });
  return alerts;
}

function breakerAlert({ name, breaker: { phase, reason } }: CarrierHealth): Alert[] {
  if (phase === 'closed') return [];
  const state = phase === 'open' ? 'gets no calls' : 'is on trial, one call at a time';
  const advice = reason === '' ? 'Its last calls failed by its own fault.' : `${reason}.`;
  return [
    { kind: phase === 'open' ? 'fault' : 'warning', title: `Carrier ${name} ${state}.`, advice, to: href('/carriers') },
  ];
}

function pauseAlert({ name, paused, waiting }: Carrier): Alert[] {
  if (paused === null) return [];
  const reason = `Reason: ${paused.reason === '' ? 'none was given' : paused.reason}.`;
  const advice = waiting === 0 ? reason : `${reason} ${counted(waiting, 'fax', 'faxes')} due and waiting for it.`;
  return [{ kind: 'warning', title: `Carrier ${name} is paused.`, advice, to: href('/carriers') }];
}
