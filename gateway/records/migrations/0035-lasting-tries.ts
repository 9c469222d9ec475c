/**
 * Tries of log-ins in a row are counted until one is right, so the count of somebody who can log in lasts; that of a name
 * that nobody has is forgotten within the hour, or guessers of names would fill the disk.
 */
export const LASTING_TRIES = `
alter table login_tries add column lasting boolean not null default false;
`;
