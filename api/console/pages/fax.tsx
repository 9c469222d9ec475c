import { useState } from 'preact/hooks';
import type { Admin, AdminFax, CallInfo, CallStory, FaxExplanation, FaxProgress } from '../../client/browser.ts';
import { useAccountNames } from '../accounts.ts';
import {
  Button,
  ButtonLink,
  Confirm,
  Empty,
  Facts,
  Loading,
  Notice,
  Outcome,
  PageHead,
  Panel,
  Time,
} from '../components/index.ts';
import { FaxMark, ResultMark } from '../components/state.tsx';
import { count, counted, duration, words } from '../format.ts';
import type { PageParts } from '../pages.tsx';
import { href } from '../router.ts';
import { may, useAct, useLoad, useSession } from '../session.tsx';
import { useWatch } from '../watch.ts';
import { CallLadderOf } from './call-ladder.tsx';
import { FaxPages } from './fax-pages.tsx';
import { FaxReceipts } from './fax-receipts.tsx';
import { FaxReview } from './fax-review.tsx';
import { FaxWay } from './fax-way.tsx';

/** A fax and what is said of it. */
interface Seen {
  readonly fax: AdminFax;
  readonly why: FaxExplanation;
  /** Of its journal, among them one that is live. */
  readonly calls: readonly CallInfo[];
}

const seenOf = (progress: FaxProgress | undefined, why: FaxExplanation | undefined): Seen | undefined =>
  progress === undefined || why === undefined ? undefined : { ...progress, why };

/** One fax: how it stands, why, its calls with their ladders, its pages, and the proof that it is gone. */
export function Fax({ parameters: { id = '' } }: PageParts) {
  const progress = useWatch((admin, signal) => admin.faxes.watch(id, signal), [id]);
  // What there is to say of it changes with it.
  const why = useLoad((admin) => admin.why(id), [id, progress.value?.tag]);
  const sent = progress.value?.fax.direction !== 'inbound';
  const waits = typeof progress.value?.fax.reviewUntil === 'string';
  const seen = {
    ...progress,
    value: seenOf(progress.value, why.value),
    fault: progress.fault ?? why.fault,
    loading: progress.loading || why.loading,
  };
  return (
    <>
      <PageHead title={waits ? 'A fax before it goes' : sent ? 'A sent fax' : 'A received fax'}>
        <a href={href('/faxes')}>All faxes</a>
      </PageHead>
      <Loading from={seen}>
        {(value) => (
          <>
            <FaxReview fax={value.fax} onChanged={progress.reload} />
            <Standing seen={value} onChanged={progress.reload} />
            <FaxWay fax={value.fax} calls={value.calls} />
            <Calls seen={value} />
            {value.fax.reviewUntil === null ? <FaxPages fax={value.fax} /> : null}
            <FaxReceipts fax={value.fax} />
          </>
        )}
      </Loading>
    </>
  );
}

function Standing({ seen, onChanged }: { readonly seen: Seen; readonly onChanged: () => void }) {
  const { fax, why } = seen;
  return (
    <Panel title="How it stands" aside={<FaxMark state={fax.state} />}>
      <div aria-live="polite">
        <p>
          <strong>{why.summary}</strong>
        </p>
        {why.action === '' ? null : <p>{why.action}</p>}
      </div>
      <Wishes fax={fax} onChanged={onChanged} />
      <Properties fax={fax} />
    </Panel>
  );
}

function Properties({ fax }: { readonly fax: AdminFax }) {
  const nameOf = useAccountNames();
  const sent = fax.direction === 'outbound';
  const tags = Object.entries(fax.tags);
  return (
    <Facts
      of={[
        ['Account', <a href={href('/accounts/:account', { account: fax.account })}>{nameOf(fax.account)}</a>],
        ['From', fax.from ?? '–'],
        ['To', fax.to],
        ['Far machine calls itself', fax.remoteId ?? '–'],
        ...(fax.subaddress === null ? [] : [['Subaddress', fax.subaddress] as const]),
        ['Pages', sent ? `${count(fax.pagesConfirmed)} of ${count(fax.pages)} confirmed` : count(fax.pages)],
        ...(sent ? outboundFacts(fax) : inboundFacts(fax)),
        ...(fax.held === null ? [] : [['Waits for', heldText(fax.held)] as const]),
        ['Image', fax.imageExists ? 'exists, encrypted' : 'erased'],
        ...(tags.length === 0 ? [] : [['Tags', tags.map(([name, value]) => `${name}: ${value}`).join(', ')] as const]),
        ['Fax', <code>{fax.id}</code>],
      ]}
    />
  );
}

