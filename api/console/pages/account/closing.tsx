import { useState } from 'preact/hooks';
import { Button, Confirm, FaultNotice, NumberField, Panel, TextField, Time } from '../../components/index.ts';
import { useMay } from '../../rights.ts';
import { useAct } from '../../session.tsx';
import type { AccountParts } from '../account.tsx';

/** How long a closed account may be opened again when nobody says otherwise, days. */
const DAYS = 30;

/** The end of an account, and its revocation while there is time; for administrators of all accounts. */
export function Closing(parts: AccountParts) {
  const mayClose = useMay('admin');
  const { closedAt, erasedAt } = parts.account;
  if (!mayClose) return null;
  if (erasedAt !== null) return <Erased {...parts} />;
  return closedAt === null ? <Close {...parts} /> : <Reopen {...parts} />;
}

function Close({ account: { id, name }, onChanged }: AccountParts) {
  const [asked, setAsked] = useState(false);
  const [days, setDays] = useState<number | null>(DAYS);
  const [typed, setTyped] = useState('');
  const act = useAct();
  const close = async () => {
    if (typed.trim() !== name || days === null) return;
    if (!(await act.run((admin) => admin.closeAccount(id, days)))) return;
    setAsked(false);
    onChanged();
  };
  return (
    <Panel title="Close the account">
      <p class="quiet">
        Sessions end, faxes under way are cancelled, images wiped, webhooks switched off. Some days later secrets,
        webhooks and covers are erased; call records, receipts and the audit log stay.
      </p>
      <p class="actions">
        <Button kind="danger" onPress={() => setAsked(true)}>
          Close {name}
        </Button>
      </p>
      {asked ? (
        <Confirm
          title={`Close ${name}`}
          verb="Close it"
          danger
          busy={act.busy}
          onConfirm={() => void close()}
          onClose={() => setAsked(false)}
        >
          <FaultNotice fault={act.fault} />
          <p>
            Nobody of it logs in from now on, and its faxes are cancelled at once. That is not taken back by opening it
            again.
          </p>
          <NumberField
            label="Days in which it may be opened again"
            hint="0 to 365. After them it is erased, which nobody can take back."
            value={days}
            error={act.fault?.fields['/days']}
            onInput={setDays}
            min={0}
            max={365}
            required
          />
          <TextField label={`Its name, ${name}, to be sure`} value={typed} onInput={setTyped} mono required />
        </Confirm>
      ) : null}
    </Panel>
  );
}

function Reopen({ account: { id, name, closedAt, eraseAt }, onChanged }: AccountParts) {
  const act = useAct();
  const reopen = async () => {
    if (await act.run((admin) => admin.reopenAccount(id))) onChanged();
  };
  return (
    <Panel title="Closed">
      <p>
        {name} was closed <Time at={closedAt} ago />. It is erased <Time at={eraseAt} />, and nobody can open it again
        then.
      </p>
      <FaultNotice fault={act.fault} />
      <p class="actions">
        <Button busy={act.busy} onPress={() => void reopen()}>
          Open it again
        </Button>
        <span class="quiet">With its users, secrets and numbers; its webhooks stay off.</span>
      </p>
    </Panel>
  );
}

function Erased({ account: { name, erasedAt } }: AccountParts) {
  return (
    <Panel title="Erased">
      <p>
        What {name} needed to work was erased <Time at={erasedAt} ago />. Its call records, receipts and audit entries
        stay as long as their own rules say.
      </p>
    </Panel>
  );
}
