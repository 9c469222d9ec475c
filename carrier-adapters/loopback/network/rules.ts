import type { PaperWidth } from '../../../gateway/fax/fax.ts';
import type { E164 } from '../../../gateway/fax/number.ts';

/** What the subscriber behind a number does when it is called. `page` counts the pages of one call from 1. */
export type Behaviour =
  | { readonly does: 'answer' }
  | { readonly does: 'busy' }
  | { readonly does: 'no_answer' }
  | { readonly does: 'voice' }
  | { readonly does: 'out_of_service' }
  /** The network, not the subscriber: no line is free to reach it. */
  | { readonly does: 'no_circuit' }
  | { readonly does: 'refuse_training' }
  /** Disconnects in the middle of the page. */
  | { readonly does: 'hang_up'; readonly page: number }
  /** Takes the whole page and disconnects without a word: nobody knows whether it is on paper. */
  | { readonly does: 'vanish'; readonly page: number }
  /** Answers the page with RTN (bad copy: retrain, send again), `times` times. */
  | { readonly does: 'rtn'; readonly page: number; readonly times: number };

/** One line of the numbering plan. */
export interface Rule {
  /** Digits after `+`; `x` stands for any digit, a `*` at the end for any rest. */
  readonly number: string;
  readonly behaviour: Behaviour;
  /** From the first ring to the answer, seconds. */
  readonly ringSeconds?: number | undefined;
  /** Fastest rate of the machine, bit/s. */
  readonly rate?: number | undefined;
  /** Widest paper of the machine; A4 when left out. */
  readonly paper?: PaperWidth | undefined;
  /** CSI of the machine; its number when left out. */
  readonly remoteId?: string | undefined;
  /** The rule holds for so many calls to each number; later calls fall to the rules after it. */
  readonly calls?: number | undefined;
}

/** A numbering plan. Rules are tried in order. */
export interface NumberingPlan {
  /** The first of the rules that hold for `to`, counting the call; undefined when none does. */
  find(to: E164): Rule | undefined;
}

/** Numbers whose calls are counted for `calls`; beyond it the oldest count is forgotten. */
const COUNTED_NUMBERS = 10_000;

/** Whether `pattern` covers `number`. */
export function covers(pattern: string, number: string): boolean {
  const open = pattern.endsWith('*');
  const head = open ? pattern.slice(0, -1) : pattern;
  if (open ? number.length < head.length : number.length !== head.length) return false;
  for (let at = 0; at < head.length; at++) {
    if (head[at] !== 'x' && head[at] !== number[at]) return false;
  }
  return true;
}

/** A plan over `rules`; it remembers how often each limited rule was used for each number. */
export function createPlan(rules: readonly Rule[]): NumberingPlan {
  const used = new Map<string, number>();
  const holds = (rule: Rule, index: number, to: E164): boolean => {
    if (!covers(rule.number, to)) return false;
    if (rule.calls === undefined) return true;
    const key = `${index} ${to}`;
    const count = (used.get(key) ?? 0) + 1;
    if (count > rule.calls) return false;
    used.set(key, count);
    forgetOldest(used);
    return true;
  };
  return { find: (to) => rules.find((rule, index) => holds(rule, index, to)) };
}

function forgetOldest(used: Map<string, number>): void {
  const oldest = used.size > COUNTED_NUMBERS ? used.keys().next().value : undefined;
  if (oldest !== undefined) used.delete(oldest);
}

const PAGES = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

/**
 * Numbers that every loopback network has, in the range +1 555 01… that no telephone company assigns to subscribers.
 * The README of this folder lists them.
 */
export const BUILT_IN: readonly Rule[] = [
  { number: '+1555010xxxx', behaviour: { does: 'answer' } },
  { number: '+1555011xxxx', behaviour: { does: 'busy' } },
  { number: '+1555012xxxx', behaviour: { does: 'no_answer' } },
  { number: '+1555013xxxx', behaviour: { does: 'voice' } },
  { number: '+1555014xxxx', behaviour: { does: 'out_of_service' } },
  ...PAGES.map((page): Rule => ({ number: `+1555015${page}xxx`, behaviour: { does: 'hang_up', page } })),
  ...PAGES.map((page): Rule => ({ number: `+1555016${page}xxx`, behaviour: { does: 'rtn', page, times: 1 } })),
  { number: '+1555017xxxx', behaviour: { does: 'refuse_training' } },
  ...PAGES.map((page): Rule => ({ number: `+1555018${page}xxx`, behaviour: { does: 'vanish', page } })),
  { number: '+15550192xxx', behaviour: { does: 'answer' }, paper: 'b4' },
  { number: '+15550193xxx', behaviour: { does: 'answer' }, paper: 'a3' },
  { number: '+15550190xxx', behaviour: { does: 'busy' }, calls: 2 },
  { number: '+15550191xxx', behaviour: { does: 'hang_up', page: 2 }, calls: 1 },
];

/** Whoever is called without a rule: a fax machine that answers. */
export const ANYONE: Rule = { number: '+*', behaviour: { does: 'answer' } };
