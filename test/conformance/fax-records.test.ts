import { testDatabases } from '../postgres.ts';
import { faxRecordsConformance } from './fax-records.ts';
import { startRecords } from './fax-records-backend.ts';

for (const database of await testDatabases()) {
  faxRecordsConformance(database.name, () => startRecords(database));
}