const heldText = ({ place, until }: NonNullable<AdminFax['held']>) => (
  <>
    an approval of {place} until <Time at={until} />
  </>
);

/** A user of the account, or the administrator who has sent it for the account. */
function SentBy({ fax: { account, user } }: { readonly fax: AdminFax }) {
  const { me } = useSession();
  const users = useLoad((admin) => admin.users(account), [account]);
  if (user === null || users.value === undefined) return <>–</>;
  if (user === me.id) return <>you</>;
  const found = users.value.find(({ id }) => id === user);
  if (found !== undefined) return <a href={href('/accounts/:account/users/:user', { account, user })}>{found.name}</a>;
  return (
    <>
      an administrator (<code>{user}</code>)
    </>
  );
}

function outboundFacts(fax: AdminFax) {
  return [
    ['Sent by', <SentBy fax={fax} />],
    ['Calls', `${count(fax.attempts)} of at most ${count(fax.retries + 1)}`],
    ['Next call', fax.state === 'queued' ? <Time at={fax.nextCallAt} ago /> : '–'],
    ['Accepted', <Time at={fax.createdAt} />],
    ['Ended', <Time at={fax.finishedAt} />],
    ...(fax.scheduledAt === null ? [] : [['Not before', <Time at={fax.scheduledAt} />] as const]),
    ...(fax.deadline === null ? [] : [['Deadline', <Time at={fax.deadline} />] as const]),
    ['Resolution', fax.resolution],
    ['Priority', String(fax.priority)],
  ] as const;
}

function inboundFacts(fax: AdminFax) {
  return [
    ['Received', <Time at={fax.createdAt} />],
    ['Leased until', <Time at={fax.leasedUntil} />],
    ['Acknowledged', <Time at={fax.acknowledgedAt} />],
  ] as const;
}

/** What an operator may want of a fax. */
type Wish = 'cancel' | 'rest' | 'all';

const CANCELABLE: readonly AdminFax['state'][] = ['accepted', 'rendering', 'held', 'queued', 'dialing', 'sending'];

const ENDED_BADLY: readonly AdminFax['state'][] = ['partial', 'failed', 'canceled'];

function Wishes({ fax, onChanged }: { readonly fax: AdminFax; readonly onChanged: () => void }) {
  const [asked, setAsked] = useState<Wish | undefined>(undefined);
  const act = useAct();
  const { me } = useSession();
  const cancels = fax.direction === 'outbound' && CANCELABLE.includes(fax.state);
  const resends = fax.state === 'uncertain' && fax.imageExists;
  const fulfil = async (wish: Wish) => {
    const done = await act.run((admin) => wished(admin, fax.id, wish));
    setAsked(undefined);
    if (done) onChanged();
  };
  // Its pages are gone: the documents have to come again.
  const repeats = fax.direction === 'outbound' && ENDED_BADLY.includes(fax.state) && !fax.imageExists;
  if (!may(me, 'operator') || (!cancels && !resends && !repeats)) return <Outcome act={act} />;
  return (
    <>
      <Outcome act={act} />
      <p class="actions">
        {cancels ? (
          <Button kind="danger" onPress={() => setAsked('cancel')}>
            Cancel this fax
          </Button>
        ) : null}
        {repeats ? (
          <ButtonLink to={href('/send', {}, { account: fax.account, to: fax.to })}>
            Send another to this number
          </ButtonLink>
        ) : null}
        {resends ? <Button onPress={() => setAsked('rest')}>Send the rest again</Button> : null}
        {resends ? <Button onPress={() => setAsked('all')}>Send all of it again</Button> : null}
      </p>
      {asked === undefined ? null : (
        <Confirm
          title={QUESTIONS[asked].title}
          verb={QUESTIONS[asked].verb}
          danger
          busy={act.busy}
          onConfirm={() => void fulfil(asked)}
          onClose={() => setAsked(undefined)}
        >
          <p>{QUESTIONS[asked].text}</p>
        </Confirm>
      )}
    </>
  );
}

