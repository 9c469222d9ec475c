import { useState } from 'preact/hooks';
import type { Admin } from '../../client/browser.ts';
import { letsIn, networkOf } from '../cidr.ts';
import { Button, Form, Notice, Outcome, TextField } from '../components/index.ts';
import { entriesOf } from '../policy-fields.ts';
import { useAct } from '../session.tsx';

/** @see Addresses */
export interface AddressesParts {
  readonly cidrs: readonly string[];
  readonly hint: string;
  /** Where the person of these rules is now, when it is the one in front of the page: rules have to let it in. */
  readonly own?: string | undefined;
  /** They are shown and cannot be changed. */
  readonly fixed?: boolean;
  readonly save: (admin: Admin, rules: readonly string[]) => Promise<unknown>;
  readonly onSaved: () => void;
}

/** CIDR rules: from where somebody may come. Rules that would lock out who types them are not sent. */
export function Addresses({ cidrs, hint, own, fixed, save, onSaved }: AddressesParts) {
  const [typed, setTyped] = useState(cidrs.join('\n'));
  const act = useAct();
  const rules = entriesOf(typed);
  const unread = rules.filter((rule) => networkOf(rule) === undefined);
  const lockedOut = own !== undefined && unread.length === 0 && letsIn(rules, own) !== true;
  const changed = rules.join(' ') !== cidrs.join(' ');
  const submit = async () => {
    if (lockedOut || unread.length > 0) return;
    const done = await act.run(async (admin) => {
      await save(admin, rules);
      return rules.length === 0 ? 'Every address is let in now.' : 'The addresses are changed.';
    });
    if (done) onSaved();
  };
  return (
    <Form label="Addresses" onSubmit={() => void submit()}>
      <TextField
        label="Addresses and networks"
        hint={`One a line, such as 192.0.2.0/24 or 2001:db8::/32; empty: everywhere. ${hint}`}
        value={typed}
        error={unread.length === 0 ? act.fault?.fields['/cidrs'] : `Not an address or network: ${unread.join(', ')}`}
        onInput={setTyped}
        disabled={fixed === true}
        rows={3}
        mono
      />
      {lockedOut ? (
        <Notice kind="warning" title="You would lock yourself out.">
          You are here from {own}, which these rules do not let in. Add it before you save.
        </Notice>
      ) : null}
      <Outcome act={act} />
      {fixed === true ? null : (
        <p class="actions">
          <Button type="submit" busy={act.busy} disabled={!changed || lockedOut || unread.length > 0}>
            Save the addresses
          </Button>
        </p>
      )}
    </Form>
  );
}
