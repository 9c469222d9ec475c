import type { ComponentChildren } from 'preact';
import type { Delivery } from '../../../client/browser.ts';
import { Button, Empty, Mark, type MarkKind, Table, Time } from '../../components/index.ts';
import { count, words } from '../../format.ts';

/** Every state of a delivery: how it is meant, and what a person reads. */
const DELIVERY_STATES: Readonly<Record<Delivery['state'], readonly [MarkKind, string]>> = {
  pending: ['busy', 'on its way'],
  delivered: ['good', 'delivered'],
  given_up: ['bad', 'given up'],
};

/** Choices of a state. */
export const STATE_CHOICES: readonly (readonly [string, string])[] = [
  ['', 'all'],
  ...Object.entries(DELIVERY_STATES).map(([one, [, text]]) => [one, text] as const),
];

/** A state of the address bar, when it is one. */
export function deliveryState(text: string): Delivery['state'] | undefined {
  return text === 'pending' || text === 'delivered' || text === 'given_up' ? text : undefined;
}

/** What was posted, what came of it, and the button that posts it again. */
export function DeliveryTable<T extends Delivery>({
  deliveries,
  busy,
  to,
  onRetry,
}: {
  readonly deliveries: readonly T[];
  readonly busy: boolean;
  /** Where it is posted, in words. */
  readonly to: (delivery: T) => ComponentChildren;
  readonly onRetry: (delivery: T) => void;
}) {
  return (
    <Table
      caption="Deliveries, the newest first"
      quiet
      empty={<Empty title="No deliveries" />}
      rows={deliveries}
      rowKey={({ id }) => id}
      columns={[
        { heading: 'Event', cell: ({ type }) => <code>{type}</code> },
        { heading: 'To', cell: to, wide: true },
        {
          heading: 'State',
          cell: ({ state }) => <Mark kind={DELIVERY_STATES[state][0]}>{DELIVERY_STATES[state][1]}</Mark>,
        },
        { heading: 'Answer', cell: answerOf },
        { heading: 'Tries', end: true, cell: ({ attempts }) => count(attempts) },
        { heading: 'Made', cell: ({ createdAt }) => <Time at={createdAt} /> },
        { heading: 'Next try', cell: ({ nextAt }) => <Time at={nextAt} />, wide: true },
        {
          heading: 'Do',
          cell: (one) =>
            one.state === 'delivered' ? null : (
              <Button busy={busy} label={`Post again: ${one.type}`} onPress={() => onRetry(one)}>
                Post again
              </Button>
            ),
        },
      ]}
    />
  );
}

/** `404`, `name unresolved`. */
function answerOf({ lastStatus, lastError }: Delivery): string {
  if (lastStatus !== null) return String(lastStatus);
  return lastError === null ? '–' : words(lastError);
}
