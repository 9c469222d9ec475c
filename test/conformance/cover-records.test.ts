import { testDatabases } from '../postgres.ts';
import { coverRecordsConformance } from './cover-records.ts';
import { startRecords } from './fax-records-backend.ts';

for (const database of await testDatabases()) {
  coverRecordsConformance(database.name, () => startRecords(database));
}
