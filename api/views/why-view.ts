import type { Fax } from '../../gateway/fax/fax.ts';
import type { CallStory, Explanation } from '../../gateway/fax/why.ts';
import type { WhyView } from '../schemas/index.ts';
import { isoTime } from '../schemas/shape.ts';

/** An explanation as callers see it. */
export function whyView({ id, direction, state, cause }: Fax, { summary, action, calls }: Explanation): WhyView {
  return { fax: id, direction, state, cause, summary, action, calls: calls.map(storyView) };
}

function storyView({ cdr, met }: CallStory): WhyView['calls'][number] {
  const { call, carrier, startedAt, endedAt, result, cause, detail } = cdr;
  const times = { startedAt: isoTime(startedAt), endedAt: isoTime(endedAt) };
  return { call, carrier, ...times, result, cause, detail, met: [...met] };
}
