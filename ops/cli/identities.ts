import type { IdentityProvider, UserIdentity } from '../../api/client/index.ts';
import { userOf } from './administration.ts';
import type { Command } from './command.ts';
import { CliError } from './exit-status.ts';
import { clean, columns } from './text.ts';

/** `sealfax user identity` and the providers: who users are at OpenID providers. */
export const identityCommands: Readonly<Record<string, Command>> = {
  'user identity': {
    summary: 'who a user is at an OpenID provider; changes end the user’s sessions',
    usage: 'ACCOUNT USER [--provider NAME --subject SUB | --remove]',
    words: [2, 2],
    options: {
      provider: { type: 'string', value: 'NAME', about: 'of SEALFAX_OIDC, as "sealfax identity-providers" lists them' },
      subject: { type: 'string', value: 'SUB', about: '`sub` of the tokens that the provider makes for the user' },
      remove: { type: 'boolean', about: 'the user is nobody there any more' },
    },
    more: 'The account of administrators is called admin.',
    async run(context, args) {
      const [provider, subject] = [args.text('provider'), args.text('subject')];
      if ((provider === undefined) !== (subject === undefined) || (args.flag('remove') && provider !== undefined))
        throw new CliError('usage', '--provider goes with --subject, and --remove alone');
      const admin = await context.admin();
      const { id, name } = await userOf(admin, args.words[0], args.words[1]);
      if (args.flag('remove')) await admin.unlinkIdentity(id);
      else if (provider !== undefined && subject !== undefined) await admin.linkIdentity(id, { provider, subject });
      const identity = await admin.identityOf(id);
      context.show({ identity }, identity === null ? `${name} is nobody at a provider` : identityText(name, identity));
      return 'ok';
    },
  },
  'identity-providers': {
    summary: 'the OpenID providers of the gateway, and who comes in by each',
    usage: '',
    words: [0, 0],
    options: {},
    async run(context) {
      const all = await (await context.admin()).identityProviders();
      if (context.json) for (const one of all) context.show(one, '');
      else context.io.out(`${columns(['name', 'title', 'issuer', 'opens'], all.map(providerRow))}\n`);
      return 'ok';
    },
  },
};

function identityText(name: string, { provider, issuer, subject }: UserIdentity): string {
  return `${name} is ${clean(subject)} at ${provider ?? issuer}`;
}

function providerRow({ name, title, issuer, opens }: IdentityProvider): string[] {
  const doors = [...(opens.admin ? ['administrators'] : []), ...(opens.api ? ['API users'] : [])];
  return [name, clean(title), issuer, doors.length === 0 ? 'nobody' : doors.join(', ')];
}
