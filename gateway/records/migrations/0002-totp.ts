/**
 * A second step at log-in. The secret is sealed under the gateway's record-seal key with the user's id as context, so
 * that the column alone computes no code; `totp_step` is the time step of the last code accepted, which is used once.
 */
export const TOTP = `
alter table users
  add column totp_secret bytea,
  add column totp_step bigint not null default 0;
`;
