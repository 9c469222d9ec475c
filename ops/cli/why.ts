import type { CallStory, FaxExplanation } from '../../api/client/index.ts';
import type { Command } from './command.ts';
import { clean, moment } from './text.ts';

/** `sealfax why`. */
export const why: Command = {
  summary: 'why a fax failed, or stands as it does, and what to do',
  usage: 'FAX [--admin]',
  words: [1, 1],
  options: {
    admin: { type: 'boolean', about: 'a fax of any account; for administrators' },
  },
  more: 'What was said on the line, step by step: sealfax call FAX.',
  async run(context, args) {
    const [fax = ''] = args.words;
    const found = args.flag('admin')
      ? await (await context.admin()).why(fax)
      : await (await context.client()).faxes.why(fax);
    context.show(found, whyText(found));
    return 'ok';
  },
};

/** The answer, what to do, and the calls below each other. */
function whyText({ summary, action, calls }: FaxExplanation): string {
  return [clean(summary), `What to do: ${clean(action)}`, ...calls.map(storyText)].join('\n');
}

function storyText({ startedAt, met }: CallStory, place: number): string {
  return [`\nCall ${place + 1}, ${moment(startedAt)}`, ...met.map((sentence) => `  ${clean(sentence)}`)].join('\n');
}
