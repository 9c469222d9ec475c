import type { RestoreState } from '../../api/client/index.ts';
import type { Command } from './command.ts';

/** `sealfax restore status|confirm`: for administrators of the running gateway. */
export const restorationCommands: Readonly<Record<string, Command>> = {
  'restore status': {
    summary: 'whether the gateway waits for its operator after a restore',
    usage: '',
    words: [0, 0],
    options: {},
    async run(context) {
      const state = await (await context.admin()).restore();
      context.show(state, textOf(state));
      return 'ok';
    },
  },
  'restore confirm': {
    summary: 'the lost gateway calls nobody any more: dial, answer and accept again',
    usage: '',
    words: [0, 0],
    options: {},
    async run(context) {
      const admin = await context.admin();
      const before = await admin.restore();
      const state = await admin.confirmRestore();
      context.show(state, before.held ? 'confirmed: the gateway dials, answers and accepts again' : textOf(state));
      return 'ok';
    },
  },
};

function textOf({ held, backup, takenAt, restoredAt, ended }: RestoreState): string {
  if (!held) return 'no restore waits to be confirmed';
  const { uncertain = 0, failed = 0, delivered = 0, receiving = 0 } = ended ?? {};
  return [
    `held since ${restoredAt}: restored from ${backup}, taken ${takenAt}`,
    `under way then: ${uncertain} uncertain, ${failed} failed, ${delivered} delivered, ${receiving} incoming calls lost`,
  ].join('\n');
}
