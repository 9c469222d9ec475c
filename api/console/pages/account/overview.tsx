import { useState } from 'preact/hooks';
import type { Account, Payer, Spending } from '../../../client/browser.ts';
import {
  Button,
  Confirm,
  Facts,
  FaultNotice,
  Form,
  Loading,
  Notice,
  Outcome,
  Panel,
  TextField,
  Time,
} from '../../components/index.ts';
import { AskReason } from '../../components/reason.tsx';
import { counted, money } from '../../format.ts';
import { useMay } from '../../rights.ts';
import { href } from '../../router.ts';
import { useAct, useLoad } from '../../session.tsx';
import type { AccountParts } from '../account.tsx';
import { AccountState } from '../accounts.tsx';
import { Addresses } from '../addresses.tsx';
import { Closing } from './closing.tsx';

/** What an account is, whether it may send, and what it has spent. */
export function AccountOverview({ account, onChanged }: AccountParts) {
  const { id, title, cidrs, createdAt, pausedReason } = account;
  const mayChange = useMay('admin', 'own');
  return (
    <>
      <Panel
        title="State"
        aside={account.closedAt === null ? <Switches account={account} onChanged={onChanged} /> : undefined}
      >
        {account.disabled && account.closedAt === null ? (
          <Notice kind="fault" title="Disabled.">
            Nobody of it can log in, and it gets no faxes.
          </Notice>
        ) : null}
        {account.paused ? (
          <Notice kind="warning" title="Paused.">
            {pausedReason ?? 'Nobody said why.'}
          </Notice>
        ) : null}
        <Facts
          of={[
            ['State', <AccountState key="state" account={account} />],
            ['Title', title === '' ? '–' : title],
            ['Id', <code key="id">{id}</code>],
            ['Added', <Time key="added" at={createdAt} />],
            [
              'Its faxes',
              <a key="faxes" href={href('/faxes', {}, { account: id })}>
                show them
              </a>,
            ],
            [
              'Its calls',
              <a key="calls" href={href('/calls', {}, { account: id })}>
                show them
              </a>,
            ],
          ]}
        />
      </Panel>
      <Budget account={id} />
      {mayChange ? <Title account={account} onChanged={onChanged} /> : null}
      <Panel title="From where its users may come">
        <Addresses
          cidrs={cidrs}
          fixed={!mayChange}
          hint="For all of its users; a user may have a narrower list. Sessions from elsewhere end at once."
          save={(admin, rules) => admin.changeAccount(id, { cidrs: rules })}
          onSaved={onChanged}
        />
      </Panel>
      <Closing account={account} onChanged={onChanged} />
    </>
  );
}

/** Pause, resume, disable and enable. */
function Switches({ account: { id, name, paused, disabled }, onChanged }: AccountParts) {
  const [asked, setAsked] = useState<'pause' | 'disable' | undefined>(undefined);
  const act = useAct();
  const [mayPause, mayDisable] = [useMay('operator'), useMay('admin')];
  const done = () => {
    setAsked(undefined);
    onChanged();
  };
  const resume = async () => {
    if (await act.run((admin) => admin.resumeAccount(id))) done();
  };
  const disable = async (off: boolean) => {
    if (await act.run((admin) => admin.changeAccount(id, { disabled: off }))) done();
  };
  return (
    <div class="actions">
      {asked === undefined ? <FaultNotice fault={act.fault} /> : null}
      {!mayPause ? null : paused ? (
        <Button kind="main" busy={act.busy} onPress={() => void resume()}>
          Resume
        </Button>
      ) : (
        <Button onPress={() => setAsked('pause')}>Pause</Button>
      )}
      {!mayDisable ? null : disabled ? (
        <Button busy={act.busy} onPress={() => void disable(false)}>
          Enable
        </Button>
      ) : (
        <Button kind="danger" onPress={() => setAsked('disable')}>
          Disable
        </Button>
      )}
      {asked === 'pause' ? (
        <AskReason
          title={`Pause ${name}`}
          verb="Pause"
          job={(reason) => (admin) => admin.pauseAccount(id, reason)}
          onDone={done}
          onClose={() => setAsked(undefined)}
        >
          <p>It gets no new faxes and calls for now. Live calls go on; faxes that wait are kept.</p>
        </AskReason>
      ) : null}
      {asked === 'disable' ? (
        <Confirm
          title={`Disable ${name}`}
          verb="Disable"
          danger
          busy={act.busy}
          onConfirm={() => void disable(true)}
          onClose={() => setAsked(undefined)}
        >
          <FaultNotice fault={act.fault} />
          <p>All its sessions end now, and nobody of it can log in any more until it is enabled again.</p>
        </Confirm>
      ) : null}
    </div>
  );
}

function Budget({ account }: { readonly account: string }) {
  const payer = useLoad((admin) => admin.budget(account), [account]);
  return (
    <Panel title="What its calls have cost">
      <Loading from={payer}>{(value) => <Spent payer={value} />}</Loading>
    </Panel>
  );
}

function Spent({ payer: { spending, currency, timeZone } }: { readonly payer: Payer }) {
  return (
    <>
      {spending.map((one) => (
        <div key={one.span}>
          <h3>{one.span === 'day' ? 'Today' : 'This month'}</h3>
          <Facts of={factsOf(one, currency)} />
        </div>
      ))}
      <p class="quiet">Days and months are those of {timeZone}. Budgets are set in the policy.</p>
    </>
  );
}

function factsOf({ spent, budget, left, until, unpricedCalls }: Spending, currency: string) {
  const unpriced =
    unpricedCalls === 0 ? [] : [['Not in it', `${counted(unpricedCalls, 'call')} without a known price`] as const];
  return [
    ['Spent', money(spent, currency)] as const,
    ['Budget', budget === null ? 'no limit' : money(budget, currency)] as const,
    ...(left === null
      ? []
      : [['Left', left < 0 ? `none, ${money(-left, currency)} over it` : money(left, currency)] as const]),
    ['Until', <Time key="until" at={until} />] as const,
    ...unpriced,
  ];
}

function Title({ account, onChanged }: { readonly account: Account; readonly onChanged: () => void }) {
  const [title, setTitle] = useState(account.title);
  const act = useAct();
  const submit = async () => {
    const done = await act.run(async (admin) => {
      await admin.changeAccount(account.id, { title });
      return 'The title is changed.';
    });
    if (done) onChanged();
  };
  return (
    <Panel title="Title">
      <Form label="Title" inline onSubmit={() => void submit()}>
        <TextField label="As people call it" value={title} error={act.fault?.fields['/title']} onInput={setTitle} />
        <Button type="submit" busy={act.busy} disabled={title === account.title}>
          Change
        </Button>
      </Form>
      <Outcome act={act} />
    </Panel>
  );
}
