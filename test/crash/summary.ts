import type { Verdict } from './judge.ts';

/** What trials have shown together. */
export type Total = Readonly<
  Record<
    'kills' | 'faxes' | 'lost' | 'twice' | 'falselyDelivered' | 'uncertain' | 'cutInsidePage' | 'orphans' | 'other',
    number
  >
>;

export function emptyTotal(): Total {
  return {
    kills: 0,
    faxes: 0,
    lost: 0,
    twice: 0,
    falselyDelivered: 0,
    uncertain: 0,
    cutInsidePage: 0,
    orphans: 0,
    other: 0,
  };
}

/** `total` with another trial in it. */
export function withVerdict(
  total: Total,
  trial: { readonly kills: number; readonly faxes: number },
  verdict: Verdict,
): Total {
  return {
    kills: total.kills + trial.kills,
    faxes: total.faxes + trial.faxes,
    lost: total.lost + verdict.lost.length,
    twice: total.twice + verdict.twice.length,
    falselyDelivered: total.falselyDelivered + verdict.falselyDelivered.length,
    uncertain: total.uncertain + verdict.uncertain,
    cutInsidePage: total.cutInsidePage + verdict.cutInsidePage,
    orphans: total.orphans + verdict.orphans.length,
    other: total.other + verdict.needlesslyUncertain.length + verdict.strange.length,
  };
}

/** All of it in one line. */
export function summaryOf(total: Total): string {
  return [
    `kills ${total.kills}`,
    `faxes ${total.faxes}`,
    `lost ${total.lost}`,
    `twice ${total.twice}`,
    `false delivered ${total.falselyDelivered}`,
    `uncertain ${total.uncertain} (≤ calls that the telephone saw inside a page: ${total.cutInsidePage})`,
    `orphans ${total.orphans}`,
    ...(total.other === 0 ? [] : [`other faults ${total.other}`]),
  ].join(', ');
}

/** Every fault by name. */
export function faultLines(verdict: Verdict): string[] {
  const { uncertain, cutInsidePage, ...lists } = verdict;
  return Object.entries(lists).flatMap(([fault, found]) => found.map((one) => `${fault}: ${one}`));
}
