import type { Verdict } from './judge.ts';

/** The verdict in one line. */
export function summaryOf(trial: { readonly kills: number; readonly faxes: number }, verdict: Verdict): string {
  const { lost, twice, falselyDelivered, needlesslyUncertain, strange, orphans, uncertain, cutInsidePage } = verdict;
  const odd = needlesslyUncertain.length + strange.length;
  return [
    `kills ${trial.kills}`,
    `faxes ${trial.faxes}`,
    `lost ${lost.length}`,
    `twice ${twice.length}`,
    `false delivered ${falselyDelivered.length}`,
    `uncertain ${uncertain} (calls cut inside a page: ${cutInsidePage})`,
    `orphans ${orphans.length}`,
    ...(odd === 0 ? [] : [`other faults ${odd}`]),
  ].join(', ');
}

/** Every fault by name. */
export function faultLines(verdict: Verdict): string[] {
  const { uncertain, cutInsidePage, ...lists } = verdict;
  return Object.entries(lists).flatMap(([fault, found]) => found.map((one) => `${fault}: ${one}`));
}
