import type { Fax } from '../../gateway/fax/fax.ts';
import type { CallStory, Explanation } from '../../gateway/fax/why.ts';
import type { WhyView } from '../schemas/index.ts';
import { isoTime } from '../schemas/shape.ts';

/** What the words of a carrier go through on their way to the caller: they should hold no number, but are its own. */
type Words = (text: string) => string;

/** An explanation as callers see it. */
export function whyView(
  { id, direction, state, cause }: Fax,
  { summary, action, calls }: Explanation,
  words: Words = (text) => text,
): WhyView {
  const stories = calls.map((story) => storyView(story, words));
  return { fax: id, direction, state, cause, summary: words(summary), action, calls: stories };
}

function storyView({ cdr, met }: CallStory, words: Words): WhyView['calls'][number] {
  const { call, carrier, startedAt, endedAt, result, cause, detail } = cdr;
  const times = { startedAt: isoTime(startedAt), endedAt: isoTime(endedAt) };
  return { call, carrier, ...times, result, cause, detail: words(detail), met: met.map(words) };
}
