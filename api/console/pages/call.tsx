import type { Admin, CallStory, EndedCall, LineReport, RouteDecision } from '../../client/browser.ts';
import { useAccountNames } from '../accounts.ts';
import { Facts, Loading, Mark, PageHead, Panel, Table, Time } from '../components/index.ts';
import { Ladder } from '../components/ladder.tsx';
import { ResultMark } from '../components/state.tsx';
import { count, duration, money, words } from '../format.ts';
import type { PageParts } from '../pages.tsx';
import { placeName } from '../places.ts';
import { href } from '../router.ts';
import { useLoad } from '../session.tsx';

/** A call and what its fax's explanation says of it. */
interface Seen {
  readonly call: EndedCall;
  readonly story: CallStory | undefined;
  /** What a person should do. */
  readonly action: string;
}

async function seenOf(admin: Admin, id: string): Promise<Seen> {
  const call = await admin.call(id);
  const { calls, action } = await admin.why(call.fax);
  // Of an earlier call the gateway has made the best itself: by calling again.
  const last = calls.at(-1)?.call === id;
  return { call, story: calls.find((one) => one.call === id), action: last ? action : call.action };
}

/** One call that has ended: why it ended so and what to do, its record, and what was said on the line. */
export function Call({ parameters: { id = '' } }: PageParts) {
  const seen = useLoad((admin) => seenOf(admin, id), [id]);
  return (
    <>
      <PageHead title="A call">
        <a href={href('/calls')}>All calls</a>
      </PageHead>
      <Loading from={seen}>
        {({ call, story, action }) => (
          <>
            <End call={call} story={story} action={action} />
            <CallRecord call={call} />
            <Line line={call.line} />
            <Route route={call.route} />
            <Panel title="What was said on the line">
              {call.ladder === null || call.ladder.steps.length === 0 ? (
                <p class="quiet">This carrier does not tell what was said on the line.</p>
              ) : (
                <Ladder of={call.ladder} />
              )}
            </Panel>
          </>
        )}
      </Loading>
    </>
  );
}

function End({ call, story, action }: Seen) {
  const { result, cause, detail } = call;
  const failed = cause !== 'ok';
  return (
    <Panel title={failed ? 'Why it ended so' : 'How it ended'} aside={<ResultMark result={result} />}>
      <p>
        <strong>{failed ? `Cause: ${words(cause)}.` : 'Every page was confirmed.'}</strong>
        {detail === '' ? '' : ` ${detail}`}
      </p>
      <ul class="met">
        {(story?.met ?? []).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {failed ? (
        <p>
          What to do: <strong>{action}</strong>
        </p>
      ) : null}
    </Panel>
  );
}

function CallRecord({ call }: { readonly call: EndedCall }) {
  const nameOf = useAccountNames();
  return (
    <Panel title="Record">
      <Facts
        of={[
          ['Fax', <a href={href('/faxes/:id', { id: call.fax })}>its page</a>],
          ['Account', <a href={href('/accounts/:account', { account: call.account })}>{nameOf(call.account)}</a>],
          ['Way', call.direction === 'outbound' ? 'sent' : 'received'],
          ['From', call.from ?? '–'],
          ['To', call.to],
          ['Country of the far side', call.country === null ? '–' : placeName(call.country)],
          ['Far machine calls itself', call.remoteId ?? '–'],
          ['Carrier', call.carrier ?? '–'],
          ['Call number', count(call.attempt)],
          ['Began', <Time at={call.startedAt} />],
          ['Answered', <Time at={call.answeredAt} />],
          ['Ended', <Time at={call.endedAt} />],
          ['Length', duration(call.duration)],
          ['Pages confirmed', `${count(call.pagesSent)} of ${count(call.pages)}`],
          ['Cost', costOf(call)],
          ['Copy at the carrier', copyOf(call)],
          ['Wipe receipt', call.receipt === null ? 'not yet' : 'on the page of the fax'],
          ['Carrier’s reference', <code>{call.reference ?? '–'}</code>],
          ['Call', <code>{call.call}</code>],
        ]}
      />
    </Panel>
  );
}

function costOf({ billable, cost, currency, chargedSeconds }: EndedCall): string {
  if (cost === null || currency === null) return billable ? 'price not known' : 'not billable';
  const seconds = chargedSeconds === null ? '' : ` for ${duration(chargedSeconds * 1_000)}`;
  return `${money(cost, currency)}${seconds}`;
}

function copyOf({ purge }: EndedCall) {
  if (purge === null || purge === 'none') return 'none';
  if (purge === 'purged') return <Mark kind="good">erased</Mark>;
  return purge === 'pending' ? <Mark kind="busy">asked to erase</Mark> : <Mark kind="bad">still there</Mark>;
}

function Line({ line }: { readonly line: LineReport | null }) {
  return (
    <Panel title="The line at the end">
      {line === null ? (
        <p class="quiet">The machines agreed on nothing, or the carrier does not tell.</p>
      ) : (
        <Facts
          of={[
            ['Speed', `${count(line.rate)} bit/s`],
            ['Modulation', line.modulation],
            ['Compression', line.compression],
            ['Error correction', line.ecm ? 'on' : 'off'],
            ['Transport', line.t38 ? 'T.38' : 'audio'],
            ['Retrains', count(line.retrains)],
            ['Bad rows', count(line.badRows)],
          ]}
        />
      )}
    </Panel>
  );
}

function Route({ route }: { readonly route: RouteDecision | null }) {
  if (route === null) return null;
  const { rule, place, of, trial, leftOut } = route;
  return (
    <Panel title="Why this carrier">
      <Facts
        of={[
          ['Rule', rule ?? 'none fits: all carriers as the settings list them'],
          ['Place in its order', `${count(place)} of ${count(of)}`],
          ...(trial ? [['Trial', 'first call since the carrier had failed'] as const] : []),
        ]}
      />
      {leftOut.length === 0 ? null : (
        <Table
          caption="Carriers before it that were left out"
          rows={leftOut}
          rowKey={({ carrier }) => carrier}
          columns={[
            { heading: 'Carrier', cell: ({ carrier }) => carrier },
            { heading: 'Why not', cell: ({ why }) => words(why) },
          ]}
        />
      )}
    </Panel>
  );
}