const QUESTIONS: Readonly<Record<Wish, { readonly title: string; readonly verb: string; readonly text: string }>> = {
  cancel: {
    title: 'Cancel this fax?',
    verb: 'Cancel it',
    text: 'A call in progress is ended. Pages that are on paper already stay there. The account sees the fax as canceled, and your name stands in the audit log.',
  },
  rest: {
    title: 'Send the rest again?',
    verb: 'Send the rest',
    text: 'The fax goes on with the first page that was not confirmed. That page may come out twice at the receiver.',
  },
  all: {
    title: 'Send all of it again?',
    verb: 'Send all',
    text: 'Every page is sent again. Pages that arrived the first time come out twice at the receiver.',
  },
};

/** Does what was wished, and says what came of it. */
async function wished(admin: Admin, id: string, wish: Wish): Promise<string> {
  if (wish !== 'cancel') {
    await admin.faxes.resend(id, wish);
    return 'The fax is in the queue again.';
  }
  const result = await admin.faxes.cancel(id);
  return result === 'ended' ? 'The fax is canceled.' : 'The call is being ended.';
}

function Calls({ seen: { fax, why, calls } }: { readonly seen: Seen }) {
  const live = calls.find(({ state }) => state !== 'ended');
  const none = live === undefined && why.calls.length === 0;
  return (
    <Panel title={`Calls (${count(why.calls.length + (live === undefined ? 0 : 1))})`}>
      {none ? (
        <Empty title="No call yet">
          <p>The gateway calls as soon as the pages are made, a channel is free and the time has come.</p>
        </Empty>
      ) : null}
      {live === undefined ? null : <LiveCall call={live} fax={fax} />}
      {why.calls.toReversed().map((story, index) => (
        <Story key={story.call ?? story.endedAt} story={story} number={why.calls.length - index} last={index === 0} />
      ))}
    </Panel>
  );
}

function LiveCall({ call, fax }: { readonly call: CallInfo; readonly fax: AdminFax }) {
  const total = fax.pages ?? 0;
  return (
    <Notice title={`A call over ${call.carrier} is in progress.`}>
      <span>
        Page {count(Math.max(call.pageStarted, call.firstPage))}
        {total === 0 ? '' : ` of ${count(total)}`}, {counted(call.pagesConfirmed, 'page')} confirmed, since{' '}
        <Time at={call.startedAt} />
      </span>
    </Notice>
  );
}

/** One ended call in plain words, with what was said on the line. */
function Story({
  story,
  number,
  last,
}: {
  readonly story: CallStory;
  readonly number: number;
  readonly last: boolean;
}) {
  const { call, carrier, startedAt, endedAt, result, cause, detail, met } = story;
  const length = new Date(endedAt).getTime() - new Date(startedAt).getTime();
  return (
    <section class="story" aria-label={call === null ? 'The end without a call' : `Call ${number}`}>
      <div class="panel-head">
        <h3>{call === null ? 'Ended without a call' : `Call ${number} over ${carrier ?? 'no carrier'}`}</h3>
        <ResultMark result={result} />
      </div>
      <p class="quiet">
        <Time at={startedAt} />, {duration(length)}
        {cause === 'ok' ? '' : `, ${words(cause)}`}
        {detail === '' ? '' : ` (${detail})`}
      </p>
      <ul class="met">
        {met.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {call === null ? null : (
        <>
          <CallLadderOf call={call} open={last} />
          <p>
            <a href={href('/calls/:id', { id: call })}>Everything about this call</a>
          </p>
        </>
      )}
    </section>
  );
}
