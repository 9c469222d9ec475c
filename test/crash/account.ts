import { connectAdmin } from '../../api/client/index.ts';
import type { Order } from './customer.ts';

/** Prepares the account of the first start for `orders`: patient with calls, and with the numbers that ring through. */
export async function prepareAccount(connection: string, secret: string, orders: readonly Order[]): Promise<void> {
  const admin = connectAdmin(connection, secret);
  const [account] = await admin.accounts();
  if (account === undefined) throw new Error('the first start made no account');
  const policy = { uncertainHold: 2, retries: 20, retryInterval: 5, channels: 4, csid: 'CRASH' };
  await admin.changeAccount(account.id, { policy });
  await admin.addNumber(account.id, { number: '+15557780000' });
  for (const { own, to } of orders) if (own) await admin.addNumber(account.id, { number: to });
  await admin.close();
}
