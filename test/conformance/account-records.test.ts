import { testDatabases } from '../postgres.ts';
import { accountRecordsConformance } from './account-records.ts';
import { startRecords } from './fax-records-backend.ts';

for (const database of await testDatabases()) {
  accountRecordsConformance(database.name, () => startRecords(database));
}
